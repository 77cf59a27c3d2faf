using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>48 steps: the median and the ends of the 95 % interval.</summary>
internal sealed record M4Forecast(double[] Lower, double[] Median, double[] Upper)
{
    private const int M = M4Series.Season;

    private const int H = M4Series.Horizon;

    /// <summary>The normal quantile of 0.975.</summary>
    private const double TwoSided = 1.959964;

    /// <summary>Ours. The competition gives no times; any start will do.</summary>
    public static (M4Forecast Forecast, long[] Ticks) Ours(double[] past)
    {
        var start = new DateTime(2015, 1, 5, 0, 0, 0, DateTimeKind.Utc).Ticks;
        long[] ticks = [.. Enumerable.Range(0, past.Length).Select(i => start + i * TimeSpan.TicksPerHour)];
        var forecast = Forecaster.Fit(ticks, past, TimeSpan.FromHours(1)).Forecast(H, 0.95);
        return (new M4Forecast(forecast.Intervals[0].Lower, forecast.Median, forecast.Intervals[0].Upper), forecast.Ticks);
    }

    /// <summary>As a day ago; the deviation of its errors grows with the root of the days.</summary>
    public static M4Forecast SeasonalNaive(double[] past)
    {
        double squares = 0;
        for (var t = M; t < past.Length; t++) squares += Math.Pow(past[t] - past[t - M], 2);
        var deviation = Math.Sqrt(squares / (past.Length - M));
        double[] median = [.. Enumerable.Range(0, H).Select(h => past[past.Length - M + h % M])];
        double[] half = [.. Enumerable.Range(0, H).Select(h => TwoSided * deviation * Math.Sqrt(h / M + 1))];
        return new M4Forecast([.. median.Zip(half, (m, w) => m - w)], median, [.. median.Zip(half, (m, w) => m + w)]);
    }

    /// <summary>The last value, with the multiplicative season put back where a test finds one; points only.</summary>
    public static M4Forecast Naive2(double[] past)
    {
        double[] median = [.. Enumerable.Repeat(past[^1], H)];
        if (IsSeasonal(past))
        {
            var factors = Factors(past);
            var last = past[^1] / factors[(past.Length - 1) % M];
            for (var h = 0; h < H; h++) median[h] = last * factors[(past.Length + h) % M];
        }

        return new M4Forecast(median, median, median);
    }

    /// <summary>The competition's: 90 % limits of the autocorrelation at the season, its variance by Bartlett's formula.</summary>
    private static bool IsSeasonal(double[] past)
    {
        if (past.Length < 3 * M) return false;
        var mean = past.Average();
        var whole = past.Sum(y => (y - mean) * (y - mean));
        if (whole == 0) return false;
        double squares = 0, last = 0;
        for (var lag = 1; lag <= M; lag++)
        {
            last = 0;
            for (var t = lag; t < past.Length; t++) last += (past[t] - mean) * (past[t - lag] - mean) / whole;
            if (lag < M) squares += last * last;
        }

        return Math.Abs(last) > 1.645 * Math.Sqrt((1 + 2 * squares) / past.Length);
    }

    /// <summary>Classical decomposition: the mean ratio of each hour to the centred moving average, normalised to mean 1.</summary>
    private static double[] Factors(double[] past)
    {
        var factors = new double[M];
        var counts = new int[M];
        for (var t = M / 2; t < past.Length - M / 2; t++)
        {
            var trend = 0.5 * (past[t - M / 2] + past[t + M / 2]);
            for (var k = t - M / 2 + 1; k < t + M / 2; k++) trend += past[k];
            factors[t % M] += past[t] * M / trend;
            counts[t % M]++;
        }

        for (var i = 0; i < M; i++) factors[i] /= counts[i];
        var mean = factors.Average();
        return [.. factors.Select(f => f / mean)];
    }
}
