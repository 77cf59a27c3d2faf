using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>What is sent is what the service reads.</summary>
public sealed class FeedFormatTests
{
    private static readonly DateTimeOffset Time = new(2024, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly FeedRow Row = new("drive", "array-1/\"el\" ü", ["probe_up", "missing", "odd_total"], new[] { 1, double.NaN, 0.1 + 0.2 });

    [Fact]
    public void As_prometheus_json_each_value_is_a_message()
    {
        var format = new PrometheusJson();
        var read = FeedFormat.Messages(FeedFormat.PrometheusJson, Time, Row).SelectMany(m => Read(format, m)).ToList();

        Assert.Equal([("probe_up", 1.0), ("odd_total", 0.1 + 0.2)], read.Select(r => (r.Series.Metric, r.Value)));
        Assert.All(read, r => Assert.Equal((Row.Asset, Time.UtcTicks), (r.Series.Label("asset"), r.Ticks)));
    }

    [Fact]
    public void As_servimon_batch_the_row_is_one_message_with_profile_and_asset()
    {
        var format = new ServimonBatch();
        var read = Read(format, Assert.Single(FeedFormat.Messages(FeedFormat.Servimon, Time, Row)));

        Assert.Equal([("probe_up", 1.0), ("odd_total", 0.1 + 0.2)], read.Select(r => (r.Series.Metric, r.Value)));
        Assert.All(read, r => Assert.Equal(("drive", Row.Asset, Time.UtcTicks), (r.Series.Profile, r.Series.Asset, r.Ticks)));
    }

    private static List<(SeriesIdentity Series, long Ticks, double Value)> Read(ISampleFormat format, byte[] message)
    {
        var parsed = new ParsedSamples();
        Assert.Equal(MessageFault.None, format.Parse(message, parsed));
        return [.. Enumerable.Range(0, parsed.Count).Select(i => (format.ReadIdentity(parsed.Identity(i))!, parsed.Ticks(i), parsed.Value(i)))];
    }
}
