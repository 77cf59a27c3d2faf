using Prometheus;
using ServiMon.Predict.Server.Scheduling;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>What retention does: how much this instance removed, and when any instance last did it.</summary>
internal sealed class RetentionMetrics
{
    private readonly RetentionWatch? _retention;
    private readonly Counter _runs, _removed;
    private readonly Gauge _succeeded;

    /// <param name="retention">Null where everything is kept: then nothing but the names is told.</param>
    public RetentionMetrics(CollectorRegistry registry, RetentionWatch? retention)
    {
        _retention = retention;
        var metrics = Metrics.WithCustomRegistry(registry);
        _runs = metrics.CreateCounter(MetricNames.RetentionRuns, "Times that this instance applied retention, or could not", "profile", "outcome");
        _removed = metrics.CreateCounter(MetricNames.RetentionRemoved, "Rows of history, predictions and models that this instance removed because they are no longer kept", "profile", "kind");
        _succeeded = metrics.CreateGauge(MetricNames.RetentionSucceeded, "When any instance last applied retention; 0 for never", "profile");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        if (_retention is null) return;
        foreach (var (profile, status) in _retention.Status)
        {
            _runs.WithLabels(profile, "done").IncTo(status.DoneCount);
            _runs.WithLabels(profile, "failed").IncTo(status.FailedCount);
            _removed.WithLabels(profile, "history").IncTo(status.Total.Rows);
            _removed.WithLabels(profile, "predictions").IncTo(status.Total.Predictions);
            _removed.WithLabels(profile, "models").IncTo(status.Total.Models);
            _succeeded.WithLabels(profile).Set((status.LastDone?.ToUnixTimeMilliseconds() ?? 0) / 1000.0);
        }
    }
}
