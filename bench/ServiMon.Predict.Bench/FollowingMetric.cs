using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Bench;

/// <summary>
/// One metric's live forecaster, fitted to 1,000 hourly steps of a daily wave and noise. Outside: the series and the fit, but for
/// <see cref="Fit"/> and <see cref="Refit"/> themselves.
/// </summary>
[MemoryDiagnoser]
public class FollowingMetric
{
    private const int FittedCount = 1000;
    private const int FollowedCount = 4096;

    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    private readonly long[] ticks = [.. Enumerable.Range(1, FittedCount + FollowedCount).Select(i => i * Step.Ticks)];
    private double[] values = [];
    private LiveForecaster live = null!;
    private long offset;

    [GlobalSetup]
    public void Make()
    {
        var random = new Random(1);
        values = [.. ticks.Select((_, t) => 10 * Math.Sin(2 * Math.PI * t / 24) + random.NextDouble() - 0.5)];
        live = Fit();
    }

    /// <summary>One value. Time goes on with every pass.</summary>
    [Benchmark(OperationsPerInvoke = FollowedCount)]
    public void Observe()
    {
        for (var i = FittedCount; i < values.Length; i++) live.Observe(ticks[i] + offset, values[i]);
        offset += FollowedCount * Step.Ticks;
    }

    [Benchmark]
    public Forecast Forecast() => live.Forecast(60, 0.95);

    [Benchmark]
    public BreachEstimate[] Breach() => live.Breach(12, below: false, [1, 15, 60]);

    [Benchmark]
    public LiveForecaster Refit() => live.Refitted();

    [Benchmark]
    public LiveForecaster Fit() => LiveForecaster.Fit(ticks.AsSpan(0, FittedCount), values.AsSpan(0, FittedCount), Step);

    /// <summary>The family of forecasters on the same history, chosen and weighted by rolling origin: 60 steps with an interval.</summary>
    [Benchmark]
    public Forecast Family() => Forecaster.Fit(ticks.AsSpan(0, FittedCount), values.AsSpan(0, FittedCount), Step).Forecast(60, 0.95);
}
