using Prometheus;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Rekeying;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>How giving keys to topics goes. All are of the instance that does it; the others tell zeros.</summary>
internal static class RekeyMetrics
{
    private static readonly DropReason[] Reasons = [.. Enum.GetValues<DropReason>().Where(r => r != DropReason.None)];

    public static void Add(CollectorRegistry registry, IReadOnlyList<RekeyStatus> topics)
    {
        var metrics = Metrics.WithCustomRegistry(registry);
        var active = metrics.CreateGauge(MetricNames.RekeyActive, "1 where this instance gives keys to the topic", "topic");
        var messages = metrics.CreateCounter(MetricNames.RekeyMessages, "Messages of the topic that were read to be given keys", "topic", "outcome");
        var samples = metrics.CreateCounter(MetricNames.RekeySamples, "Samples that the brokers have taken under their key", "topic");
        var dropped = metrics.CreateCounter(MetricNames.RekeyDropped, "Samples that cannot count and got no key", "topic", "reason");
        var lag = metrics.CreateGauge(MetricNames.RekeyLag, "Messages that have no key yet", "topic");
        registry.AddBeforeCollectCallback(() =>
        {
            foreach (var topic in topics)
            {
                active.WithLabels(topic.Topic).Set(topic.IsActive ? 1 : 0);
                messages.WithLabels(topic.Topic, "read").IncTo(topic.Messages - topic.Malformed);
                messages.WithLabels(topic.Topic, "malformed").IncTo(topic.Malformed);
                samples.WithLabels(topic.Topic).IncTo(topic.Samples);
                foreach (var reason in Reasons) dropped.WithLabels(topic.Topic, reason.Text()).IncTo(topic.Dropped(reason));
                lag.WithLabels(topic.Topic).Set(topic.IsActive ? topic.Lag : 0);
            }
        });
    }
}
