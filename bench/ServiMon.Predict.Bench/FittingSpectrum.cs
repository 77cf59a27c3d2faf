using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Bench;

/// <summary>
/// <see cref="SingularSpectrum.Fit"/> at rank 24 of a series of N steps with windows of L: two waves, a slope and white noise. Inside: centring,
/// transforms, decomposition and reconstruction. Outside: making the series.
/// </summary>
[MemoryDiagnoser]
public class FittingSpectrum
{
    private double[] series = [];

    [Params(10_000, 100_000)]
    public int N { get; set; }

    [Params(256, 1024)]
    public int L { get; set; }

    [GlobalSetup]
    public void Make()
    {
        var random = new Random(1);
        series = [.. Enumerable.Range(0, N).Select(t =>
            10 * Math.Sin(2 * Math.PI * t / 24) + 4 * Math.Sin(2 * Math.PI * t / 168) + 0.001 * t
            + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }

    [Benchmark]
    public SingularSpectrum Fit() => SingularSpectrum.Fit(series, new SingularSpectrumOptions { WindowLength = L, Rank = 24 });
}
