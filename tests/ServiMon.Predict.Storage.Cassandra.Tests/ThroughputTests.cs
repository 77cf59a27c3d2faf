using System.Diagnostics;
using System.Globalization;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>
/// Prints how fast the store is against the server at hand: 20 assets with 20 metrics at one minute, over two days or as many as
/// <c>SERVIMON_CASSANDRA_DAYS</c> says (30 for a fiftieth of 1,000 assets over a month).
/// </summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const string Fleet = "host";
    private const int AssetCount = 20, MetricCount = 20, DayRows = 1440;

    private static readonly string[] Metrics = [.. Enumerable.Range(0, MetricCount).Select(i => $"m{i}")];
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_in_and_out_and_windows_for_training()
    {
        using var open = new OpenStore();
        var store = open.Store.History;
        var days = int.Parse(Environment.GetEnvironmentVariable("SERVIMON_CASSANDRA_DAYS") ?? "2", CultureInfo.InvariantCulture);
        await store.AppendAsync("warm-up", [Day("a", 0)], Ct);
        await foreach (var _ in store.ReadAsync(new HistoryQuery { Profile = "warm-up" }, Ct)) { }
        await Measure("in, a day of 4 assets a call", AssetCount * days * DayRows, async () =>
        {
            for (var day = 0; day < days; day++)
                for (var first = 0; first < AssetCount; first += 4)
                    await store.AppendAsync(Fleet, [.. Enumerable.Range(first, 4).Select(a => Day($"asset-{a:00}", day))], Ct);
        });
        await Measure("out, everything", AssetCount * days * DayRows, () => ReadAsync(store, new HistoryQuery { Profile = Fleet }, AssetCount * days * DayRows));
        // What training reads: six hours before each of some incidents, of one asset each.
        var windows = Enumerable.Range(0, AssetCount * days).Select(i => new HistoryQuery
        {
            Profile = Fleet, Assets = [$"asset-{i % AssetCount:00}"], From = Start.AddDays(i / AssetCount).AddHours(i % 18), To = Start.AddDays(i / AssetCount).AddHours(i % 18 + 6),
        }).ToArray();
        await Measure("out, windows of 6 h, 8 at once", windows.Length * 360, () => Parallel.ForEachAsync(windows, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Ct },
            async (window, _) => await ReadAsync(store, window, 360)));
        var live = Enumerable.Range(0, 20).Select(step => Enumerable.Range(0, 200).Select(a => Row($"live-{a:000}", step)).ToArray()).ToArray();
        await Measure("in, single rows of 200 assets a call", 20 * 200, async () =>
        {
            foreach (var step in live) await store.AppendAsync(Fleet, step, Ct);
        });
        Assert.Equal(AssetCount + 200, (await store.ListAssetsAsync(Fleet, Ct)).Count);
    }

    private async Task Measure(string what, int rows, Func<Task> work)
    {
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await work();
        var (seconds, cpu) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {rows} rows in {seconds:0.0} s, {rows / seconds:0} rows/s, {rows * (double)MetricCount / seconds:0} values/s; {rows / cpu:0} rows a second of this process's CPU time"));
    }

    private static async Task ReadAsync(IHistoryStore store, HistoryQuery query, int expected)
    {
        var rows = 0;
        await foreach (var piece in store.ReadAsync(query, Ct)) rows += piece.Count;
        Assert.Equal(expected, rows);
    }

    private static AssetRows Day(string asset, int day) => Walk(asset, Start.AddDays(day).UtcTicks, DayRows, day);

    private static AssetRows Row(string asset, int step) => Walk(asset, Start.AddMinutes(step).UtcTicks, 1, step);

    private static AssetRows Walk(string asset, long start, int count, int seed)
    {
        var random = new Random(seed);
        var values = new double[count * MetricCount];
        for (var i = 0; i < values.Length; i++) values[i] = Math.Round((i < MetricCount ? 50 : values[i - MetricCount]) + random.NextDouble() - 0.5, 3);
        return new AssetRows(asset, Metrics, [.. Enumerable.Range(0, count).Select(i => start + i * TimeSpan.TicksPerMinute)], values);
    }
}
