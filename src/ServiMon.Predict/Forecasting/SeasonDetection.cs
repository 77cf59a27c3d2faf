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

    /// <summary>Standard errors of an autocorrelation a peak must exceed: the highest of hundreds of lags is looked at.</summary>
    private const double PeakErrors = 3.5;

    /// <summary>How far the autocorrelation must have come down before a peak, as a share of the peak.</summary>
    private const double LeastDip = 0.2;

    /// <summary>The first peak at least this share of the highest is the season; the highest may be one of its multiples.</summary>
    private const double FirstPeakShare = 0.7;

    /// <summary>Noise may put a small peak on the slope up to the real one: the highest within this factor is taken.</summary>
    private const double PeakReach = 1.3;

    /// <summary>A second, longer season must beat the first one's autocorrelation by this much, and by <see cref="GainErrors"/>.</summary>
    private const double SecondPeakGain = 0.02;

    private const double GainErrors = 3;

    /// <summary>The seasons in steps, ascending: none, one, or two with the second a multiple of the first.</summary>
    /// <param name="values">Evenly spaced, NaN for missing.</param>
    /// <param name="stepTicks">Spacing, 100 ns; tells which lags are a day and a week.</param>
    public static int[] Find(ReadOnlySpan<double> values, long stepTicks)
    {
        var maxLag = Math.Min(MaxLag, (int)(values.Length / MinCycles));
        if (maxLag < 3) return [];
        var r = Autocorrelation.Compute(Detrended(values), maxLag);
        var error = StandardError(r, values.Length);
        var first = FirstSeason(r, error);
        var day = Steps(TimeSpan.TicksPerDay, stepTicks);
        if (day > 1 && day <= maxLag && r[day] > Bar(error) && (first == 0 || r[day] >= r[first] + (IsMultiple(day, first) ? SecondPeakGain : -SecondPeakGain))) first = day;
        if (first == 0) return [];

        // The week is a candidate wherever the day is: the experts that use it must still earn their weight.
        var week = Steps(7 * TimeSpan.TicksPerDay, stepTicks);
        if (week > first && week % first == 0 && week <= maxLag && r[week] > Bar(error)) return [first, week];

        var gain = Math.Max(SecondPeakGain, GainErrors * (1 - r[first] * r[first]) / Math.Sqrt(values.Length));
        var second = 0;
        for (var lag = 2 * first; lag <= maxLag; lag += first)
            if (r[lag] > r[first] + gain && (second == 0 || r[lag] > r[second])) second = lag;
        return second > 0 ? [first, second] : [first];
    }

    /// <summary>Whether a day is twice a shorter season or more, to a step of that: it comes again after a day by itself.</summary>
    private static bool IsMultiple(int day, int season)
    {
        var cycles = Math.Round(day / (double)season);
        return cycles >= 2 && Math.Abs(day / cycles - season) < 1;
    }

    private static int Steps(long span, long stepTicks) => span % stepTicks == 0 && span / stepTicks <= MaxLag ? (int)(span / stepTicks) : 0;

    /// <summary>
    /// Of one autocorrelation of a series that is persistent but not seasonal: Bartlett 1946, the sum running over the first decay.
    /// </summary>
    private static double StandardError(double[] r, int count)
    {
        var sum = 0.0;
        for (var lag = 1; lag < r.Length && r[lag] > 0; lag++) sum += r[lag] * r[lag];
        return Math.Sqrt((1 + 2 * sum) / count);
    }

    private static double Bar(double error) => Math.Max(LeastPeak, PeakErrors * error);

    /// <summary>The first of the high local maxima after the autocorrelation has once come down; 0 for none.</summary>
    private static int FirstSeason(double[] r, double error)
    {
        var highest = Bar(error);
        var candidates = new List<int>();
        var least = r[1];
        for (var lag = 2; lag < r.Length - 1; lag++)
        {
            least = Math.Min(least, r[lag]);
            if (!IsPeak(r, lag) || r[lag] <= Bar(error) || least > (1 - LeastDip) * r[lag]) continue;
            candidates.Add(lag);
            highest = Math.Max(highest, r[lag]);
        }

        var first = candidates.Find(lag => r[lag] >= FirstPeakShare * highest);
        var season = first;
        foreach (var lag in candidates)
            if (lag > first && lag <= PeakReach * first && r[lag] > r[season]) season = lag;
        return season;
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
