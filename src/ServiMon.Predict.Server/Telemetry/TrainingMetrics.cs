using Prometheus;
using ServiMon.Predict.Server.Scheduling;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>Training runs of this instance: how many ended how, whether one is under way, and how long the last one took.</summary>
internal sealed class TrainingMetrics
{
    private readonly TrainingRuns _runs;
    private readonly IReadOnlyList<string> _profiles;
    private readonly Counter _ended;
    private readonly Gauge _running, _progress, _succeeded, _duration;
    private readonly Lock _gate = new();
    private HashSet<string> _counted = [];

    public TrainingMetrics(CollectorRegistry registry, TrainingRuns runs, IReadOnlyList<string> profiles)
    {
        (_runs, _profiles) = (runs, profiles);
        var metrics = Metrics.WithCustomRegistry(registry);
        _ended = metrics.CreateCounter(MetricNames.TrainingRuns, "Training runs that ended: with a new champion, with a candidate, failed or cancelled", "profile", "outcome");
        _running = metrics.CreateGauge(MetricNames.TrainingRunning, "1 while a training run is under way", "profile");
        _progress = metrics.CreateGauge(MetricNames.TrainingProgress, "Share of the present stage of the training run that is done; 0 when none is under way", "profile");
        _succeeded = metrics.CreateGauge(MetricNames.TrainingSucceeded, "When the last training run ended with a model; 0 for never since the start of the service", "profile");
        _duration = metrics.CreateGauge(MetricNames.TrainingDuration, "How long the last training run took that ended", "profile");
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        lock (_gate)
        {
            var runs = _runs.List();
            foreach (var profile in _profiles)
            {
                var current = runs.FirstOrDefault(r => r.Order.Profile == profile && r.State == TrainingRunState.Running);
                _running.WithLabels(profile).Set(current is null ? 0 : 1);
                _progress.WithLabels(profile).Set(current?.StageShare ?? 0);
                _succeeded.WithLabels(profile);
                foreach (var outcome in (ReadOnlySpan<string>)["champion", "candidate", "failed", "cancelled"]) _ended.WithLabels(profile, outcome);
            }
            // Oldest first, so that the last one to end is what stays.
            foreach (var run in runs.Where(r => r.Ended is not null && !_counted.Contains(r.Id)).OrderBy(r => r.Ended)) Count(run);
            _counted = [.. runs.Where(r => r.Ended is not null).Select(r => r.Id)];
        }
    }

    private void Count(TrainingRun run)
    {
        var outcome = run.State switch
        {
            TrainingRunState.Succeeded => run.Outcome is { Promoted: true } ? "champion" : "candidate",
            TrainingRunState.Cancelled => "cancelled",
            _ => "failed",
        };
        _ended.WithLabels(run.Order.Profile, outcome).Inc();
        _duration.WithLabels(run.Order.Profile).Set((run.Ended!.Value - run.Started).TotalSeconds);
        if (run.State == TrainingRunState.Succeeded) _succeeded.WithLabels(run.Order.Profile).Set(run.Ended.Value.ToUnixTimeMilliseconds() / 1000.0);
    }
}
