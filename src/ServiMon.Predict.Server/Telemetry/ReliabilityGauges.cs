using Prometheus;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>Resolved predictions by bin of probability: how many, how many an incident should have followed, and how many one did.</summary>
internal sealed class ReliabilityGauges
{
    private readonly Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> _scores;
    private readonly Gauge _predictions, _expected, _observed;

    public ReliabilityGauges(CollectorRegistry registry, Func<IReadOnlyList<(string Profile, string Horizon, LiveScore Score)>> scores)
    {
        _scores = scores;
        var metrics = Metrics.WithCustomRegistry(registry);
        Gauge Make(string name, string help) => metrics.CreateGauge(name, $"{help}, recent ones counting most", "profile", "horizon", "bin");
        _predictions = Make(MetricNames.ReliabilityPredictions, "Resolved predictions by bin of probability");
        _expected = Make(MetricNames.ReliabilityExpected, "Resolved predictions that an incident should have followed: the sum of their probabilities");
        _observed = Make(MetricNames.ReliabilityObserved, "Resolved predictions that an incident followed");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        foreach (var (profile, horizon, score) in _scores())
            foreach (var bin in score.Reliability.All)
            {
                _predictions.WithLabels(profile, horizon, bin.Name).Set(bin.Predictions);
                _expected.WithLabels(profile, horizon, bin.Name).Set(bin.Expected);
                _observed.WithLabels(profile, horizon, bin.Name).Set(bin.Observed);
            }
    }
}
