using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class PushSorterTests
{
    private const long Second = 1_000_000_000;
    private static readonly long Base = LiveFleets.Start.ToUnixTimeSeconds() * Second;

    private static PushSorter Sorter(IngestBounds? bounds = null, string? only = null) =>
        new([LiveFleets.WithoutModel()], only, bounds ?? new IngestBounds(), LiveFleets.Start.AddSeconds(100).UtcTicks);

    private static V1.SampleBatch Batch() => new()
    {
        Profile = "broker", Asset = "b-1", Metrics = { "nothing", "queue", "cpu" }, BaseTimeUnixNanos = Base,
        TimeOffsetNanos = { 0, 0, Second, 2 * Second, 200 * Second }, MetricIndex = { 0, 2, 1, 2, 2 }, Value = { 1, 2, 3, double.NaN, 5 },
    };

    private static List<(string Profile, string Asset, string Metric, long UnixNanos, double Value)> Flat(PushSorter sorter) =>
        [.. sorter.Messages().SelectMany(m => m.Value.Select((v, i) => (m.Profile, m.Asset, m.Metrics[(int)m.MetricIndex[i]], m.BaseTimeUnixNanos + m.TimeOffsetNanos[i], v)))];

    [Fact]
    public void Samples_that_cannot_count_are_named_with_their_reason_and_the_others_go_on()
    {
        var sorter = Sorter();
        sorter.Add(Batch(), 4);
        Assert.Equal(new Dictionary<string, long> { ["unknown_series"] = 1, ["not_finite"] = 1, ["ahead"] = 1 }, sorter.Receipt.Dropped);
        Assert.Equal([("batches[4].value[0]", "unknown_series"), ("batches[4].value[3]", "not_finite"), ("batches[4].value[4]", "ahead")], sorter.Receipt.FirstDropped);
        Assert.Equal(2, sorter.Receipt.Accepted);
        Assert.Equal([("broker", "b-1", "cpu", Base, 2), ("broker", "b-1", "queue", Base + Second, 3)], Flat(sorter));
    }

    [Fact]
    public void A_series_finds_profile_and_asset_by_its_labels()
    {
        var sorter = Sorter();
        var series = new V1.LabelledSeries { Metric = "cpu", Labels = { ["instance"] = "b-2", ["job"] = "kafka" }, BaseTimeUnixNanos = Base, TimeOffsetNanos = { Second }, Value = { 7 } };
        sorter.Add(series, 0);
        var nameless = series.Clone();
        nameless.Labels.Remove("instance");
        sorter.Add(nameless, 1);
        Assert.Equal([("broker", "b-2", "cpu", Base + Second, 7)], Flat(sorter));
        Assert.Equal([("series[1].value[0]", "unknown_series")], sorter.Receipt.FirstDropped);
    }

    [Fact]
    public void The_series_of_an_asset_are_put_in_order_of_time_so_that_none_closes_the_steps_of_another()
    {
        var sorter = Sorter();
        foreach (var metric in new[] { "cpu", "queue" })
            sorter.Add(new V1.LabelledSeries { Metric = metric, Labels = { ["instance"] = "b" }, BaseTimeUnixNanos = Base, TimeOffsetNanos = { 60 * Second, 0, 30 * Second }, Value = { 3, 1, 2 } }, 0);
        Assert.Equal([0, 0, 30, 30, 60, 60], Flat(sorter).Select(s => (s.UnixNanos - Base) / Second));
        Assert.Single(sorter.Messages());
    }

    [Fact]
    public void A_topic_bound_to_one_profile_takes_no_other()
    {
        var sorter = Sorter(only: "host");
        sorter.Add(Batch(), 0);
        Assert.Empty(sorter.Messages());
        Assert.Equal(5, sorter.Receipt.Dropped["unknown_series"]);
    }

    [Fact]
    public void What_does_not_fit_into_one_message_is_split_and_each_part_can_be_read()
    {
        var bounds = new IngestBounds { MessageBytes = 2000, MessageSamples = 100 };
        var batch = new V1.SampleBatch { Profile = "broker", Asset = "b-1", Metrics = { "cpu", "queue" }, BaseTimeUnixNanos = Base };
        for (var i = 0; i < 1000; i++)
        {
            batch.TimeOffsetNanos.Add(i * Second / 100);
            batch.MetricIndex.Add((uint)(i % 2));
            batch.Value.Add(i);
        }
        var sorter = Sorter(bounds);
        sorter.Add(batch, 0);
        var messages = sorter.Messages();
        Assert.All(messages, m => Assert.InRange(m.CalculateSize(), 1, 2000));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (double)i), messages.SelectMany(m => m.Value));
        var parsed = new ParsedSamples(100);
        foreach (var message in messages)
        {
            parsed.Clear();
            Assert.Equal(MessageFault.None, new ServimonBatch().Parse(Google.Protobuf.MessageExtensions.ToByteArray(message), parsed));
        }
    }
}
