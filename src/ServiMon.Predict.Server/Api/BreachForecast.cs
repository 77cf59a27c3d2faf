using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Server.Api;

/// <summary>When a metric meets a limit, from its own history: one computation for the gauges and for <c>ForecastService.EstimateBreach</c>.</summary>
internal static class BreachForecast
{
    /// <summary>Steps of history that are looked at: hours at common steps, and a fit within some milliseconds.</summary>
    public const int Window = 512;

    /// <summary>The seed that, with profile, asset, metric and last step, decides the random paths.</summary>
    private const ulong Seed = 1;

    /// <param name="steps">Ascending horizons in steps of the profile.</param>
    /// <returns>One for each horizon. The same history has the same answer, bit for bit.</returns>
    /// <exception cref="InputException">Fewer than two values.</exception>
    public static BreachEstimate[] Estimate(
        MetricHistory history, Profiles.Profile profile, string asset, string metric, double limit, bool below, ReadOnlySpan<int> steps)
    {
        var forecast = Forecaster.Fit(history.Ticks, history.Values, profile.Step).Forecast(steps[^1], BreachEstimate.OneSigmaLevel);
        return BreachEstimate.Simulate(forecast, limit, below, steps, SeedOf(profile.Name, asset, metric, history.Ticks[^1]));
    }

    /// <summary>Fowler, Noll and Vo's FNV-1a over the names and the time: neighbouring steps have unrelated paths.</summary>
    private static int SeedOf(string profile, string asset, string metric, long ticks)
    {
        const ulong prime = 1099511628211;
        var hash = 14695981039346656037 ^ Seed;
        foreach (var text in (ReadOnlySpan<string>)[profile, asset, metric])
        {
            foreach (var c in text) hash = (hash ^ c) * prime;
            hash = (hash ^ 0xFFFF) * prime;
        }
        for (var shift = 0; shift < 64; shift += 8) hash = (hash ^ (byte)(ticks >> shift)) * prime;
        return (int)((hash ^ hash >> 32) & int.MaxValue);
    }
}
