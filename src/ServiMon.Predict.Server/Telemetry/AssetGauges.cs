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
    private readonly GaugedAssets _gauged;
    private readonly Func<string, IReadOnlyList<Profiles.Horizon>> _horizons;
    private readonly Gauge _probability;
    private readonly Gauge _state;
    private readonly Gauge _driver;
    private readonly Gauge _assets;
    private readonly Gauge _exported;
    private readonly Dictionary<AssetKey, AssetPrediction> _shown = [];

    /// <param name="horizons">The horizons of a profile: their texts are the labels.</param>
    public AssetGauges(CollectorRegistry registry, PredictionBoard board, GaugedAssets gauged, Func<string, IReadOnlyList<Profiles.Horizon>> horizons)
    {
        (_board, _gauged, _horizons) = (board, gauged, horizons);
        var metrics = Metrics.WithCustomRegistry(registry);
        _probability = metrics.CreateGauge(MetricNames.FailureProbability,
            "Probability that an incident of the asset starts within the horizon", "profile", "asset", "horizon");
        _state = metrics.CreateGauge(MetricNames.PredictionState, "1 for the state that the asset is in, 0 for the others", "profile", "asset", "state");
        _driver = metrics.CreateGauge(MetricNames.DriverShare, "Share of a functional group in what moved the probability", "profile", "asset", "group");
        _assets = metrics.CreateGauge(MetricNames.Assets, "Assets that have a prediction");
        _exported = metrics.CreateGauge(MetricNames.ExportedAssets, "Assets that have gauges");
        metrics.CreateGauge(MetricNames.ExportedAssetsLimit, "Most assets that get gauges").Set(gauged.Most);
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_shown)
        {
            _assets.Set(_board.Count);
            var wanted = _gauged.Choose();
            foreach (var gone in _shown.Keys.Where(k => !wanted.Contains(k)).ToList()) Drop(gone);
            foreach (var key in wanted)
                if (_board.TryGet(key, out var prediction)) Show(prediction);
                else if (_shown.ContainsKey(key)) Drop(key);
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
