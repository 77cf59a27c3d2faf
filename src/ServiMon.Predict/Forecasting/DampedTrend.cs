namespace ServiMon.Predict.Forecasting;

/// <summary>
/// Exponential smoothing of level and damped trend (Gardner and McKenzie 1985) on the series less its seasonal pattern; the rates are
/// those with the least squared one-step error on a small grid.
/// </summary>
internal sealed class DampedTrend(int season) : IExpert
{
    private const int MinCount = 6;

    private static readonly double[] LevelRates = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95];

    /// <summary>Rate of the trend as a share of the level's; 0 is simple exponential smoothing.</summary>
    private static readonly double[] TrendShares = [0, 0.1, 0.3];

    private static readonly double[] Dampings = [0.9, 0.98];

    public string Name => $"damped-trend({season})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (history.Length < Math.Max(MinCount, season > 1 ? 2 * season : 0)) return false;
        var profile = SeasonalProfile.Estimate(history, season);
        var adjusted = new double[history.Length];
        for (var i = 0; i < adjusted.Length; i++) adjusted[i] = history[i] - profile[i % season];

        var best = (Error: double.PositiveInfinity, Level: 0.0, Trend: 0.0, Damping: 0.0);
        foreach (var rate in LevelRates)
            foreach (var share in TrendShares)
                foreach (var damping in Dampings)
                {
                    var run = Smooth(adjusted, rate, rate * share, damping);
                    if (run.Error < best.Error) best = (run.Error, run.Level, run.Trend, damping);
                    if (share == 0) break;
                }

        if (!double.IsFinite(best.Error)) return false;
        double drift = 0, factor = 1;
        for (var h = 0; h < forecast.Length; h++)
        {
            factor *= best.Damping;
            drift += factor * best.Trend;
            forecast[h] = best.Level + drift + profile[(history.Length + h) % season];
        }

        return true;
    }

    private static (double Error, double Level, double Trend) Smooth(double[] series, double levelRate, double trendRate, double damping)
    {
        double level = series[0], trend = 0, total = 0;
        for (var i = 1; i < series.Length; i++)
        {
            var expected = level + damping * trend;
            var error = series[i] - expected;
            total += error * error;
            level = expected + levelRate * error;
            trend = damping * trend + trendRate * error;
        }

        return (total, level, trend);
    }
}
