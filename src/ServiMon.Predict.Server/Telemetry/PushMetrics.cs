using Prometheus;
using ServiMon.Predict.Server.Ingest;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>What became of samples that were pushed over gRPC.</summary>
internal static class PushMetrics
{
    /// <param name="push">Null when pushed samples are refused.</param>
    public static void Add(CollectorRegistry registry, SamplePush? push)
    {
        var samples = Metrics.WithCustomRegistry(registry).CreateCounter(MetricNames.SamplesPushed,
            "Samples pushed over gRPC: taken by the brokers, dropped because they cannot count, or failed with their request", "outcome");
        if (push is null) return;
        registry.AddBeforeCollectCallback(() =>
        {
            samples.WithLabels("taken").IncTo(push.Taken);
            samples.WithLabels("dropped").IncTo(push.Dropped);
            samples.WithLabels("failed").IncTo(push.Failed);
        });
    }
}
