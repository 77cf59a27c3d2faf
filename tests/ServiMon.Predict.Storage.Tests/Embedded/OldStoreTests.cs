using System.IO.Compression;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Storage.Tests.Embedded;

/// <summary>Stores that earlier versions of the program wrote, kept here as they were.</summary>
public class OldStoreTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Two assets of ten hours, one of them retired, two incidents; written by the first version of the layout.</summary>
    [Fact]
    public async Task A_store_of_version_1_is_read_and_written_on()
    {
        using var folder = new TemporaryFolder();
        using (var packed = File.OpenRead(Path.Combine(TestFiles.RepositoryRoot, "tests/ServiMon.Predict.Storage.Tests/Embedded/store-version-1.db.gz")))
        using (var gzip = new GZipStream(packed, CompressionMode.Decompress))
        using (var file = File.Create(folder.Path("servimon.db")))
            await gzip.CopyToAsync(file, Ct);
        using var store = EmbeddedStore.Open(folder.Root);
        var rows = await store.History.ReadAsync(new HistoryQuery { Profile = "fixture" }, Ct).ToListAsync(Ct);
        Assert.Equal(["a", "b"], rows.Select(r => r.Asset).Distinct());
        Assert.Equal(1200, rows.Sum(r => r.Count));
        Assert.Equal(["m0", "m1"], rows[0].Metrics);
        Assert.Equal([8 * 0.25, 8.5], rows[0].Row(8).ToArray());
        Assert.True(double.IsNaN(rows[0].Row(7)[1]));
        Assert.Equal(["worn", "lost"], (await store.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = "fixture" }, Ct).ToListAsync(Ct)).Select(i => i.Kind));
        Assert.Equal(AssetNames.RetiredKind, (await store.Incidents.ListMaintenanceAsync(new IntervalQuery { Profile = "fixture" }, Ct).SingleAsync(Ct)).Kind);
        Assert.Equal("retire", (await store.Log.ReadAuditAsync(ct: Ct).SingleAsync(Ct)).Action);
        Assert.Equal(new AppendCount(0, rows[0].Count), await store.History.AppendAsync("fixture", [rows[0]], Ct));
    }
}
