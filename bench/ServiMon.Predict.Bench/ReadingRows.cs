using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One pass over an asset's rows through <see cref="AssetRows.Row"/>: the floor under the time of a replay, and a check that
/// reading history allocates nothing.
/// </summary>
[MemoryDiagnoser]
public class ReadingRows
{
    private const int RowCount = 10_000;

    private AssetRows rows = null!;

    [Params(20, 200)]
    public int MetricCount { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        var metrics = Enumerable.Range(0, MetricCount).Select(i => $"metric_{i}").ToArray();
        var ticks = Enumerable.Range(0, RowCount).Select(i => i * TimeSpan.TicksPerSecond).ToArray();
        var values = Enumerable.Range(0, RowCount * MetricCount).Select(_ => random.NextDouble()).ToArray();
        rows = new AssetRows("broker-1", metrics, ticks, values);
    }

    [Benchmark(OperationsPerInvoke = RowCount)]
    public double Sum()
    {
        var sum = 0.0;
        for (var i = 0; i < rows.Count; i++)
            foreach (var value in rows.Row(i)) sum += value;
        return sum;
    }
}
