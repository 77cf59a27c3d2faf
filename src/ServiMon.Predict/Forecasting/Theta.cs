namespace ServiMon.Predict.Forecasting;

/// <summary>
/// The theta method (Assimakopoulos and Nikolopoulos 2000) on the series less its seasonal pattern: as Hyndman and Billah (2003) showed,
/// simple exponential smoothing with half the slope of the least-squares line as drift.
/// </summary>
internal sealed class Theta(int season) : IExpert
{
    private const int MinCount = 6;

    private static readonly double[] Rates = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.99];

    public string Name => $"theta({season})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        if (history.Length < Math.Max(MinCount, season > 1 ? 2 * season : 0)) return false;
        var profile = SeasonalProfile.Estimate(history, season);
        var adjusted = new double[history.Length];
        for (var i = 0; i < adjusted.Length; i++) adjusted[i] = history[i] - profile[i % season];
        var drift = Slope(adjusted) / 2;
        var best = (Error: double.PositiveInfinity, Level: 0.0, Rate: 1.0);
        foreach (var rate in Rates)
        {
            double level = adjusted[0], error = 0;
            for (var i = 1; i < adjusted.Length; i++)
            {
                var off = adjusted[i] - level;
                error += off * off;
                level += rate * off;
            }

            if (error < best.Error) best = (error, level, rate);
        }

        if (!double.IsFinite(best.Error)) return false;
        // Equation 4 there: (h - 1 + (1 - (1 - a)^n) / a) b / 2, h from 1.
        var start = (1 - Math.Pow(1 - best.Rate, adjusted.Length)) / best.Rate;
        for (var h = 0; h < forecast.Length; h++)
            forecast[h] = best.Level + drift * (h + start) + profile[(history.Length + h) % season];
        return true;
    }

    private static double Slope(double[] values)
    {
        double centre = (values.Length - 1) / 2.0, cross = 0, spread = 0;
        var mean = values.Average();
        for (var i = 0; i < values.Length; i++)
        {
            cross += (i - centre) * (values[i] - mean);
            spread += (i - centre) * (i - centre);
        }

        return spread > 0 ? cross / spread : 0;
    }
}
