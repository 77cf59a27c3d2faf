using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Storage.Tests.Embedded;

public class BackupTests
{
    private const string Fleet = "host";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_made_while_others_write_holds_whole_writes_and_comes_back()
    {
        using var folder = new TemporaryFolder();
        string id;
        int rows;
        using (var store = EmbeddedStore.Open(folder.Path("s")))
        using (var other = EmbeddedStore.Open(folder.Path("s")))
        {
            id = (await store.Models.AddAsync(Fleet, new byte[] { 1, 2, 3 }, "{}", Ct)).Id;
            await store.Models.PromoteAsync(id, "test", Ct);
            using var stop = new CancellationTokenSource();
            var written = 0;
            var writing = Task.Run(async () =>
            {
                for (; !stop.IsCancellationRequested; written += 5) await other.History.AppendAsync(Fleet, [Rows(written, 5)], Ct);
            }, Ct);
            while (written < 50) await Task.Yield();
            var before = written;
            var report = await store.BackupAsync(folder.Path("b"), Ct);
            await stop.CancelAsync();
            await writing;
            Assert.Equal((folder.Path("b"), 1), (report.Folder, report.ModelCount));
            using var copy = EmbeddedStore.Open(folder.Path("b"));
            rows = await CountRows(copy);
            Assert.Equal(0, rows % 5);
            Assert.InRange(rows, before, written);
        }
        var restored = EmbeddedBackup.Restore(folder.Path("b"), folder.Path("r"));
        using (var store = EmbeddedStore.Open(folder.Path("r")))
        {
            Assert.Equal(rows, await CountRows(store));
            Assert.Equal(id, (await store.Models.ChampionAsync(Fleet, Ct))?.Id);
            Assert.Equal([1, 2, 3], await store.Models.ReadBundleAsync(id, Ct));
            await store.History.AppendAsync(Fleet, [Rows(1_000_000, 5)], Ct);
        }
        Assert.Equal(1, restored.ModelCount);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder.Root), e => e.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_in_the_way_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        using (var store = EmbeddedStore.Open(folder.Path("s")))
        {
            await store.History.AppendAsync(Fleet, [Rows(0, 5)], Ct);
            await store.BackupAsync(folder.Path("b"), Ct);
            var again = await Assert.ThrowsAsync<InputException>(() => store.BackupAsync(folder.Path("b"), Ct));
            Assert.Equal($"{folder.Path("b")}: is there already; a backup needs a folder of its own", again.Message);
        }
        Assert.StartsWith($"{folder.Path("s")}: holds a store already", Assert.Throws<InputException>(() => EmbeddedBackup.Restore(folder.Path("b"), folder.Path("s"))).Message);
        Assert.StartsWith($"{folder.Path("none")}: is no backup", Assert.Throws<InputException>(() => EmbeddedBackup.Restore(folder.Path("none"), folder.Path("r"))).Message);
        // A folder without a store, with a configuration file in it, say, gets one.
        Directory.CreateDirectory(folder.Path("r"));
        folder.Write("r/other.json", "{}");
        EmbeddedBackup.Restore(folder.Path("b"), folder.Path("r"));
        using var restored = EmbeddedStore.Open(folder.Path("r"));
        Assert.Equal(5, await CountRows(restored));
        Assert.True(File.Exists(folder.Path("r/other.json")));
    }

    [Fact]
    public async Task A_damaged_backup_is_not_put_in_place()
    {
        using var folder = new TemporaryFolder();
        using (var store = EmbeddedStore.Open(folder.Path("s")))
        {
            for (var i = 0; i < 40; i++) await store.History.AppendAsync(Fleet, [Rows(i * 600, 600)], Ct);
            await store.Models.AddAsync(Fleet, new byte[] { 1, 2, 3 }, "{}", Ct);
            await store.BackupAsync(folder.Path("b"), Ct);
            await store.BackupAsync(folder.Path("c"), Ct);
        }
        var bundle = Directory.GetFiles(folder.Path("b/models")).Single();
        File.WriteAllBytes(bundle, [1, 2]);
        var database = File.ReadAllBytes(folder.Path("c/servimon.db"));
        database.AsSpan(16384 * 3, 4096).Fill(0xff);
        File.WriteAllBytes(folder.Path("c/servimon.db"), database);
        foreach (var damaged in new[] { "b", "c" })
        {
            var error = Assert.Throws<StoreException>(() => EmbeddedBackup.Restore(folder.Path(damaged), folder.Path("r")));
            Assert.Equal(StoreFault.Damaged, error.Fault);
            Assert.False(Path.Exists(folder.Path("r")));
        }
    }

    private static AssetRows Rows(int start, int count) =>
        new("a", ["m"], [.. Enumerable.Range(start, count).Select(t => (long)t)], [.. Enumerable.Range(start, count).Select(t => t * 0.37)]);

    private static async Task<int> CountRows(EmbeddedStore store)
    {
        var count = 0;
        await foreach (var rows in store.History.ReadAsync(new HistoryQuery { Profile = Fleet }, Ct)) count += rows.Count;
        return count;
    }
}
