using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One mebibyte of a wide CSV of 20 metrics (operations a second are MiB a second). Inside: <see cref="SampleFile.Read"/> of the whole file
/// into rows in memory. Outside: writing the file, which is then in the page cache.
/// </summary>
[MemoryDiagnoser]
public class ReadingCsv
{
    private const int Mebibytes = 16;

    private DirectoryInfo folder = null!;
    private string path = "";

    [GlobalSetup]
    public void Write()
    {
        folder = Directory.CreateTempSubdirectory("servimon-bench-");
        path = Path.Combine(folder.FullName, "samples.csv");
        var profile = BenchFleet.ProfileOf(20);
        var rows = BenchFleet.Rows(profile, "asset-1", 60_000, new Random(1));
        SampleFile.WriteWide(path, new FleetHistory(rows.Metrics, [rows]));
        using var file = File.Open(path, FileMode.Open);
        if (file.Length < Mebibytes << 20) throw new InvalidOperationException($"{file.Length} bytes, fewer than {Mebibytes} MiB");

        // The last whole line before the size wanted.
        file.SetLength(Mebibytes << 20);
        file.Seek(1, SeekOrigin.End);
        do file.Seek(-2, SeekOrigin.Current);
        while (file.ReadByte() != '\n');
        file.SetLength(file.Position);
    }

    [GlobalCleanup]
    public void Remove() => folder.Delete(recursive: true);

    [Benchmark(OperationsPerInvoke = Mebibytes)]
    public long Read() => SampleFile.Read(path).Rows.Count;
}
