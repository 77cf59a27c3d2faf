using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>Finds how many steps the seasons of a series last, from its autocorrelation and, second, from the calendar.</summary>
public static class SeasonDetection
{
    /// <summary>A season is believed in from two and a half cycles on.</summary>
    private const double MinCycles = 2.5;

    private const int MaxLag = 1500;

    /// <summary>A peak of the autocorrelation below this is not worth a season.</summary>
    private const double LeastPeak = 0.2;

    /// <summary>The first peak at least this share of the highest is the season; the highest may be one of its multiples.</summary>
    private const double FirstPeakShare = 0.7;

    /// <summary>A second, longer season must beat the first one's autocorrelation by this much.</summary>
    private const double SecondPeakGain = 0.02;

    /// <summary>Standard errors of an autocorrelation (1 / sqrt n) a peak must exceed.</summary>
    private const double PeakErrors = 3;

    /// <summary>The seasons in steps, ascending: none, one, or two with the second a multiple of the first.</summary>
    /// <param name="values">Evenly spaced, NaN for missing.</param>
    /// <param name="stepTicks">Spacing, 100 ns; tells which lags are a day and a week.</param>
    public static int[] Find(ReadOnlySpan<double> values, long stepTicks)
    {
        var maxLag = Math.Min(MaxLag, (int)(values.Length / MinCycles));
        if (maxLag < 3) return [];
        var r = Autocorrelation.Compute(Detrended(values), maxLag);
        var bar = Math.Max(LeastPeak, PeakErrors / Math.Sqrt(values.Length));
        var first = FirstSeason(r, bar);
        var day = Steps(TimeSpan.TicksPerDay, stepTicks);
        if (day > 1 && day <= maxLag && r[day] > bar && (first == 0 || r[day] >= r[first] - SecondPeakGain)) first = day;
        if (first == 0) return [];

        var second = 0;
        for (var lag = 2 * first; lag <= maxLag; lag += first)
            if (r[lag] > r[first] + SecondPeakGain && (second == 0 || r[lag] > r[second])) second = lag;
        var week = Steps(7 * TimeSpan.TicksPerDay, stepTicks);
        if (week > first && week % first == 0 && week <= maxLag && r[week] > bar && (second == 0 || r[week] >= r[second] - SecondPeakGain))
            second = week;
        return second > 0 ? [first, second] : [first];
    }

    private static int Steps(long span, long stepTicks) => span % stepTicks == 0 && span / stepTicks <= MaxLag ? (int)(span / stepTicks) : 0;

    /// <summary>The first high local maximum after the autocorrelation has once come down; 0 for none.</summary>
    private static int FirstSeason(double[] r, double bar)
    {
        var from = 1;
        while (from < r.Length && r[from] > bar && r[from] <= r[from - 1]) from++;
        var highest = 0.0;
        for (var lag = Math.Max(2, from); lag < r.Length - 1; lag++)
            if (IsPeak(r, lag)) highest = Math.Max(highest, r[lag]);
        if (highest < bar) return 0;
        for (var lag = Math.Max(2, from); lag < r.Length - 1; lag++)
            if (IsPeak(r, lag) && r[lag] >= FirstPeakShare * highest) return lag;
        return 0;
    }

    private static bool IsPeak(double[] r, int lag) => r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1];

    /// <summary>The values less their least-squares line.</summary>
    private static double[] Detrended(ReadOnlySpan<double> values)
    {
        double time = 0, level = 0, cross = 0, spread = 0;
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) continue;
            count++;
            double fromTime = i - time, fromLevel = values[i] - level;
            time += fromTime / count;
            level += fromLevel / count;
            cross += fromTime * (values[i] - level);
            spread += fromTime * (i - time);
        }

        var slope = spread > 0 ? cross / spread : 0;
        var result = new double[values.Length];
        for (var i = 0; i < result.Length; i++) result[i] = values[i] - level - slope * (i - time);
        return result;
    }
}
