using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Novelty: how unlike anything seen before a value is in four respects, each ranked among its own past. Range: the distance outside the
/// running [min, max]. Level and short level: how far the mean of the last 232 to 247 steps, and of the last 40 to 55, lies from where
/// that mean usually is. Hour: how far the value lies from what this hour of the week usually brings.
/// </summary>
/// <remarks>
/// The ranks add up as S = -log10 p_range - 1.1 log10 p_level - 0.6 log10 p_short - 0.9 log10 p_hour (Fisher's combination with weights,
/// as deviations that depend on each other would count twice). S is given out only where it exceeds 1.11 times the decaying maximum of what
/// came before, so one episode is reported where it begins and where it clearly worsens. The constants are one fixed set, none depends on
/// the series: the centre of the region that was best on the even half of the Numenta Anomaly Benchmark (Lavin and Ahmad 2015).
/// </remarks>
internal static class NoveltyStatistic
{
    private const float LevelWeight = 1.1f;
    private const float ShortWeight = 0.6f;
    private const float HourWeight = 0.9f;
    private const float RefractoryFactor = 1.11f;
    private const float RefractoryDecay = 0.9935f;

    /// <summary>Steps from which the short level is over as many as later.</summary>
    private const int ShortFullSteps = 56;

    /// <summary>A level over fewer present values than this share of its steps says nothing.</summary>
    private const float LeastPresent = 0.5f;

    private const float Log10Of2 = 0.30102999566f;

    /// <summary>Half-life of a level's own mean and deviation: 10,000 steps, five weeks of 5-minute rows.</summary>
    private static readonly float LevelForgetting = (float)(1 - Math.Pow(2, -1.0 / 10_000));

    /// <summary>The novelty of a block of lanes, 0 or more, 0 where the value is missing; then learns from them.</summary>
    /// <param name="levels">Of the same lanes.</param>
    /// <param name="hour">The deviation from the hour in its mean residuals.</param>
    /// <param name="count">Steps so far.</param>
    public static TVector Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, in WindowLevels<TVector> levels, TVector hour, long count)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var present = TVector.Equals(x, x);
        var (min, max) = (rows[DetectorRow.Min], rows[DetectorRow.Max]);
        var range = max - min;
        var outside = TVector.MaxNative(TVector.Zero, TVector.MaxNative(min - x, x - max));
        var spread = TVector.GreaterThan(range, TVector.Zero) & TVector.LessThan(range, TVector.Create(float.PositiveInfinity));
        rows.Keep(DetectorRow.Min, present, TVector.MinNative(min, x), min);
        rows.Keep(DetectorRow.Max, present, TVector.MaxNative(max, x), max);
        var level = Level(rows, present, levels.Long, levels.LongCount, count >= Cells.FullSteps, LeastPresent * Cells.FullSteps, DetectorRow.LevelMean);
        var shortLevel = Level(rows, present, levels.Short, levels.ShortCount, count >= ShortFullSteps, LeastPresent * ShortFullSteps, DetectorRow.ShortMean);

        var seen = rows[DetectorRow.RankCount];
        var log = Ranks(rows, present & spread & (outside / range), level, shortLevel, hour, present, seen);
        var ranked = seen + (present & TVector.One);
        rows[DetectorRow.RankCount] = ranked;
        var full = TVector.GreaterThanOrEqual(ranked, TVector.Create(RankBins.MostRanked)).ExtractMostSignificantBits();
        if (full != 0) Halve(rows, full);

        var strength = -Log10Of2 * log;
        var peak = rows[DetectorRow.Peak];
        rows.Keep(DetectorRow.Peak, present, TVector.MaxNative(RefractoryDecay * peak, strength), peak);
        return present & TVector.GreaterThan(strength, RefractoryFactor * peak) & strength;
    }

    /// <summary>log2 of the p-values of all channels, weighted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Ranks<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector range, TVector level, TVector shortLevel, TVector hour, TVector present, TVector seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        // Where there are no vectors of sixteen, channels are taken one by one.
        if (Vector512.IsHardwareAccelerated && typeof(TVector) == typeof(Floats4))
        {
            var all = RankBins.RankFew(
                rows, 0, SideBySide.Four(range, level, shortLevel, hour), SideBySide.Four(present, present, present, present), SideBySide.Four(seen, seen, seen, seen));
            return SideBySide.OfFour<TVector>(all, 0) + LevelWeight * SideBySide.OfFour<TVector>(all, 1)
                + ShortWeight * SideBySide.OfFour<TVector>(all, 2) + HourWeight * SideBySide.OfFour<TVector>(all, 3);
        }

        if (Vector512.IsHardwareAccelerated && TWidth.Count is > 4 and <= 8) return RankPairs(rows, range, level, shortLevel, hour, present, seen);
        return RankBins.Rank(rows, 0, range, present, seen) + LevelWeight * RankBins.Rank(rows, 1, level, present, seen)
            + ShortWeight * RankBins.Rank(rows, 2, shortLevel, present, seen) + HourWeight * RankBins.Rank(rows, 3, hour, present, seen);
    }

    /// <summary>The same of five to eight lanes.</summary>
    private static TVector RankPairs<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector range, TVector level, TVector shortLevel, TVector hour, TVector present, TVector seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var (there, before) = (SideBySide.Two(present, present), SideBySide.Two(seen, seen));
        var first = RankBins.RankFew(rows, 0, SideBySide.Two(range, level), there, before);
        var later = RankBins.RankFew(rows, 2, SideBySide.Two(shortLevel, hour), there, before);
        return SideBySide.OfTwo<TVector>(first, 0) + LevelWeight * SideBySide.OfTwo<TVector>(first, 1)
            + ShortWeight * SideBySide.OfTwo<TVector>(later, 0) + HourWeight * SideBySide.OfTwo<TVector>(later, 1);
    }

    private static void Halve<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        for (var i = 0; i < TWidth.Count; i++)
            if ((lanes >> i & 1) != 0) RankBins.Halve(rows[i]);
    }

    /// <summary>How far a level lies from where it usually is, in its own deviations; 0 while it says nothing. Then learns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Level<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector present, TVector level, TVector values, bool full, float least, DetectorRow meanRow)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (!full) return TVector.Zero;
        var one = TVector.One;
        var judged = present & TVector.GreaterThanOrEqual(values, TVector.Create(least));
        var (mean, variance, count) = (rows[meanRow], rows[meanRow + 1], rows[meanRow + 2]);
        var difference = level - mean;
        var known = judged & TVector.GreaterThan(count, one) & TVector.GreaterThan(variance, TVector.Zero);
        var deviation = known & (TVector.Abs(difference) / TVector.Sqrt(variance));

        var newCount = TVector.MinNative(count + one, TVector.Create(1f / LevelForgetting));
        var rate = TVector.MaxNative(TVector.Create(LevelForgetting), one / newCount);
        rows.Keep(meanRow, judged, mean + rate * difference, mean);
        // West 1979, weighted update: exact for a rate of 1/n, exponential forgetting after that.
        rows.Keep(meanRow + 1, judged, (one - rate) * (variance + rate * difference * difference), variance);
        rows.Keep(meanRow + 2, judged, newCount, count);
        return deviation;
    }
}
