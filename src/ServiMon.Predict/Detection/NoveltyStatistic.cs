using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
    public const float MostRanked = ushort.MaxValue;

    private const int Lanes = DetectorState.Padding;
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

    /// <summary>The novelty of four lanes, 0 or more, 0 where the value is missing; then learns from them.</summary>
    /// <param name="levels">What <see cref="Levels"/> gave for these lanes.</param>
    /// <param name="hour">The deviation from the hour in its mean residuals.</param>
    /// <param name="lanes">How many of the four are real.</param>
    [SkipLocalsInit]
    public static Vector128<float> Advance(
        DetectorState state, int lane, Vector128<float> x, in WindowLevels levels, Vector128<float> hour, long count, int lanes)
    {
        var present = Vector128.Equals(x, x);
        var min = state.Load(DetectorRow.Min, lane);
        var max = state.Load(DetectorRow.Max, lane);
        var range = max - min;
        var outside = Vector128.Max(Vector128<float>.Zero, Vector128.Max(min - x, x - max));
        var rangeDeviation = Vector128.GreaterThan(range, Vector128<float>.Zero) & Vector128.LessThan(range, Vector128.Create(float.PositiveInfinity)) & (outside / range);
        state.Store(DetectorRow.Min, lane, Vector128.ConditionalSelect(present, Vector128.Min(min, x), min));
        state.Store(DetectorRow.Max, lane, Vector128.ConditionalSelect(present, Vector128.Max(max, x), max));
        var level = Level(state, lane, present, levels.Long, levels.LongCount, count >= Cells.FullSteps, LeastPresent * Cells.FullSteps, DetectorRow.LevelMean);
        var shortLevel = Level(state, lane, present, levels.Short, levels.ShortCount, count >= ShortFullSteps, LeastPresent * ShortFullSteps, DetectorRow.ShortMean);

        Span<float> octaves = stackalloc float[4 * Lanes];
        Span<float> p = stackalloc float[4 * Lanes];
        Vector128.Log2(rangeDeviation).CopyTo(octaves);
        Vector128.Log2(level).CopyTo(octaves[Lanes..]);
        Vector128.Log2(shortLevel).CopyTo(octaves[(2 * Lanes)..]);
        Vector128.Log2(hour).CopyTo(octaves[(3 * Lanes)..]);
        p.Fill(1);
        var bits = present.ExtractMostSignificantBits();
        for (var i = 0; i < lanes; i++)
        {
            if ((bits >> i & 1) == 0) continue;
            var ranks = state.Ranks.AsSpan((lane + i) * RankBins.Total, RankBins.Total);
            ref var seen = ref state[DetectorRow.RankCount, lane + i];
            for (var channel = 0; channel < 4; channel++) p[Lanes * channel + i] = RankBins.Rank(ranks, channel, octaves[Lanes * channel + i], seen);
            if (++seen >= MostRanked) seen = RankBins.Halve(ranks, seen);
        }

        var strength = -Log10Of2 * (Log(p, 0) + LevelWeight * Log(p, 1) + ShortWeight * Log(p, 2) + HourWeight * Log(p, 3));
        var peak = state.Load(DetectorRow.Peak, lane);
        var emitted = present & Vector128.GreaterThan(strength, RefractoryFactor * peak) & strength;
        state.Store(DetectorRow.Peak, lane, Vector128.ConditionalSelect(present, Vector128.Max(RefractoryDecay * peak, strength), peak));
        return emitted;
    }

    private static Vector128<float> Log(Span<float> p, int channel) => Vector128.Log2(Vector128.Create<float>(p.Slice(Lanes * channel, Lanes)));

    /// <summary>How far a level lies from where it usually is, in its own deviations; 0 while it says nothing. Then learns.</summary>
    private static Vector128<float> Level(
        DetectorState state, int lane, Vector128<float> present, Vector128<float> level, Vector128<float> values, bool full, float least, DetectorRow meanRow)
    {
        if (!full) return Vector128<float>.Zero;
        var one = Vector128<float>.One;
        var judged = present & Vector128.GreaterThanOrEqual(values, Vector128.Create(least));
        var (mean, variance, count) = (state.Load(meanRow, lane), state.Load(meanRow + 1, lane), state.Load(meanRow + 2, lane));
        var difference = level - mean;
        var known = judged & Vector128.GreaterThan(count, one) & Vector128.GreaterThan(variance, Vector128<float>.Zero);
        var deviation = known & (Vector128.Abs(difference) / Vector128.Sqrt(variance));

        var newCount = Vector128.Min(count + one, Vector128.Create(1f / LevelForgetting));
        var rate = Vector128.Max(Vector128.Create(LevelForgetting), one / newCount);
        state.Store(meanRow, lane, Vector128.ConditionalSelect(judged, mean + rate * difference, mean));
        // West 1979, weighted update: exact for a rate of 1/n, exponential forgetting after that.
        state.Store(meanRow + 1, lane, Vector128.ConditionalSelect(judged, (one - rate) * (variance + rate * difference * difference), variance));
        state.Store(meanRow + 2, lane, Vector128.ConditionalSelect(judged, newCount, count));
        return deviation;
    }
}
