using Microsoft.Data.Sqlite;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Storage.Tests.Embedded;

public class EmbeddedStoreTests
{
    private const string Fleet = "host";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_written_is_there_after_reopening()
    {
        using var folder = new TemporaryFolder();
        string id;
        using (var store = EmbeddedStore.Open(folder.Path("s")))
        {
            await store.History.AppendAsync(Fleet, [Rows(0, 10)], Ct);
            await store.Incidents.AddIncidentsAsync(Fleet, [new Incident("a", DateTimeOffset.UnixEpoch, null, "")], Ct);
            id = (await store.Models.AddAsync(Fleet, new byte[] { 1 }, "{}", Ct)).Id;
        }
        Assert.Equal(["models", "servimon.db"], Directory.GetFileSystemEntries(folder.Path("s")).Select(Path.GetFileName).Order());
        using (var store = EmbeddedStore.Open(folder.Path("s")))
        {
            Assert.Equal(10, await CountRows(store));
            Assert.Equal([1], await store.Models.ReadBundleAsync(id, Ct));
        }
    }

    [Fact]
    public void A_store_of_a_newer_version_is_refused_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        EmbeddedStore.Open(folder.Root).Dispose();
        Sql(folder, "PRAGMA user_version = 7");
        var before = File.ReadAllBytes(folder.Path("servimon.db"));
        Assert.Equal($"{folder.Path("servimon.db")}: is a store of version 7; this program reads versions 1 to 1: use a newer one, or another --store", Refused(folder));
        Assert.Equal(before, File.ReadAllBytes(folder.Path("servimon.db")));
    }

    [Fact]
    public void Files_that_are_no_store_are_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("servimon.db", string.Concat(Enumerable.Repeat("this is no database\n", 100)));
        Assert.Equal($"{path}: is not a store: no SQLite database; this program reads store versions 1 to 1", Refused(folder));
        File.Delete(path);
        Sql(folder, "CREATE TABLE other (x)");
        Assert.Equal($"{path}: is a SQLite database of another program, not a store; this program reads store versions 1 to 1", Refused(folder));
        var file = folder.Write("file", "x");
        Assert.StartsWith($"{file}: is no folder for a store: ", Assert.Throws<InputException>(() => EmbeddedStore.Open(file)).Message);
    }

    [Fact]
    public void An_empty_file_becomes_a_store()
    {
        using var folder = new TemporaryFolder();
        folder.Write("servimon.db", "");
        EmbeddedStore.Open(folder.Root).Dispose();
        EmbeddedStore.Open(folder.Root).Dispose();
    }

    [Fact]
    public async Task A_locked_store_says_so_and_works_again_afterwards()
    {
        using var folder = new TemporaryFolder();
        using var store = EmbeddedStore.Open(folder.Root, new EmbeddedStoreOptions { LockWait = TimeSpan.FromSeconds(1) });
        await store.History.AppendAsync(Fleet, [Rows(0, 10)], Ct);
        using (var other = Connect(folder))
        {
            Execute(other, "BEGIN IMMEDIATE");
            var error = await Assert.ThrowsAsync<StoreException>(() => store.History.AppendAsync(Fleet, [Rows(10, 10)], Ct));
            Assert.Equal(StoreFault.Locked, error.Fault);
            Assert.Equal($"{folder.Path("servimon.db")}: locked by another process for more than 1 s", error.Message);
            Assert.Equal(10, await CountRows(store));
            Execute(other, "ROLLBACK");
        }
        await store.History.AppendAsync(Fleet, [Rows(10, 10)], Ct);
        Assert.Equal(20, await CountRows(store));
    }

    [Fact]
    public async Task A_full_store_keeps_what_it_has_and_takes_more_when_room_was_made()
    {
        using var open = new OpenStore(new EmbeddedStoreOptions { MaximumBytes = 1_000_000 });
        var random = new Random(3);
        var written = 0;
        StoreException? error = null;
        while (error is null)
        {
            try
            {
                await open.Store.History.AppendAsync(Fleet, [Noise(written, 1000, random)], Ct);
                written += 1000;
            }
            catch (StoreException e)
            {
                error = e;
            }
        }
        Assert.Equal(StoreFault.Full, error.Fault);
        Assert.EndsWith("servimon.db: full: the disk, or the 1000000 bytes that the configuration allows, are used up; nothing of this write was kept", error.Message);
        Assert.InRange(written, 10_000, 200_000);
        Assert.Equal(written, await CountRows(open.Store));
        await open.Store.History.DeleteBeforeAsync(Fleet, new DateTimeOffset(written / 2, TimeSpan.Zero), Ct);
        await open.Store.History.AppendAsync(Fleet, [Noise(written, 1000, random)], Ct);
        Assert.Equal(written / 2 + 1000, await CountRows(open.Store));
    }

    [Fact]
    public async Task A_damaged_block_is_named_by_asset_and_time()
    {
        using var folder = new TemporaryFolder();
        using var store = EmbeddedStore.Open(folder.Root);
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await store.History.AppendAsync(Fleet, [new AssetRows("a/b", ["m"], [start.Ticks, start.AddHours(1).Ticks], [1, 2])], Ct);
        Sql(folder, "UPDATE block SET body = CAST(substr(body, 1, 30) || x'ff' || substr(body, 32) AS BLOB)");
        var error = await Assert.ThrowsAsync<StoreException>(() => CountRows(store));
        Assert.Equal(StoreFault.Damaged, error.Fault);
        Assert.Equal(
            $"{folder.Path("servimon.db")}: the block of asset 'a/b' from 2024-01-01T00:00:00Z to 2024-01-01T01:00:00Z is damaged: the checksum is wrong", error.Message);
    }

    [Fact]
    public async Task A_changed_or_missing_bundle_is_noticed()
    {
        using var open = new OpenStore();
        var model = await open.Store.Models.AddAsync("a/b", new byte[] { 1, 2, 3 }, "{}", Ct);
        var path = Directory.GetFiles(open.Folder.Path("store/models")).Single();
        File.WriteAllBytes(path, [1, 2]);
        var error = await Assert.ThrowsAsync<StoreException>(() => open.Store.Models.ReadBundleAsync(model.Id, Ct));
        Assert.StartsWith($"{path}: the bundle of model {model.Id} is not the one that was added: 2 bytes with SHA-256 ", error.Message);
        File.Delete(path);
        error = await Assert.ThrowsAsync<StoreException>(() => open.Store.Models.ReadBundleAsync(model.Id, Ct));
        Assert.Equal($"{path}: the bundle of model {model.Id} is missing", error.Message);
    }

    [Fact]
    public async Task A_crash_at_any_byte_of_the_log_keeps_a_prefix_of_whole_appends()
    {
        using var folder = new TemporaryFolder();
        using var store = EmbeddedStore.Open(folder.Path("s"));
        for (var i = 0; i < 12; i++) await store.History.AppendAsync(Fleet, [Rows(i * 10, 10)], Ct);
        var main = Shared(folder.Path("s/servimon.db"));
        var log = Shared(folder.Path("s/servimon.db-wal"));
        var last = 0;
        for (var step = 0; step <= 40; step++)
        {
            var crashed = folder.Path($"crashed-{step}");
            Directory.CreateDirectory(crashed);
            File.WriteAllBytes(Path.Combine(crashed, "servimon.db"), main);
            File.WriteAllBytes(Path.Combine(crashed, "servimon.db-wal"), log[..(int)((long)log.Length * step / 40)]);
            using var reopened = EmbeddedStore.Open(crashed);
            var rows = await CountRows(reopened);
            Assert.Equal(0, rows % 10);
            Assert.InRange(rows, last, 120);
            last = rows;
            await reopened.History.AppendAsync(Fleet, [Rows(rows, 10)], Ct);
            Assert.Equal(rows + 10, await CountRows(reopened));
        }
        Assert.Equal(120, last);
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_an_append_leaves_nothing_of_it()
    {
        using var folder = new TemporaryFolder();
        using var store = EmbeddedStore.Open(folder.Path("s"));
        await store.History.AppendAsync(Fleet, [Rows(0, 10)], Ct);
        using var writer = new SqliteConnection($"Data Source={folder.Path("s/servimon.db")};Pooling=False");
        writer.Open();
        Execute(writer, "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE asset SET row_count = 99; DELETE FROM block;");
        for (var i = 0; i < 50; i++) Execute(writer, $"INSERT INTO block (asset, first, last, row_count, body) VALUES (1, {i}, {i}, 1, randomblob(40000))");
        var crashed = folder.Path("crashed");
        Directory.CreateDirectory(crashed);
        foreach (var name in new[] { "servimon.db", "servimon.db-wal" }) File.WriteAllBytes(Path.Combine(crashed, name), Shared(folder.Path("s/" + name)));
        Assert.True(new FileInfo(Path.Combine(crashed, "servimon.db-wal")).Length > 1_000_000);
        using var reopened = EmbeddedStore.Open(crashed);
        Assert.Equal(10, await CountRows(reopened));
        Assert.Equal(10, (await reopened.History.ListAssetsAsync(Fleet, Ct))[0].RowCount);
    }

    [Fact]
    public async Task Two_open_stores_share_one_folder()
    {
        using var folder = new TemporaryFolder();
        using var one = EmbeddedStore.Open(folder.Root);
        using var two = EmbeddedStore.Open(folder.Root);
        var writing = Task.WhenAll(Write(one, 0), Write(two, 1));
        while (!writing.IsCompleted) Assert.Equal(0, await CountRows(two) % 5);
        await writing;
        Assert.Equal(200, await CountRows(one));
        Assert.Equal(["m", "n0", "n1"], (await two.History.ListMetricsAsync(Fleet, Ct)).Order());

        static async Task Write(EmbeddedStore store, int number)
        {
            for (var i = 0; i < 20; i++)
                await store.History.AppendAsync(Fleet, [new AssetRows($"a{number}", ["m", $"n{number}"], [.. Enumerable.Range(i * 5, 5).Select(t => (long)t)], new double[10])], Ct);
        }
    }

    [Fact]
    public async Task A_read_that_is_left_early_gives_its_connection_back()
    {
        using var open = new OpenStore();
        await open.Store.History.AppendAsync(Fleet, [Rows(0, 10_000)], Ct);
        for (var i = 0; i < 50; i++)
            await foreach (var _ in open.Store.History.ReadAsync(new HistoryQuery { Profile = Fleet, ChunkRows = 10 }, Ct)) break;
        await open.Store.History.AppendAsync(Fleet, [Rows(10_000, 10)], Ct);
        Assert.Equal(10_010, await CountRows(open.Store));
    }

    private static AssetRows Rows(int start, int count) =>
        new("a", ["m"], [.. Enumerable.Range(start, count).Select(t => (long)t)], [.. Enumerable.Range(start, count).Select(t => t * 0.5)]);

    private static AssetRows Noise(int start, int count, Random random) =>
        new("a", ["m"], [.. Enumerable.Range(start, count).Select(t => (long)t)], [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())]);

    private static async Task<int> CountRows(EmbeddedStore store)
    {
        var count = 0;
        await foreach (var rows in store.History.ReadAsync(new HistoryQuery { Profile = Fleet }, Ct)) count += rows.Count;
        return count;
    }

    private static string Refused(TemporaryFolder folder) => Assert.Throws<InputException>(() => EmbeddedStore.Open(folder.Root)).Message;

    private static byte[] Shared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static SqliteConnection Connect(TemporaryFolder folder)
    {
        var connection = new SqliteConnection($"Data Source={folder.Path("servimon.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Sql(TemporaryFolder folder, string sql)
    {
        using var connection = Connect(folder);
        Execute(connection, sql);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
