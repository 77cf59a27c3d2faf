using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Evidence;

/// <summary>Rates of the exponential averages, fixed for a profile.</summary>
/// <param name="Fast">1 - 2^(-step / half-life) of the fast average; likewise <paramref name="Middle"/> and <paramref name="Slow"/>.</param>
/// <param name="BaselineSteps">Values that make the baseline before it slows down.</param>
/// <param name="BaselineRate">Rate of the baseline after that.</param>
internal readonly record struct LaneRates(float Fast, float Middle, float Slow, float BaselineSteps, float BaselineRate);

/// <summary>
/// One step of all lanes: one vectorised pass over the state, no allocation. Lane by lane the arithmetic is the same wherever the lane
/// stands, so neither the order nor the number of lanes changes a result.
/// </summary>
internal static class LaneKernel
{
    /// <summary>Deviations from the baseline are clipped to this many spreads before they enter the baseline or the cumulative sums.</summary>
    public const float Winsor = 4;

    /// <summary>Reference value of the cumulative sums, half the shift in spreads that they are tuned to (Page 1954).</summary>
    public const float CusumSlack = 0.5f;

    public const float CusumCap = 100;

    /// <summary>Scores are clipped to this: beyond it only the sign is news.</summary>
    public const float ScoreCap = 30;

    /// <summary>The share of the long-run spread that the short-run spread is never below.</summary>
    public const float SpreadShare = 0.2f;

    /// <summary>Mean absolute deviation to standard deviation of a Gaussian, sqrt(pi / 2).</summary>
    public const float AbsoluteToStandard = 1.2533141f;

