using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Storage.Tests.Embedded;

/// <summary>Prints how fast the store and the CSV reader are here; how fast they must be is checked on a quiet machine, not by a test.</summary>
public class ThroughputTests(ITestOutputHelper output)
{
    private const string Fleet = "host";
    private const int MetricCount = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_in_bulk_and_in_small_appends_and_out_again()
    {
        using var open = new OpenStore();
        var store = open.Store.History;
        var fleet = Enumerable.Range(0, 4).Select(a => Walk($"asset-{a}", 0, 10_000, seed: a)).ToArray();
        await store.AppendAsync("warm-up", [Walk("a", 0, 5000, 9)], Ct);
        await foreach (var _ in store.ReadAsync(new HistoryQuery { Profile = "warm-up" }, Ct)) { }
        await Measure("bulk in", fleet.Sum(a => a.Values.Length), () => store.AppendAsync(Fleet, fleet, Ct));
        await Measure("out", fleet.Sum(a => a.Values.Length), async () =>
        {
            long rows = 0;
            await foreach (var piece in store.ReadAsync(new HistoryQuery { Profile = Fleet }, Ct)) rows += piece.Count;
            Assert.Equal(40_000, rows);
        });
        var live = Enumerable.Range(0, 20).Select(step => Enumerable.Range(0, 200).Select(a => Walk($"live-{a}", step, 1, seed: a)).ToArray()).ToArray();
        await Measure("in by single rows of 200 assets", 20 * 200 * MetricCount, async () =>
        {
            foreach (var step in live) await store.AppendAsync(Fleet, step, Ct);
        });
    }

    [Fact]
    public void Wide_samples()
    {
        using var folder = new TemporaryFolder();
        var metrics = Enumerable.Range(0, MetricCount).Select(i => $"m{i}").ToArray();
        SampleFile.WriteWide(folder.Path("s.csv"), new FleetHistory(metrics, [Walk("a", 0, 20_000, 1), Walk("b", 0, 20_000, 2)]));
        SampleFile.Read(folder.Path("s.csv"));
        var before = Environment.CpuUsage.TotalTime;
        Assert.Equal(40_000, SampleFile.Read(folder.Path("s.csv")).History.RowCount);
        output.WriteLine($"wide CSV: {new FileInfo(folder.Path("s.csv")).Length / 1e6 / (Environment.CpuUsage.TotalTime - before).TotalSeconds:F0} MB per second of CPU");
    }

    private async Task Measure(string what, long samples, Func<Task> work)
    {
        var before = Environment.CpuUsage.TotalTime;
        await work();
        output.WriteLine($"{what}: {samples / (Environment.CpuUsage.TotalTime - before).TotalSeconds / 1e6:F2} M samples per second of CPU");
    }

    /// <summary>Two-decimal random walks: what gauges in percent or milliseconds look like.</summary>
    private static AssetRows Walk(string asset, int start, int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count * MetricCount];
        for (var i = 0; i < values.Length; i++)
            values[i] = Math.Round((i < MetricCount ? 50 : values[i - MetricCount]) + random.NextDouble() - 0.5, 2);
        return new AssetRows(asset, [.. Enumerable.Range(0, MetricCount).Select(i => $"m{i}")],
            [.. Enumerable.Range(start, count).Select(i => i * TimeSpan.TicksPerMinute)], values);
    }
}
