namespace ServiMon.Predict.Forecasting;

/// <summary>
/// Additive damped exponential smoothing with one or two seasons that keep learning (Holt 1957; Winters 1960; Gardner and McKenzie 1985; two
/// seasons and the correction for autocorrelated errors: Taylor 2003). The rates are those with the least absolute one-step error, searched
/// one coordinate after the other.
/// </summary>
/// <param name="seasons">One or two, in steps, ascending.</param>
internal sealed class HoltWinters(IReadOnlyList<int> seasons) : IExpert
{
    private const double Damping = 0.98;

    private const int Rounds = 2;

    /// <summary>Level, trend, first season, second season, correlation of the errors: what is tried for each.</summary>
    private static readonly double[][] Choices =
    [
        [0.01, 0.05, 0.15, 0.35, 0.65, 0.95], [0, 0.002, 0.01, 0.05], [0, 0.05, 0.15, 0.35, 0.6], [0, 0.05, 0.15, 0.35, 0.6], [0, 0.3, 0.6, 0.8, 0.95],
    ];

    private static readonly double[] Start = [0.15, 0.002, 0.15, 0.15, 0.6];

    /// <summary>The order of the search: what matters most first.</summary>
    private static readonly int[] Order = [0, 4, 2, 3, 1];

    public string Name => $"holt-winters({string.Join(',', seasons)})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (history.Length < 2 * seasons[^1] + 2) return false;
        double[][] profiles = [.. Profiles(history)];
        double[][] patterns = [.. profiles.Select(p => new double[p.Length])];
        double[] rates = [.. Start];
        var least = Run(history, profiles, patterns, rates, []);
        for (var round = 0; round < Rounds; round++)
            foreach (var coordinate in Order)
            {
                if (coordinate == 3 && seasons.Count == 1) continue;
                var kept = rates[coordinate];
                foreach (var choice in Choices[coordinate])
                {
                    rates[coordinate] = choice;
                    var error = Run(history, profiles, patterns, rates, []);
                    if (error < least) (least, kept) = (error, choice);
                }

                rates[coordinate] = kept;
            }

        Run(history, profiles, patterns, rates, forecast);
        return double.IsFinite(least);
    }

    /// <summary>The pattern of the first season, and of the second in what the first leaves.</summary>
    private IEnumerable<double[]> Profiles(ReadOnlySpan<double> history)
    {
        var rest = history.ToArray();
        var profiles = new List<double[]>();
        foreach (var season in seasons)
        {
            var profile = SeasonalProfile.Estimate(rest, season);
            for (var i = 0; i < rest.Length; i++) rest[i] -= profile[i % season];
            profiles.Add(profile);
        }

        return profiles;
    }

    /// <summary>Smooths the whole history from the profiles on and continues it; the sum of the absolute one-step errors after the first season.</summary>
    private double Run(ReadOnlySpan<double> history, double[][] profiles, double[][] patterns, double[] rates, Span<double> forecast)
    {
        for (var s = 0; s < profiles.Length; s++) profiles[s].CopyTo(patterns[s], 0);
        var first = patterns[0];
        var second = patterns.Length > 1 ? patterns[1] : [0];
        var (levelRate, trendRate, firstRate, secondRate, correlation) = (rates[0], rates[1], rates[2], rates[3], rates[4]);
        if (patterns.Length == 1) secondRate = 0;
        double level = 0, trend = 0, error = 0, total = 0;
        for (var i = 0; i < first.Length; i++) level += (history[i] - first[i] - second[i % second.Length]) / first.Length;
        int at = 0, atSecond = 0;
        for (var i = 0; i < history.Length; i++)
        {
            var expected = level + Damping * trend;
            // Smoothing corrects by the error of the smoothed parts; the forecast also takes over a share of the last error.
            var off = history[i] - expected - first[at] - second[atSecond];
            var innovation = off - correlation * error;
            if (i >= first.Length) total += Math.Abs(innovation);
            error = off;
            level = expected + levelRate * innovation;
            trend = Damping * trend + trendRate * innovation;
            first[at] += firstRate * innovation;
            second[atSecond] += secondRate * innovation;
            if (++at == first.Length) at = 0;
            if (++atSecond == second.Length) atSecond = 0;
        }

        double drift = 0, factor = 1, carried = error;
        for (var h = 0; h < forecast.Length; h++)
        {
            factor *= Damping;
            drift += factor * trend;
            carried *= correlation;
            forecast[h] = level + drift + first[at] + second[atSecond] + carried;
            if (++at == first.Length) at = 0;
            if (++atSecond == second.Length) atSecond = 0;
        }

        return total;
    }
}
