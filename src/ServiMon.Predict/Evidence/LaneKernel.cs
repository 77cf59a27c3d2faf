using System.Numerics;
using System.Runtime.InteropServices;

namespace ServiMon.Predict.Evidence;

/// <summary>Rates of the exponential averages, fixed for a profile.</summary>
/// <param name="Fast">1 - 2^(-step / half-life) of the fast average; likewise <paramref name="Middle"/> and <paramref name="Slow"/>.</param>
/// <param name="BaselineSteps">Values that make the baseline before it slows down.</param>
/// <param name="BaselineRate">Rate of the baseline after that.</param>
internal readonly record struct LaneRates(float Fast, float Middle, float Slow, float BaselineSteps, float BaselineRate);

/// <summary>
/// One step of all lanes: a few vectorised passes over the state, no allocation. Lane by lane the arithmetic is the same at every
/// vector width, so the result does not depend on it.
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

    /// <param name="from">First lane, a multiple of the vector width.</param>
    /// <param name="to">End of the lanes, likewise.</param>
    /// <param name="isEvent">1 for lanes that count events, else 0.</param>
    public static void Advance(LaneState state, ReadOnlySpan<float> isEvent, in LaneRates rates, int from, int to)
    {
        var current = Rows(state, LaneRow.Current);
        var last = Rows(state, LaneRow.Last);
        var m0 = Rows(state, LaneRow.MeanFast);
        var m1 = Rows(state, LaneRow.MeanMiddle);
        var m2 = Rows(state, LaneRow.MeanSlow);
        var v0 = Rows(state, LaneRow.VarianceFast);
        var v1 = Rows(state, LaneRow.VarianceMiddle);
        var v2 = Rows(state, LaneRow.VarianceSlow);
        var w0 = Rows(state, LaneRow.WeightFast);
        var w1 = Rows(state, LaneRow.WeightMiddle);
        var w2 = Rows(state, LaneRow.WeightSlow);
        var deviation = Rows(state, LaneRow.AbsoluteDeviation);
        var baseMean = Rows(state, LaneRow.BaselineMean);
        var baseVariance = Rows(state, LaneRow.BaselineVariance);
        var baseCount = Rows(state, LaneRow.BaselineCount);
        var spike = Rows(state, LaneRow.Spike);
        var up = Rows(state, LaneRow.CusumUp);
        var down = Rows(state, LaneRow.CusumDown);
        var since = Rows(state, LaneRow.SinceChange);
        var missing = Rows(state, LaneRow.MissingShare);
        var run = Rows(state, LaneRow.MissingRun);
        var floor = Rows(state, LaneRow.Floor);
        var baseDeviation = Rows(state, LaneRow.BaselineDeviation);
        var events = MemoryMarshal.Cast<float, Vector<float>>(isEvent);

        var one = Vector<float>.One;
        var zero = Vector<float>.Zero;
        for (var i = from / Vector<float>.Count; i < to / Vector<float>.Count; i++)
        {
            var x = current[i];
            var present = Vector.Equals(x, x);

            // Before the update: how far is the newest value from what was expected of it?
            var baseSpread = Vector.SquareRoot(baseVariance[i]);
            var slowDelta = x - m2[i];
            var score = Clip(slowDelta / (AbsoluteToStandard * deviation[i] + SpreadShare * baseSpread + floor[i]), ScoreCap);
            var seenBefore = Vector.GreaterThan(w2[i], zero);
            spike[i] = Vector.ConditionalSelect(present & seenBefore, score, zero);

            Average(x, present, rates.Fast, ref m0[i], ref v0[i], ref w0[i]);
            Average(x, present, rates.Middle, ref m1[i], ref v1[i], ref w1[i]);
            Average(x, present, rates.Slow, ref m2[i], ref v2[i], ref w2[i]);
            var slowGain = new Vector<float>(rates.Slow) / w2[i];
            deviation[i] = Vector.ConditionalSelect(present & seenBefore,
                deviation[i] + slowGain * (Vector.Abs(slowDelta) - deviation[i]), deviation[i]);

            var count = baseCount[i] + one;
            var young = Vector.LessThanOrEqual(count, new Vector<float>(rates.BaselineSteps));
            var gain = Vector.ConditionalSelect(young, one / count, new Vector<float>(rates.BaselineRate));
            var spread = baseSpread + floor[i];
            var delta = x - baseMean[i];
            var clipped = Vector.ConditionalSelect(young, delta, Vector.Max(Vector.Min(delta, Winsor * spread), -Winsor * spread));
            var z = Clip(delta / spread, Winsor);
            var tracking = present & ~young;
            up[i] = Vector.ConditionalSelect(tracking, Bound(up[i] + z - new Vector<float>(CusumSlack)), up[i]);
            down[i] = Vector.ConditionalSelect(tracking, Bound(down[i] - z - new Vector<float>(CusumSlack)), down[i]);
            baseMean[i] = Vector.ConditionalSelect(present, baseMean[i] + gain * clipped, baseMean[i]);
            baseVariance[i] = Vector.ConditionalSelect(present, (one - gain) * (baseVariance[i] + gain * clipped * clipped), baseVariance[i]);
            baseCount[i] = Vector.ConditionalSelect(present, count, baseCount[i]);
            baseDeviation[i] = Clip((m0[i] - baseMean[i]) / (Vector.SquareRoot(baseVariance[i]) + floor[i]), ScoreCap);

            var isEventLane = Vector.GreaterThan(events[i], zero);
            var same = Vector.ConditionalSelect(isEventLane, ~(present & Vector.GreaterThan(x, zero)), present & Vector.Equals(x, last[i]));
            since[i] = Vector.ConditionalSelect(same, since[i] + one, Vector.ConditionalSelect(present, zero, since[i]));
            last[i] = Vector.ConditionalSelect(present, x, last[i]);
            missing[i] += new Vector<float>(rates.Middle) * (Vector.ConditionalSelect(present, zero, one) - missing[i]);
            run[i] = Vector.ConditionalSelect(present, zero, run[i] + one);
        }
    }

    /// <summary>
    /// Exponentially weighted mean and variance with the weight seen so far, so that the first values count in full rather than
    /// against an imagined zero; a missing value changes nothing. The variance recursion is that of Finch (2009), eq. 143.
    /// </summary>
    private static void Average(Vector<float> x, Vector<int> present, float rate, ref Vector<float> mean, ref Vector<float> variance, ref Vector<float> weight)
    {
        var rates = new Vector<float>(rate);
        var newWeight = weight + rates * (Vector<float>.One - weight);
        var gain = rates / newWeight;
        var delta = x - mean;
        mean = Vector.ConditionalSelect(present, mean + gain * delta, mean);
        variance = Vector.ConditionalSelect(present, (Vector<float>.One - gain) * (variance + gain * delta * delta), variance);
        weight = Vector.ConditionalSelect(present, newWeight, weight);
    }

    private static Vector<float> Clip(Vector<float> value, float bound) =>
        Vector.Max(Vector.Min(value, new Vector<float>(bound)), new Vector<float>(-bound));

    private static Vector<float> Bound(Vector<float> value) =>
        Vector.Max(Vector.Min(value, new Vector<float>(CusumCap)), Vector<float>.Zero);

    private static Span<Vector<float>> Rows(LaneState state, LaneRow row) => MemoryMarshal.Cast<float, Vector<float>>(state.Row(row));
}
