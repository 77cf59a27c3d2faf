using System.Globalization;
using Google.Protobuf;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>From message bytes to the board on one thread, without a broker: prints the rates. How fast it must be is checked on a quiet machine, not by a test.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int Assets = 100, Steps = 300;

    [Fact]
    public void Messages_of_one_sample()
    {
        var messages = new List<byte[]>();
        for (var step = 0; step < Steps; step++)
            for (var asset = 0; asset < Assets; asset++)
                foreach (var metric in new[] { "cpu", "requests_total", "queue" }) messages.Add(LiveFleets.Json($"host-{asset}:9100", metric, 2 * step, step % 7));
        Measure("prometheus-json, one sample a message", new TopicOptions("t", "prometheus-json"), messages);
    }

    [Fact]
    public void Messages_that_no_profile_wants()
    {
        // Parsing and finding the series, and nothing after it.
        var messages = Enumerable.Range(0, 90_000).Select(i => LiveFleets.Json($"host-{i % Assets}:9100", "other", i / Assets, 1)).ToList();
        Run(new TopicOptions("t", "prometheus-json"), messages);
        var before = Environment.CpuUsage.TotalTime;
        var fleet = Run(new TopicOptions("t", "prometheus-json"), messages);
        var cpu = Environment.CpuUsage.TotalTime - before;
        Assert.Equal(90_000, fleet.Counts.Dropped(DropReason.UnknownSeries));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"prometheus-json, parsed and looked up: {90_000 / cpu.TotalSeconds:N0} samples per second of CPU"));
    }

    [Fact]
    public void Batches_of_sixty_samples()
    {
        var start = (LiveFleets.Start - DateTimeOffset.UnixEpoch).Ticks * 100;
        var messages = new List<byte[]>();
        for (var step = 0; step < Steps; step += 20)
            for (var asset = 0; asset < Assets; asset++)
            {
                var batch = new SampleBatch { Profile = "broker", Asset = $"host-{asset}", Metrics = { "cpu", "requests_total", "queue" }, BaseTimeUnixNanos = start };
                for (var i = 0; i < 60; i++)
                {
                    batch.TimeOffsetNanos.Add((step + i / 3) * 2_000_000_000L);
                    batch.MetricIndex.Add((uint)(i % 3));
                    batch.Value.Add(step % 7);
                }
                messages.Add(batch.ToByteArray());
            }
        Measure("servimon, 60 samples a message", new TopicOptions("t", "servimon"), messages);
    }

    private void Measure(string what, TopicOptions topic, List<byte[]> messages)
    {
        Run(topic, messages);
        var before = Environment.CpuUsage.TotalTime;
        var fleet = Run(topic, messages);
        var cpu = Environment.CpuUsage.TotalTime - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {fleet.Counts.Accepted / cpu.TotalSeconds:N0} samples per second of CPU, {cpu.TotalMicroseconds / fleet.Counts.Steps:F1} µs for a step with its three samples"));
        Assert.Equal(Assets * Steps * 3, fleet.Counts.Accepted);
    }

    private static LiveFleet Run(TopicOptions topic, List<byte[]> messages)
    {
        var fleet = new LiveFleet([LiveFleets.WithModel()], new IngestBounds(), new PredictionBoard(), TimeProvider.System);
        var reader = new MessageReader(topic, fleet, new IngestBounds(), TimeProvider.System);
        foreach (var message in messages) Assert.Equal(MessageFault.None, reader.Take(new SourcePartition("t", 0), message));
        return fleet;
    }
}
