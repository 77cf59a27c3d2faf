using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Bench;

/// <summary>What is done over values of the past: a segmentation of a series with a change every 500 values, and of one without any; and sketching quantiles.</summary>
[MemoryDiagnoser]
public class HistoryDetection
{
    private const int ValueCount = 20_000;

    private readonly double[] values = new double[ValueCount];
    private readonly double[] steady = new double[ValueCount];

    [GlobalSetup]
    public void MakeSeries()
    {
        var random = new Random(1);
        for (var i = 0; i < ValueCount; i++)
        {
            steady[i] = random.NextDouble() + random.NextDouble() + random.NextDouble();
            values[i] = 5 * (i / 500 % 2) + steady[i];
        }
    }

    [Benchmark(OperationsPerInvoke = ValueCount)]
    public int Segment() => Pelt.Locate(values).Length;

    [Benchmark(OperationsPerInvoke = ValueCount)]
    public int SegmentSteady() => Pelt.Locate(steady).Length;

    [Benchmark(OperationsPerInvoke = ValueCount)]
    public double Sketch()
    {
        var sketch = new QuantileSketch();
        foreach (var value in values) sketch.Add(value);
        return sketch.Quantile(0.99);
    }
}
