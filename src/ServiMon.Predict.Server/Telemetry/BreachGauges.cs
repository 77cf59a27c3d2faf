using Prometheus;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>The likeliest breaches of each asset that has gauges and is ready, and what estimating them costs.</summary>
internal sealed class BreachGauges
{
    /// <summary>Least bucket of the duration histogram, 1 ms; twelve that double each time reach 2 s.</summary>
    private const double LeastBucket = 1e-3;

    private readonly PredictionBoard _board;
    private readonly BreachWatch _watch;
    private readonly GaugedAssets _gauged;
    private readonly Gauge _probability, _error, _waiting, _approximation;
    private readonly Counter _estimates;
    private readonly Dictionary<AssetKey, AssetBreaches> _shown = [];

    public BreachGauges(CollectorRegistry registry, PredictionBoard board, BreachWatch watch, GaugedAssets gauged)
    {
        (_board, _watch, _gauged) = (board, watch, gauged);
        var metrics = Metrics.WithCustomRegistry(registry);
        _probability = metrics.CreateGauge(MetricNames.BreachProbability, "Probability that the metric passes its limit within the horizon; the likeliest metrics of each asset",
            "profile", "asset", "metric", "horizon");
        _error = metrics.CreateGauge(MetricNames.BreachError, "By how much computing the breach probability may be off: that of the quadrature", "profile", "asset", "metric", "horizon");
        _estimates = metrics.CreateCounter(MetricNames.BreachEstimates, "Metrics whose breach was estimated");
        _waiting = metrics.CreateGauge(MetricNames.BreachesWaiting, "Assets whose newest step has no breach estimate because the budget was used up");
        _approximation = metrics.CreateGauge(MetricNames.ApproximationError, "Largest such error among the probabilities that are told, of breaches by quadrature", "source");
        metrics.CreateGauge(MetricNames.BreachBudget, "Most metrics whose breach is estimated in a second").Set(watch.Options.PerSecond);
        watch.Duration = metrics.CreateHistogram(MetricNames.BreachDuration, "Time that one breach estimate took",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(LeastBucket, 2, 12) });
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_shown)
        {
            _estimates.IncTo(_watch.Estimates);
            _waiting.Set(_watch.Waiting);
            var wanted = new HashSet<AssetKey>();
            foreach (var key in _gauged.Choose())
            {
                if (!_board.TryGet(key, out var prediction) || prediction.State != PredictionState.Ready || _watch.Find(key) is not { } breaches) continue;
                wanted.Add(key);
                if (ReferenceEquals(_shown.GetValueOrDefault(key), breaches)) continue;
                Drop(key, keep: breaches);
                _shown[key] = breaches;
                foreach (var breach in breaches.Metrics)
                    foreach (var (horizon, estimate) in breach.Horizons)
                    {
                        _probability.WithLabels(key.Profile, key.Asset, breach.Metric, horizon.Text).Set(estimate.Probability);
                        _error.WithLabels(key.Profile, key.Asset, breach.Metric, horizon.Text).Set(estimate.StandardError);
                    }
            }
            _approximation.WithLabels("breach_quadrature").Set(_shown.Values.SelectMany(s => s.Metrics).SelectMany(m => m.Horizons).Select(h => h.Estimate.StandardError).DefaultIfEmpty().Max());
            foreach (var gone in _shown.Keys.Where(k => !wanted.Contains(k)).ToList()) Drop(gone, keep: null);
        }
    }

    private void Drop(AssetKey key, AssetBreaches? keep)
    {
        if (!_shown.Remove(key, out var before)) return;
        foreach (var breach in before.Metrics)
            foreach (var (horizon, _) in breach.Horizons)
            {
                if (keep?.Metrics.Any(m => m.Metric == breach.Metric && m.Horizons.Any(h => h.Horizon.Text == horizon.Text)) == true) continue;
                _probability.RemoveLabelled(key.Profile, key.Asset, breach.Metric, horizon.Text);
                _error.RemoveLabelled(key.Profile, key.Asset, breach.Metric, horizon.Text);
            }
    }
}
