using Prometheus;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>
/// How far the live values of each metric are from those that the champion was trained on. No reason to act by itself: see <see cref="DriftGauges"/>.
/// </summary>
internal sealed class InputGauges
{
    private readonly Func<IEnumerable<(string Profile, IEnumerable<InputDistance> Inputs)>> _profiles;
    private readonly Gauge _distance;
    private readonly HashSet<(string Profile, string Metric)> _shown = [];

    public InputGauges(CollectorRegistry registry, Func<IEnumerable<(string Profile, IEnumerable<InputDistance> Inputs)>> profiles)
    {
        _profiles = profiles;
        _distance = Metrics.WithCustomRegistry(registry).CreateGauge(
            MetricNames.InputDistance, "Largest difference between the shares of live values and of those trained on up to any value", "profile", "metric");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_shown)
        {
            var gone = _shown.ToHashSet();
            foreach (var (profile, inputs) in _profiles())
                foreach (var (metric, _, distance) in inputs)
                {
                    if (double.IsNaN(distance)) continue;
                    _distance.WithLabels(profile, metric).Set(distance);
                    _shown.Add((profile, metric));
                    gone.Remove((profile, metric));
                }
            foreach (var (profile, metric) in gone) _distance.RemoveLabelled(profile, metric);
            _shown.ExceptWith(gone);
        }
    }
}
