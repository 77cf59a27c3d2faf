using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// A robust linear autoregression on the last three values and on those around one and two seasons ago, continued step by step.
/// Coefficients are drawn to "as one season ago" (or "as the last value" without a season).
/// </summary>
/// <param name="seasons">In steps, ascending; may be empty.</param>
/// <param name="onLogs">Fit on logarithms, for seasons that grow with the level; needs positive values.</param>
internal sealed class SeasonalAutoregression(IReadOnlyList<int> seasons, bool onLogs) : IExpert
{
    /// <summary>Relative ridge strength; only keeps nearly dependent lags from cancelling.</summary>
    private const double Lambda = 1e-3;

    /// <summary>Rows per coefficient below which a fit is not tried.</summary>
    private const int MinRowsPerLag = 3;

    public string Name => $"autoregression({string.Join(',', seasons)}{(onLogs ? "; logs" : "")})";

    public bool TryForecast(ReadOnlySpan<double> history, Span<double> forecast)
    {
        var series = new double[history.Length + forecast.Length];
        history.CopyTo(series);
        var known = series.AsSpan(0, history.Length);
        if (onLogs && !TakeLogs(known)) return false;
        var lags = Lags(history.Length);
        if (lags.Length == 0) return false;

        var longest = lags[^1];
        var rowCount = history.Length - longest;
        if (rowCount < MinRowsPerLag * lags.Length) return false;
        var rows = new double[rowCount * lags.Length];
        for (var i = 0; i < rowCount; i++)
            for (var j = 0; j < lags.Length; j++) rows[i * lags.Length + j] = series[longest + i - lags[j]];

        var prior = new double[lags.Length];
        var anchor = seasons.LastOrDefault(s => s <= longest, 1);
        prior[Math.Max(0, Array.IndexOf(lags, anchor))] = 1;
        var coefficients = new double[lags.Length];
        if (HuberRidge.Fit(rows, known[longest..], prior, Lambda, coefficients) is not { } intercept) return false;

        Continue(series, history.Length, lags, coefficients, intercept);
        for (var h = 0; h < forecast.Length; h++) forecast[h] = onLogs ? Math.Exp(series[history.Length + h]) : series[history.Length + h];
        return true;
    }

    private static bool TakeLogs(Span<double> values)
    {
        foreach (ref var value in values)
        {
            if (!(value > 0)) return false;
            value = Math.Log(value);
        }

        return true;
    }

    /// <summary>1, 2, 3, and each season with its neighbours, the first one twice over; none beyond half of the history.</summary>
    private int[] Lags(int count)
    {
        var lags = new SortedSet<int> { 1, 2, 3 };
        for (var s = 0; s < seasons.Count; s++)
            for (var around = -1; around <= 1; around++)
            {
                lags.Add(seasons[s] + around);
                if (s == 0) lags.Add(2 * seasons[s] + around);
            }

        return [.. lags.Where(lag => lag > 0 && 2 * lag <= count)];
    }

    /// <summary>Steps on, within one range of the history's own: an explosive fit must not run away.</summary>
    private static void Continue(double[] series, int from, int[] lags, double[] coefficients, double intercept)
    {
        double min = series[0], max = series[0];
        for (var i = 1; i < from; i++)
        {
            min = Math.Min(min, series[i]);
            max = Math.Max(max, series[i]);
        }

        var range = max - min;
        for (var i = from; i < series.Length; i++)
        {
            var next = intercept;
            for (var j = 0; j < lags.Length; j++) next += coefficients[j] * series[i - lags[j]];
            series[i] = Math.Clamp(next, min - range, max + range);
        }
    }
}
