using System.Diagnostics.Metrics;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>Rows in parts and by several processes.</summary>
public sealed class HistoryPartsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_metrics_than_one_part_holds_come_back_together()
    {
        using var open = new OpenStore();
        string[] metrics = [.. Enumerable.Range(0, 70).Select(i => $"m{i}")];
        var rows = Rows("a", metrics, 50, (row, column) => (row + column) % 3 == 0 ? double.NaN : row * 100 + column);
        await open.Store.History.AppendAsync("host", [rows, Rows("b", ["m69"], 3, (row, _) => row)], Ct);

        var read = await ReadAsync(open.Store, new HistoryQuery { Profile = "host", ChunkRows = 7 });
        Assert.Equal(rows.Values, read.Where(r => r.Asset == "a").SelectMany(r => r.Values));
        Assert.Equal([0, 1, 2], read.Where(r => r.Asset == "b").SelectMany(r => r.Values).Where(v => !double.IsNaN(v)));
        var some = await ReadAsync(open.Store, new HistoryQuery { Profile = "host", Assets = ["a"], Metrics = ["m40"] });
        Assert.Equal(Enumerable.Range(0, 50).Select(i => rows.Row(i)[40]), some.SelectMany(r => r.Values));
        Assert.Equal(25, await open.Store.History.DeleteBeforeAsync("host", rows.Time(25), Ct) - 3);
        Assert.Equal(rows.Values[(25 * 70)..], (await ReadAsync(open.Store, new HistoryQuery { Profile = "host" })).SelectMany(r => r.Values));
    }

    [Fact]
    public async Task A_bucket_that_gives_fewer_rows_than_were_written_is_read_again_and_each_row_comes_once()
    {
        using var open = new OpenStore();
        var rows = Rows("a", ["m"], 40, (row, _) => row);
        await open.Store.History.AppendAsync("host", [rows], Ct);
        // One server cannot lack what it has: so the extent says that there is more.
        foreach (var extent in open.Cql("SELECT bucket, row_count FROM history_extent WHERE profile = 'host' AND asset = 'a'"))
            open.Cql("UPDATE history_extent SET row_count = ? WHERE profile = 'host' AND asset = 'a' AND bucket = ?", extent.GetValue<long>("row_count") + 5, extent.GetValue<int>("bucket"));
        var rereads = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, on) => { if (instrument.Name == "servimon_predict_cassandra_history_rereads_total") on.EnableMeasurementEvents(instrument); },
        };
        listener.SetMeasurementEventCallback<long>((_, amount, _, _) => Interlocked.Add(ref rereads, amount));
        listener.Start();

        Assert.Equal(rows.Values, (await ReadAsync(open.Store, new HistoryQuery { Profile = "host", ChunkRows = 7 })).SelectMany(r => r.Values));
        Assert.NotEqual(0, rereads);
        Assert.Equal(39, (await ReadAsync(open.Store, new HistoryQuery { Profile = "host", From = rows.Time(1) })).Sum(r => r.Count));
    }

    [Fact]
    public async Task Retention_takes_the_extent_of_rows_that_have_expired()
    {
        using var open = new OpenStore();
        var rows = Rows("a", ["m"], 40, (row, _) => row);
        await open.Store.History.AppendAsync("host", [rows], Ct);
        // What a time to live does to rows: they are gone, and nobody is told.
        foreach (var extent in open.Cql("SELECT bucket FROM history_extent WHERE profile = 'host' AND asset = 'a'"))
            open.Cql("DELETE FROM history WHERE profile = 'host' AND asset = 'a' AND bucket = ?", extent.GetValue<int>("bucket"));
        Assert.NotEmpty(await open.Store.History.ListAssetsAsync("host", Ct));

        await open.Store.History.DeleteBeforeAsync("host", rows.Time(39), Ct);
        Assert.Empty(await open.Store.History.ListAssetsAsync("host", Ct));
    }

    [Fact]
    public async Task A_second_process_sees_what_the_first_wrote_and_gives_no_number_twice()
    {
        using var open = new OpenStore();
        using var second = await CassandraStore.OpenAsync(open.Options, ct: Ct);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? open.Store : second).History
            .AppendAsync("host", [Rows($"asset-{i}", [$"m{i % 4}", $"m{(i + 1) % 4}"], 5, (row, column) => i * 10 + row + column)], Ct)));

        Assert.Equal(["m0", "m1", "m2", "m3"], (await second.History.ListMetricsAsync("host", Ct)).Order());
        foreach (var piece in await ReadAsync(second, new HistoryQuery { Profile = "host", Metrics = ["m0", "m1", "m2", "m3"] }))
        {
            var i = int.Parse(piece.Asset["asset-".Length..]);
            Assert.Equal(i * 10 + 2, piece.Row(2)[i % 4]);
            Assert.Equal(i * 10 + 3, piece.Row(2)[(i + 1) % 4]);
        }
    }

    private static AssetRows Rows(string asset, string[] metrics, int count, Func<int, int, double> value)
    {
        var start = new DateTimeOffset(2024, 1, 1, 23, 59, 30, TimeSpan.Zero).UtcTicks;
        return new AssetRows(asset, metrics, [.. Enumerable.Range(0, count).Select(i => start + i * TimeSpan.TicksPerSecond)],
            [.. from row in Enumerable.Range(0, count) from column in Enumerable.Range(0, metrics.Length) select value(row, column)]);
    }

    private static async Task<List<AssetRows>> ReadAsync(CassandraStore store, HistoryQuery query)
    {
        var all = new List<AssetRows>();
        await foreach (var rows in store.History.ReadAsync(query, Ct)) all.Add(rows);
        return all;
    }
}
