using Prometheus;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>How the service itself does: counters of samples and messages, lag, saves. Read off when somebody scrapes.</summary>
internal sealed class ServiceMetrics
{
    /// <summary>Least bucket of the scoring histogram, 1 µs; sixteen that double each time reach 33 ms.</summary>
    private const double LeastBucket = 1e-6;

    private readonly FleetCounts _counts;
    private readonly IngestStatus? _ingest;
    private readonly Counter _accepted, _outOfOrder, _dropped, _messages, _missed, _scattered, _malformed, _deadLetters, _steps, _saves;
    private readonly Gauge _lag, _delay, _up;
    private readonly HashSet<SourcePartition> _lagging = [];

    public ServiceMetrics(CollectorRegistry registry, FleetCounts counts, IngestStatus? ingest)
    {
        (_counts, _ingest) = (counts, ingest);
        var metrics = Metrics.WithCustomRegistry(registry);
        _accepted = metrics.CreateCounter(MetricNames.SamplesAccepted, "Samples that count");
        _outOfOrder = metrics.CreateCounter(MetricNames.SamplesOutOfOrder, "Samples that count though a newer one of the asset came first");
        _dropped = metrics.CreateCounter(MetricNames.SamplesDropped, "Samples that do not count", "reason");
        _messages = metrics.CreateCounter(MetricNames.Messages, "Messages read");
        _missed = metrics.CreateCounter(MetricNames.MessagesMissed, "Messages that the brokers had removed before they were read");
        _scattered = metrics.CreateCounter(MetricNames.ScatteredAssets, "Assets whose samples came from more than one partition");
        _malformed = metrics.CreateCounter(MetricNames.MessagesMalformed, "Messages that were put aside", "reason");
        _deadLetters = metrics.CreateCounter(MetricNames.DeadLetters, "Malformed messages that the dead-letter topic has taken, or has not", "outcome");
        _steps = metrics.CreateCounter(MetricNames.Steps, "Asset steps that were scored");
        _saves = metrics.CreateCounter(MetricNames.StateSaves, "Snapshots of state and offsets", "outcome");
        _lag = metrics.CreateGauge(MetricNames.ConsumerLag, "Messages that wait in a partition", "topic", "partition");
        _delay = metrics.CreateGauge(MetricNames.EventDelay, "From the newest event time of the last message to when it was read");
        _up = metrics.CreateGauge(MetricNames.IngestUp, "1 when brokers answer and partitions are assigned");
        counts.Duration = metrics.CreateHistogram(MetricNames.ScoringDuration, "Time that scoring one step of one asset took",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(LeastBucket, 2, 16) });
        registry.AddBeforeCollectCallback(Refresh);
    }

    internal void Refresh()
    {
        _accepted.IncTo(_counts.Accepted);
        _outOfOrder.IncTo(_counts.OutOfOrder);
        foreach (var reason in Enum.GetValues<DropReason>().Where(r => r != DropReason.None)) _dropped.WithLabels(reason.Text()).IncTo(_counts.Dropped(reason));
        _steps.IncTo(_counts.Steps);
        if (_ingest is null) return;
        _messages.IncTo(_ingest.Messages);
        _missed.IncTo(_ingest.Missed);
        _scattered.IncTo(_ingest.Scattered);
        foreach (var fault in Enum.GetValues<MessageFault>().Where(f => f != MessageFault.None)) _malformed.WithLabels(fault.Text()).IncTo(_ingest.Faults(fault));
        _deadLetters.WithLabels("taken").IncTo(_ingest.DeadLetters);
        _deadLetters.WithLabels("lost").IncTo(_ingest.LostDeadLetters);
        _saves.WithLabels("done").IncTo(_ingest.Saves);
        _saves.WithLabels("refused").IncTo(_ingest.FailedSaves);
        _delay.Set(_ingest.Delay.TotalSeconds);
        _up.Set(_ingest.IsConnected ? 1 : 0);
        lock (_lagging)
        {
            foreach (var gone in _lagging.Where(p => !_ingest.Lag.ContainsKey(p)).ToList())
            {
                _lag.RemoveLabelled(Labels(gone));
                _lagging.Remove(gone);
            }
            foreach (var (partition, lag) in _ingest.Lag)
            {
                _lagging.Add(partition);
                _lag.WithLabels(Labels(partition)).Set(lag);
            }
        }
    }

    private static string[] Labels(SourcePartition partition) =>
        [partition.Topic, partition.Partition.ToString(System.Globalization.CultureInfo.InvariantCulture)];
}
