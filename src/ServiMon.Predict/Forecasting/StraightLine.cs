namespace ServiMon.Predict.Forecasting;

/// <summary>
/// The least-squares line through the series less its seasonal pattern, to which the last distance from it fades back. It is no answer unless the series keeps to the line
/// and the slope is none by chance: else a line is what a level is mistaken for, and its slope the noise of that.
/// </summary>
internal sealed class StraightLine(int season) : IExpert
{
    private const int MinCount = 24;

    /// <summary>The 5 % point of the ratio by which a unit root about a line is rejected (Dickey and Fuller 1979): a walk drifts without keeping to any.</summary>
    private const double UnitRootRatio = 3.41;

    /// <summary>Standard errors that a slope has to be away from 0; by chance it is once in four hundred times.</summary>
    private const double SlopeRatio = 3;

    public string Name => $"line({season})";

    public bool IsLasting => true;

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var count = history.Length;
        if (count < Math.Max(MinCount, season > 1 ? 2 * season : 0)) return false;
        var profile = SeasonalProfile.Estimate(history, season);
        var rest = new double[count];
        for (var i = 0; i < count; i++) rest[i] = history[i] - profile[i % season];
        double centre = (count - 1) / 2.0, mean = rest.Average(), cross = 0, spread = 0;
        for (var i = 0; i < count; i++)
        {
            cross += (i - centre) * (rest[i] - mean);
            spread += (i - centre) * (i - centre);
        }

        var slope = cross / spread;
        double square = 0, product = 0;
        for (var i = 0; i < count; i++)
        {
            rest[i] -= mean + slope * (i - centre);
            square += rest[i] * rest[i];
            if (i > 0) product += rest[i] * rest[i - 1];
        }

        if (!(square > 0)) return false;
        // What is carried of a distance, and how much of that is chance; of errors that carry over fewer are worth one (Bartlett 1935).
        var carried = Math.Clamp(product / square, 0, 1);
        if (1 - carried < UnitRootRatio * Math.Sqrt((1 - carried * carried) / count)) return false;
        if (Math.Abs(slope) < SlopeRatio * Math.Sqrt(square / (count - 2) / spread * (1 + carried) / (1 - carried))) return false;
        var distance = rest[^1];
        for (var h = 0; h < forecast.Length; h++)
        {
            distance *= carried;
            forecast[h] = mean + slope * (count + h - centre) + distance + profile[(count + h) % season];
        }

        return true;
    }
}
