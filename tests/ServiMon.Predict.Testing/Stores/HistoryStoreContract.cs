using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Testing.Stores;

/// <summary>What every history store must do. A test class per implementation derives from it and opens an empty store.</summary>
public abstract class HistoryStoreContract
{
    private const string Fleet = "kafka-broker";
    private static readonly string[] Metrics = ["cpu", "lag"];

    /// <summary>The store of this test, empty when the test starts.</summary>
    protected abstract IHistoryStore Store { get; }

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_appended_is_read_back_bit_for_bit()
    {
        double[] odd = [0.1, -0.0, double.MaxValue, double.Epsilon, double.NaN, double.NegativeInfinity, 1e-300, 12345678901234567];
        await Store.AppendAsync(Fleet, [new AssetRows("b/1 ü", Metrics, [5, 7, 8, long.MaxValue / 4], odd)], Ct);
        var read = Assert.Single(await ReadAll(new HistoryQuery { Profile = Fleet }));
        Assert.Equal("b/1 ü", read.Asset);
        Assert.Equal(Metrics, read.Metrics);
        Assert.Equal([5, 7, 8, long.MaxValue / 4], read.Ticks);
        Assert.Equal(odd.Select(BitConverter.DoubleToInt64Bits), read.Values.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public async Task Appending_again_leaves_one_row_and_counts()
    {
        var rows = Rows("a", 0, 100);
        Assert.Equal(new AppendCount(100, 0), await Store.AppendAsync(Fleet, [rows], Ct));
        Assert.Equal(new AppendCount(0, 100), await Store.AppendAsync(Fleet, [rows], Ct));
        Assert.Equal(new AppendCount(50, 50), await Store.AppendAsync(Fleet, [Rows("a", 50, 100)], Ct));
        AssertSame(Rows("a", 0, 150), await ReadAll(new HistoryQuery { Profile = Fleet }));
        Assert.Equal(150, Assert.Single(await Store.ListAssetsAsync(Fleet, Ct)).RowCount);
    }

    [Fact]
    public async Task The_later_value_wins_and_a_missing_one_erases_nothing()
    {
        await Store.AppendAsync(Fleet, [new AssetRows("a", Metrics, [10, 20], [1, 2, 3, double.NaN])], Ct);
        await Store.AppendAsync(Fleet, [new AssetRows("a", ["lag", "disk"], [20, 30], [4, 5, double.NaN, 6])], Ct);
        await Store.AppendAsync(Fleet, [new AssetRows("a", Metrics, [10], [9, double.NaN])], Ct);
        var read = Assert.Single(await ReadAll(new HistoryQuery { Profile = Fleet }));
        Assert.Equal(["cpu", "lag", "disk"], read.Metrics);
        Assert.Equal([10, 20, 30], read.Ticks);
        Assert.Equal([9, 2, double.NaN, 3, 4, 5, double.NaN, double.NaN, 6], read.Values);
        Assert.Equal(["cpu", "lag", "disk"], await Store.ListMetricsAsync(Fleet, Ct));
    }

    [Fact]
    public async Task A_deleted_asset_is_gone_and_may_come_again()
    {
        await Store.AppendAsync(Fleet, [Rows("a", 0, 5000), Rows("b", 0, 100)], Ct);
        await Store.AppendAsync(Fleet, [Rows("a", 5000, 10)], Ct);
        Assert.Equal(5010, await Store.DeleteAssetAsync(Fleet, "a", Ct));
        Assert.Equal(0, await Store.DeleteAssetAsync(Fleet, "a", Ct));
        Assert.Equal(0, await Store.DeleteAssetAsync("no such profile", "b", Ct));
        Assert.Equal(["b"], (await Store.ListAssetsAsync(Fleet, Ct)).Select(a => a.Asset));
        Assert.Empty(await ReadAll(new HistoryQuery { Profile = Fleet, Assets = ["a"] }));
        await Store.AppendAsync(Fleet, [Rows("a", 7, 3)], Ct);
        AssertSame(Rows("a", 7, 3), await ReadAll(new HistoryQuery { Profile = Fleet, Assets = ["a"] }));
    }

    [Fact]
    public async Task Any_order_of_pieces_gives_the_same_rows()
    {
        var random = new Random(7);
        var expected = new SortedDictionary<long, double>();
        for (var round = 0; round < 120; round++)
        {
            var start = round % 3 == 0 ? random.Next(2000) : 3000 + round * 10;
            var count = random.Next(1, round % 10 == 0 ? 900 : 12);
            var ticks = Enumerable.Range(start, count).Select(i => (long)i).ToArray();
            var values = ticks.Select(t => random.NextDouble()).ToArray();
            long replaced = ticks.Count(expected.ContainsKey);
            Assert.Equal(new AppendCount(count - replaced, replaced), await Store.AppendAsync(Fleet, [new AssetRows("a", ["m"], ticks, values)], Ct));
            for (var i = 0; i < count; i++) expected[ticks[i]] = values[i];
        }
        var read = await ReadAll(new HistoryQuery { Profile = Fleet, ChunkRows = 100 });
        Assert.Equal(expected.Keys, read.SelectMany(r => r.Ticks));
        Assert.Equal(expected.Values, read.SelectMany(r => r.Values));
        foreach (var (from, to) in new[] { (0, 10), (1500, 3100), (2999, 3000), (3500, 9999), (4, 4) })
        {
            var part = await ReadAll(new HistoryQuery { Profile = Fleet, From = At(from), To = At(to) });
            Assert.Equal(expected.Keys.Where(t => t >= from && t < to), part.SelectMany(r => r.Ticks));
        }
        var extent = Assert.Single(await Store.ListAssetsAsync(Fleet, Ct));
        Assert.Equal(new AssetExtent("a", At(expected.Keys.First()), At(expected.Keys.Last()), expected.Count), extent);
    }

    [Fact]
    public async Task One_row_at_a_time_reads_as_one_history()
    {
        for (var i = 0; i < 700; i++) await Store.AppendAsync(Fleet, [Rows("a", i, 1), Rows("b", i, 1)], Ct);
        var read = await ReadAll(new HistoryQuery { Profile = Fleet });
        Assert.Equal(["a", "b"], read.Select(r => r.Asset));
        AssertSame(Rows("a", 0, 700), read.Where(r => r.Asset == "a"));
        AssertSame(Rows("b", 0, 700), read.Where(r => r.Asset == "b"));
    }

    [Fact]
    public async Task Pieces_are_bounded_and_ascend()
    {
        await Store.AppendAsync(Fleet, [Rows("b", 0, 10_000), Rows("a", 0, 10)], Ct);
        var read = await ReadAll(new HistoryQuery { Profile = Fleet, Assets = ["b", "none", "a"], ChunkRows = 1000 });
        Assert.Equal(11, read.Count);
        Assert.All(read, r => Assert.InRange(r.Count, 1, 1000));
        AssertSame(Rows("b", 0, 10_000), read.Take(10));
        Assert.Equal("a", read[10].Asset);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAll(new HistoryQuery { Profile = Fleet, ChunkRows = 0 }));
    }

    [Fact]
    public async Task Only_the_metrics_asked_for_come_in_their_order()
    {
        await Store.AppendAsync(Fleet, [Rows("a", 0, 3)], Ct);
        var read = Assert.Single(await ReadAll(new HistoryQuery { Profile = Fleet, Metrics = ["lag", "unknown"] }));
        Assert.Equal(["lag", "unknown"], read.Metrics);
        Assert.Equal(Rows("a", 0, 3).Values.Where((_, i) => i % 2 == 1), read.Values.Where((_, i) => i % 2 == 0));
        Assert.All(read.Values.Where((_, i) => i % 2 == 1), v => Assert.True(double.IsNaN(v)));
    }

    [Fact]
    public async Task Profiles_do_not_see_each_other()
    {
        await Store.AppendAsync(Fleet, [Rows("a", 0, 3)], Ct);
        await Store.AppendAsync("host", [new AssetRows("a", ["load"], [1], [2])], Ct);
        Assert.Equal(["load"], Assert.Single(await ReadAll(new HistoryQuery { Profile = "host" })).Metrics);
        Assert.Empty(await ReadAll(new HistoryQuery { Profile = "none" }));
        Assert.Empty(await Store.ListAssetsAsync("none", Ct));
        Assert.Empty(await Store.ListMetricsAsync("none", Ct));
    }

    [Fact]
    public async Task Retention_removes_what_is_before_the_cutoff()
    {
        await Store.AppendAsync(Fleet, [Rows("a", 0, 5000), Rows("b", 0, 10)], Ct);
        for (var i = 5000; i < 5010; i++) await Store.AppendAsync(Fleet, [Rows("a", i, 1)], Ct);
        Assert.Equal(4510, await Store.DeleteBeforeAsync(Fleet, At(4500), Ct));
        Assert.Equal(0, await Store.DeleteBeforeAsync(Fleet, At(4500), Ct));
        AssertSame(Rows("a", 4500, 510), await ReadAll(new HistoryQuery { Profile = Fleet }));
        Assert.Equal([new AssetExtent("a", At(4500), At(5009), 510)], await Store.ListAssetsAsync(Fleet, Ct));
        Assert.Equal(503, await Store.DeleteBeforeAsync(Fleet, At(5003), Ct));
        await Store.AppendAsync(Fleet, [Rows("a", 5010, 1), Rows("b", 0, 2)], Ct);
        AssertSame(Rows("a", 5003, 8), await ReadAll(new HistoryQuery { Profile = Fleet, Assets = ["a"] }));
    }

    [Fact]
    public async Task Rows_that_do_not_ascend_are_a_misuse_and_nothing_is_kept()
    {
        var bad = new AssetRows("b", ["m"], [2, 2], [1, 1]);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AppendAsync(Fleet, [Rows("a", 0, 3), bad], Ct));
        Assert.Empty(await Store.ListAssetsAsync(Fleet, Ct));
    }

