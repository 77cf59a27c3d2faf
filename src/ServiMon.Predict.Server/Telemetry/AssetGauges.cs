using Prometheus;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>
/// What the board shows, as gauges. An asset that is not ready has no probability; the state gauge is 1 for the state it is in and 0 for the
/// others. Brought up to date when somebody scrapes.
/// </summary>
internal sealed class AssetGauges
{
    private static readonly PredictionState[] States = Enum.GetValues<PredictionState>();

    private readonly PredictionBoard _board;
    private readonly int _most;
    private readonly Func<string, IReadOnlyList<Profiles.Horizon>> _horizons;
    private readonly Gauge _probability;
    private readonly Gauge _state;
    private readonly Gauge _driver;
    private readonly Gauge _assets;
    private readonly Gauge _exported;
    private readonly Dictionary<AssetKey, AssetPrediction> _shown = [];

    /// <param name="most">Most assets that are exported; the first by profile and name.</param>
    /// <param name="horizons">The horizons of a profile: their texts are the labels.</param>
    public AssetGauges(CollectorRegistry registry, PredictionBoard board, int most, Func<string, IReadOnlyList<Profiles.Horizon>> horizons)
    {
        (_board, _most, _horizons) = (board, most, horizons);
        var metrics = Metrics.WithCustomRegistry(registry);
        _probability = metrics.CreateGauge(MetricNames.FailureProbability,
            "Probability that an incident of the asset starts within the horizon", "profile", "asset", "horizon");
        _state = metrics.CreateGauge(MetricNames.PredictionState, "1 for the state that the asset is in, 0 for the others", "profile", "asset", "state");
        _driver = metrics.CreateGauge(MetricNames.DriverShare, "Share of a functional group in what moved the probability", "profile", "asset", "group");
        _assets = metrics.CreateGauge(MetricNames.Assets, "Assets that have a prediction");
        _exported = metrics.CreateGauge(MetricNames.ExportedAssets, "Assets that have gauges");
        metrics.CreateGauge(MetricNames.ExportedAssetsLimit, "Most assets that get gauges").Set(most);
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_shown)
        {
            var keys = _board.Keys;
            _assets.Set(keys.Length);
            var wanted = new HashSet<AssetKey>();
            for (var i = 0; i < Math.Min(keys.Length, _most); i++)
                if (_board.TryGet(keys[i], out var prediction))
                {
                    wanted.Add(keys[i]);
                    Show(prediction);
                }
            foreach (var gone in _shown.Keys.Where(k => !wanted.Contains(k)).ToList()) Drop(gone);
            _exported.Set(_shown.Count);
        }
    }

    private void Show(AssetPrediction prediction)
    {
        var (profile, asset) = prediction.Key;
        var before = _shown.GetValueOrDefault(prediction.Key);
        if (ReferenceEquals(before, prediction)) return;
        _shown[prediction.Key] = prediction;
        if (before?.State != prediction.State)
            foreach (var state in States) _state.WithLabels(profile, asset, state.Text()).Set(state == prediction.State ? 1 : 0);
        var horizons = _horizons(profile);
        if (prediction.Probabilities.IsEmpty) RemoveProbabilities(prediction.Key, before);
        foreach (var (span, probability) in prediction.Probabilities)
            if (Text(horizons, span) is { } text) _probability.WithLabels(profile, asset, text).Set(probability);
        foreach (var driver in before?.Drivers ?? [])
            if (!prediction.Drivers.Any(d => d.Group == driver.Group)) _driver.RemoveLabelled(profile, asset, driver.Group);
        foreach (var driver in prediction.Drivers) _driver.WithLabels(profile, asset, driver.Group).Set(driver.Share);
    }

    private void Drop(AssetKey key)
    {
        _shown.Remove(key, out var before);
        foreach (var state in States) _state.RemoveLabelled(key.Profile, key.Asset, state.Text());
        RemoveProbabilities(key, before);
        foreach (var driver in before!.Drivers) _driver.RemoveLabelled(key.Profile, key.Asset, driver.Group);
    }

    private void RemoveProbabilities(AssetKey key, AssetPrediction? before)
    {
        foreach (var (span, _) in before?.Probabilities ?? [])
            if (Text(_horizons(key.Profile), span) is { } text) _probability.RemoveLabelled(key.Profile, key.Asset, text);
    }

    private static string? Text(IReadOnlyList<Profiles.Horizon> horizons, TimeSpan span)
    {
        foreach (var horizon in horizons)
            if (horizon.Span == span) return horizon.Text;
        return null;
    }
}
