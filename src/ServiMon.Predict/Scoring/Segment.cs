using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Scoring;

/// <summary>A stretch of a series with one level.</summary>
/// <param name="Metric">Index in the profile; 0 for a series.</param>
/// <param name="From">Its first value's time, UTC, 100 ns.</param>
/// <param name="To">Its last value's.</param>
/// <param name="Count">Values in it, missing ones not counted.</param>
/// <param name="Deviation">Of its values about <paramref name="Mean"/>, their number less one in the denominator; NaN of one value.</param>
public readonly record struct Segment(int Metric, long From, long To, int Count, double Mean, double Deviation)
{
    /// <summary>The stretches of a whole series, as <see cref="Pelt"/> cuts it where its season is taken out.</summary>
    /// <param name="ticks">n times, ascending.</param>
    /// <param name="values">n values; NaN for missing.</param>
    /// <param name="zone">Whose days and weeks are seasons; null for UTC.</param>
    public static IReadOnlyList<Segment> Cut(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeZoneInfo? zone = null)
    {
        var segments = new List<Segment>();
        int[] ends = [.. Pelt.Locate(HistorySeason.Removed(ticks, values, zone)), values.Length];
        var begin = 0;
        foreach (var end in ends)
        {
            if (Of(ticks[begin..end], values[begin..end]) is { } segment) segments.Add(segment);
            begin = end;
        }
        return segments;
    }

    /// <summary>One stretch; null where there is no value. Moments by Welford's recurrence (1962).</summary>
    private static Segment? Of(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values)
    {
        var (count, mean, square) = (0, 0.0, 0.0);
        long from = 0, to = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i])) continue;
            if (count++ == 0) from = ticks[i];
            to = ticks[i];
            var distance = values[i] - mean;
            mean += distance / count;
            square += distance * (values[i] - mean);
        }
        return count == 0 ? null : new Segment(0, from, to, count, mean, count > 1 ? Math.Sqrt(square / (count - 1)) : double.NaN);
    }
}