    [Fact]
    public async Task A_cancelled_append_keeps_nothing_and_a_cancelled_read_ends()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync(Fleet, [Rows("a", 0, 3)], new CancellationToken(true)));
        Assert.Empty(await Store.ListAssetsAsync(Fleet, Ct));
        await Store.AppendAsync(Fleet, [Rows("a", 0, 3)], Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Store.ReadAsync(new HistoryQuery { Profile = Fleet }, new CancellationToken(true))) { }
        });
    }

    [Fact]
    public async Task Readers_see_whole_appends_while_one_writes()
    {
        await Store.AppendAsync(Fleet, [Rows("a", 0, 10)], Ct);
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i < 60; i++) await Store.AppendAsync(Fleet, [Rows("a", i * 10, 10)], Ct);
        }, Ct);
        while (!writing.IsCompleted)
        {
            var ticks = (await ReadAll(new HistoryQuery { Profile = Fleet })).SelectMany(r => r.Ticks).ToArray();
            Assert.Equal(0, ticks.Length % 10);
            Assert.Equal(Enumerable.Range(0, ticks.Length).Select(i => (long)i), ticks);
        }
        await writing;
        AssertSame(Rows("a", 0, 600), await ReadAll(new HistoryQuery { Profile = Fleet }));
    }

    /// <summary>Rows whose values tell asset, time and metric apart.</summary>
    protected static AssetRows Rows(string asset, int start, int count)
    {
        var ticks = Enumerable.Range(start, count).Select(i => (long)i).ToArray();
        return new AssetRows(asset, Metrics, ticks, [.. ticks.SelectMany(t => new[] { t * 0.5 + asset[0], t % 7 == 0 ? double.NaN : -t })]);
    }

    protected async Task<List<AssetRows>> ReadAll(HistoryQuery query)
    {
        var all = new List<AssetRows>();
        await foreach (var rows in Store.ReadAsync(query, Ct)) all.Add(rows);
        return all;
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);

    private static void AssertSame(AssetRows expected, IEnumerable<AssetRows> pieces)
    {
        var all = pieces.ToArray();
        Assert.All(all, p => Assert.Equal(expected.Asset, p.Asset));
        Assert.Equal(expected.Ticks, all.SelectMany(p => p.Ticks));
        Assert.Equal(expected.Values, all.SelectMany(p => p.Values));
    }
}
