using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Bench;

/// <summary>Samples (cells) a second into and out of the embedded store: 20 assets of 20 metrics.</summary>
/// <remarks>
/// Inside: for Append, one transaction with 1,000 new rows of every asset, encoded, compressed and on disk when it returns; for Read, all
/// assets whole, decoded, in pieces of 4,096 rows. Outside: making the rows, opening the store, and the 10,000 rows of every asset that
/// Read finds; the file is then in the page cache.
/// </remarks>
[MemoryDiagnoser]
public class StoringHistory
{
    private const int AssetCount = 20;
    private const int MetricCount = 20;
    private const int AppendRows = 1_000;
    private const int ReadRows = 10_000;
    private const string Profile = "bench";

    private DirectoryInfo folder = null!;
    private AssetRows[] rows = [];
    private EmbeddedStore store = null!;

    [GlobalSetup(Target = nameof(Append))]
    public void MakeRows() => Make(AppendRows);

    [GlobalSetup(Target = nameof(Read))]
    public async Task Fill()
    {
        Make(ReadRows);
        await store.History.AppendAsync(Profile, rows);
    }

    [GlobalCleanup]
    public void Remove()
    {
        store.Dispose();
        folder.Delete(recursive: true);
    }

    [Benchmark(OperationsPerInvoke = AssetCount * MetricCount * AppendRows)]
    public async Task<long> Append()
    {
        foreach (var asset in rows)
        {
            var span = asset.Ticks[^1] - asset.Ticks[0] + asset.Ticks[1] - asset.Ticks[0];
            for (var i = 0; i < asset.Count; i++) asset.Ticks[i] += span;
        }
        return (await store.History.AppendAsync(Profile, rows)).Added;
    }

    [Benchmark(OperationsPerInvoke = AssetCount * MetricCount * ReadRows)]
    public async Task<long> Read()
    {
        long count = 0;
        await foreach (var piece in store.History.ReadAsync(new HistoryQuery { Profile = Profile })) count += piece.Values.Length;
        return count;
    }

    private void Make(int rowCount)
    {
        var random = new Random(1);
        var profile = BenchFleet.ProfileOf(MetricCount);
        rows = [.. Enumerable.Range(0, AssetCount).Select(i => BenchFleet.Rows(profile, $"asset-{i}", rowCount, random))];
        folder = Directory.CreateTempSubdirectory("servimon-bench-");
        store = EmbeddedStore.Open(folder.FullName);
    }
}