    /// <param name="from">First lane, a multiple of <see cref="LaneState.Padding"/>.</param>
    /// <param name="to">End of the lanes, likewise, at most the state's stride.</param>
    /// <param name="isEvent">1 for lanes that count events, else 0; at least <paramref name="to"/> entries.</param>
    public static void Advance(LaneState state, ReadOnlySpan<float> isEvent, in LaneRates rates, int from, int to)
    {
        var one = Vector256<float>.One;
        var zero = Vector256<float>.Zero;
        var fastRate = Vector256.Create(rates.Fast);
        var middleRate = Vector256.Create(rates.Middle);
        var slowRate = Vector256.Create(rates.Slow);
        var baselineSteps = Vector256.Create(rates.BaselineSteps);
        var baselineRate = Vector256.Create(rates.BaselineRate);
        for (var lane = from; lane < to; lane += LaneState.Padding)
        {
            var rows = new LaneVectors(state, lane);
            var x = rows[LaneRow.Current];
            var present = Vector256.Equals(x, x);

            // Before the update: how far is the newest value from what was expected of it?
            var floor = rows[LaneRow.Floor];
            var baseVariance = rows[LaneRow.BaselineVariance];
            var baseSpread = Vector256.Sqrt(baseVariance);
            var deviation = rows[LaneRow.AbsoluteDeviation];
            var slowDelta = x - rows[LaneRow.MeanSlow];
            var score = Clip(slowDelta / (AbsoluteToStandard * deviation + SpreadShare * baseSpread + floor), ScoreCap);
            var seenBefore = present & Vector256.GreaterThan(rows[LaneRow.WeightSlow], zero);
            rows[LaneRow.Spike] = Vector256.ConditionalSelect(seenBefore, score, zero);

            Average(x, present, fastRate, rows, LaneRow.MeanFast, LaneRow.VarianceFast, LaneRow.WeightFast);
            Average(x, present, middleRate, rows, LaneRow.MeanMiddle, LaneRow.VarianceMiddle, LaneRow.WeightMiddle);
            var slowGain = Average(x, present, slowRate, rows, LaneRow.MeanSlow, LaneRow.VarianceSlow, LaneRow.WeightSlow);
            rows[LaneRow.AbsoluteDeviation] =
                Vector256.ConditionalSelect(seenBefore, deviation + slowGain * (Vector256.Abs(slowDelta) - deviation), deviation);

            var oldCount = rows[LaneRow.BaselineCount];
            var count = oldCount + one;
            var young = Vector256.LessThanOrEqual(count, baselineSteps);
            var gain = Vector256.ConditionalSelect(young, one / count, baselineRate);
            var spread = baseSpread + floor;
            var baseMean = rows[LaneRow.BaselineMean];
            var delta = x - baseMean;
            var bound = Winsor * spread;
            var clipped = Vector256.ConditionalSelect(young, delta, Vector256.MaxNative(Vector256.MinNative(delta, bound), -bound));
            var z = Clip(delta / spread, Winsor);
            var tracking = Vector256.AndNot(present, young);
            var slack = Vector256.Create(CusumSlack);
            var (up, down) = (rows[LaneRow.CusumUp], rows[LaneRow.CusumDown]);
            rows[LaneRow.CusumUp] = Vector256.ConditionalSelect(tracking, Bound(up + z - slack), up);
            rows[LaneRow.CusumDown] = Vector256.ConditionalSelect(tracking, Bound(down - z - slack), down);
            baseMean = Vector256.ConditionalSelect(present, baseMean + gain * clipped, baseMean);
            baseVariance = Vector256.ConditionalSelect(present, (one - gain) * (baseVariance + gain * clipped * clipped), baseVariance);
            rows[LaneRow.BaselineMean] = baseMean;
            rows[LaneRow.BaselineVariance] = baseVariance;
            rows[LaneRow.BaselineCount] = Vector256.ConditionalSelect(present, count, oldCount);
            rows[LaneRow.BaselineDeviation] = Clip((rows[LaneRow.MeanFast] - baseMean) / (Vector256.Sqrt(baseVariance) + floor), ScoreCap);

            var (last, since, missing) = (rows[LaneRow.Last], rows[LaneRow.SinceChange], rows[LaneRow.MissingShare]);
            var isEventLane = Vector256.GreaterThan(Vector256.Create(isEvent[lane..]), zero);
            var same = Vector256.ConditionalSelect(isEventLane, ~(present & Vector256.GreaterThan(x, zero)), present & Vector256.Equals(x, last));
            rows[LaneRow.SinceChange] = Vector256.ConditionalSelect(same, since + one, Vector256.ConditionalSelect(present, zero, since));
            rows[LaneRow.Last] = Vector256.ConditionalSelect(present, x, last);
            rows[LaneRow.MissingShare] = missing + middleRate * (Vector256.ConditionalSelect(present, zero, one) - missing);
        }
    }

    /// <summary>
    /// Exponentially weighted mean and variance with the weight seen so far, so that the first values count in full rather than
    /// against an imagined zero; a missing value changes nothing. The variance recursion is that of Finch (2009), eq. 143.
    /// </summary>
    /// <returns>The share of the mean that the value makes, where there is one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Average(
        Vector256<float> x, Vector256<float> present, Vector256<float> rate, LaneVectors rows, LaneRow meanRow, LaneRow varianceRow, LaneRow weightRow)
    {
        var (mean, variance, weight) = (rows[meanRow], rows[varianceRow], rows[weightRow]);
        var newWeight = weight + rate * (Vector256<float>.One - weight);
        var gain = rate / newWeight;
        var delta = x - mean;
        rows[meanRow] = Vector256.ConditionalSelect(present, mean + gain * delta, mean);
        rows[varianceRow] = Vector256.ConditionalSelect(present, (Vector256<float>.One - gain) * (variance + gain * delta * delta), variance);
        rows[weightRow] = Vector256.ConditionalSelect(present, newWeight, weight);
        return gain;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Clip(Vector256<float> value, float bound) =>
        Vector256.MaxNative(Vector256.MinNative(value, Vector256.Create(bound)), Vector256.Create(-bound));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Bound(Vector256<float> value) =>
        Vector256.MaxNative(Vector256.MinNative(value, Vector256.Create(CusumCap)), Vector256<float>.Zero);
}
