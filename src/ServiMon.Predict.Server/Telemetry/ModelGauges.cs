using Prometheus;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>The champions, and how good their predictions turned out to be.</summary>
internal sealed class ModelGauges
{
    private readonly Func<IReadOnlyList<ChampionFacts>> _champions;
    private readonly Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> _scores;
    private readonly Gauge _model, _trained, _brier, _calibration, _resolved;
    private readonly Dictionary<string, string[]> _shown = [];

    public ModelGauges(CollectorRegistry registry, Func<IReadOnlyList<ChampionFacts>> champions, Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> scores)
    {
        (_champions, _scores) = (champions, scores);
        var metrics = Metrics.WithCustomRegistry(registry);
        _model = metrics.CreateGauge(MetricNames.ModelDetails, "1 for the model that gives the predictions of a profile", "profile", "model", "basis", "code_version");
        _trained = metrics.CreateGauge(MetricNames.ModelTrained, "End of the history that the model was trained on", "profile");
        _brier = metrics.CreateGauge(MetricNames.BrierScore, "Mean squared error of resolved predictions, recent ones counting most", "profile", "horizon");
        _calibration = metrics.CreateGauge(MetricNames.CalibrationError, "Expected calibration error of resolved predictions, recent ones counting most", "profile", "horizon");
        _resolved = metrics.CreateGauge(MetricNames.ResolvedPredictions, "Resolved predictions that the live scores rest on", "profile", "horizon");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_shown)
        {
            var champions = _champions();
            foreach (var gone in _shown.Keys.Where(k => champions.All(c => c.Profile != k)).ToList()) Drop(gone);
            foreach (var (profile, id, manifest) in champions)
            {
                if (_shown.TryGetValue(profile, out var before) && before[1] == id) continue;
                Drop(profile);
                _model.WithLabels(_shown[profile] = [profile, id, manifest.Basis.Text(), manifest.CodeVersion]).Set(1);
                _trained.WithLabels(profile).Set(manifest.TrainedUntil.ToUnixTimeMilliseconds() / 1000.0);
            }
        }
        foreach (var (profile, horizon, score) in _scores())
        {
            _brier.WithLabels(profile, horizon).Set(score.Brier);
            _calibration.WithLabels(profile, horizon).Set(score.CalibrationError);
            _resolved.WithLabels(profile, horizon).Set(score.Count);
        }
    }

    private void Drop(string profile)
    {
        if (!_shown.Remove(profile, out var labels)) return;
        _model.RemoveLabelled(labels);
        _trained.RemoveLabelled(profile);
    }
}
