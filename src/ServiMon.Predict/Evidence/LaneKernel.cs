using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

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

    /// <summary>Advances the lanes of a section by their current values.</summary>
    public static void Advance<TKind>(EvidenceModel model, LaneState state, in LaneScratch scratch, in LaneRates rates, in LaneSection section)
        where TKind : struct, ILaneKind
    {
        if (section.Count == 0) return;
        ref var lanes = ref state.Lanes.AsSpan(section.Start, section.End - section.Start)[0];
        ref var current = ref scratch.Current.Slice(section.First, section.Count)[0];
        ref var constants = ref (TKind.HasScores ? model.EventMask : model.Floors).AsSpan(section.First, section.Count)[0];
        ref var spike = ref TKind.HasScores ? ref scratch.Spike[..section.Count][0] : ref Unsafe.NullRef<float>();
        ref var deviation = ref TKind.HasScores ? ref scratch.BaselineDeviation[..section.Count][0] : ref Unsafe.NullRef<float>();
        var step = new Step<TKind>(section, ref lanes, ref current, ref constants, ref spike, ref deviation, rates);
        if (section.Count == 1) step.Visit<OneLane, Floats4>(0);
        else LaneBlocks.Each(section.Count, LaneLayout.BlockWidth, ref step);
    }

    private static void Advance<TWidth, TVector, TKind>(
        LaneRows<TWidth, TVector, TKind> rows, in LaneRates rates, TVector x, TVector floor, TVector isEvent, ref float spike, ref float baselineDeviation)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> where TKind : struct, ILaneKind
    {
        var (one, zero) = (TVector.One, TVector.Zero);
        var present = TVector.Equals(x, x);
        var baseVariance = TKind.HasBaseline ? rows[LaneRow.BaselineVariance] : zero;
        var baseSpread = TVector.Sqrt(baseVariance);
        var slowDelta = x - rows[LaneRow.MeanSlow];
        var seenBefore = present & TVector.GreaterThan(rows[LaneRow.WeightSlow], zero);
        if (TKind.HasScores)
        {
            // Before the update: how far is the newest value from what was expected of it?
            var score = Clip(slowDelta / (AbsoluteToStandard * rows[LaneRow.AbsoluteDeviation] + SpreadShare * baseSpread + floor), ScoreCap);
            TWidth.Store(TVector.ConditionalSelect(seenBefore, score, zero), ref spike);
        }

        Average(x, present, TVector.Create(rates.Fast), rows, LaneRow.MeanFast, LaneRow.VarianceFast, LaneRow.WeightFast);
        Average(x, present, TVector.Create(rates.Middle), rows, LaneRow.MeanMiddle, LaneRow.VarianceMiddle, LaneRow.WeightMiddle);
        var slowGain = Average(x, present, TVector.Create(rates.Slow), rows, LaneRow.MeanSlow, LaneRow.VarianceSlow, LaneRow.WeightSlow);
        if (TKind.HasScores)
        {
            var deviation = rows[LaneRow.AbsoluteDeviation];
            rows[LaneRow.AbsoluteDeviation] =
                TVector.ConditionalSelect(seenBefore, deviation + slowGain * (TVector.Abs(slowDelta) - deviation), deviation);
        }

        if (TKind.HasBaseline)
        {
            var oldCount = rows[LaneRow.BaselineCount];
            var count = oldCount + one;
            var young = TVector.LessThanOrEqual(count, TVector.Create(rates.BaselineSteps));
            var gain = TVector.ConditionalSelect(young, one / count, TVector.Create(rates.BaselineRate));
            var spread = baseSpread + floor;
            var baseMean = rows[LaneRow.BaselineMean];
            var delta = x - baseMean;
            var bound = Winsor * spread;
            var clipped = TVector.ConditionalSelect(young, delta, TVector.MaxNative(TVector.MinNative(delta, bound), -bound));
            if (TKind.HasScores)
            {
                var z = Clip(delta / spread, Winsor);
                var tracking = TVector.AndNot(present, young);
                var slack = TVector.Create(CusumSlack);
                var (up, down) = (rows[LaneRow.CusumUp], rows[LaneRow.CusumDown]);
                rows[LaneRow.CusumUp] = TVector.ConditionalSelect(tracking, Bound(up + z - slack), up);
                rows[LaneRow.CusumDown] = TVector.ConditionalSelect(tracking, Bound(down - z - slack), down);
            }

            baseMean = TVector.ConditionalSelect(present, baseMean + gain * clipped, baseMean);
            baseVariance = TVector.ConditionalSelect(present, (one - gain) * (baseVariance + gain * clipped * clipped), baseVariance);
            rows[LaneRow.BaselineMean] = baseMean;
            rows[LaneRow.BaselineVariance] = baseVariance;
            rows[LaneRow.BaselineCount] = TVector.ConditionalSelect(present, count, oldCount);
            if (TKind.HasScores)
            {
                var unseen = TVector.Equals(rows[LaneRow.WeightFast], zero);
                var score = Clip((rows[LaneRow.MeanFast] - baseMean) / (TVector.Sqrt(baseVariance) + floor), ScoreCap);
                TWidth.Store(TVector.ConditionalSelect(unseen, TVector.Create(float.NaN), score), ref baselineDeviation);
            }
        }

        if (TKind.HasRuns)
        {
            var (last, since) = (rows[LaneRow.Last], rows[LaneRow.SinceChange]);
            var same = present & TVector.Equals(x, last);
            if (TKind.HasScores)
                same = TVector.ConditionalSelect(TVector.GreaterThan(isEvent, zero), ~(present & TVector.GreaterThan(x, zero)), same);
            rows[LaneRow.SinceChange] = TVector.ConditionalSelect(same, since + one, TVector.ConditionalSelect(present, zero, since));
            rows[LaneRow.Last] = TVector.ConditionalSelect(present, x, last);
        }

        if (TKind.HasScores)
        {
            var missing = rows[LaneRow.MissingShare];
            rows[LaneRow.MissingShare] = missing + TVector.Create(rates.Middle) * (TVector.ConditionalSelect(present, zero, one) - missing);
        }
    }

    /// <summary>
    /// Exponentially weighted mean and variance with the weight seen so far, so that the first values count in full rather than
    /// against an imagined zero; a missing value changes nothing. The variance recursion is that of Finch (2009), eq. 143.
    /// </summary>
    /// <returns>The share of the mean that the value makes, where there is one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Average<TWidth, TVector, TKind>(
        TVector x, TVector present, TVector rate, LaneRows<TWidth, TVector, TKind> rows, LaneRow meanRow, LaneRow varianceRow, LaneRow weightRow)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> where TKind : struct, ILaneKind
    {
        var (mean, weight) = (rows[meanRow], rows[weightRow]);
        var newWeight = weight + rate * (TVector.One - weight);
        var gain = rate / newWeight;
        var delta = x - mean;
        rows[meanRow] = TVector.ConditionalSelect(present, mean + gain * delta, mean);
        rows[weightRow] = TVector.ConditionalSelect(present, newWeight, weight);
        if (!TKind.HasScores) return gain;
        var variance = rows[varianceRow];
        rows[varianceRow] = TVector.ConditionalSelect(present, (TVector.One - gain) * (variance + gain * delta * delta), variance);
        return gain;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clip<TVector>(TVector value, float bound) where TVector : struct, ILaneVector<TVector> =>
        TVector.MaxNative(TVector.MinNative(value, TVector.Create(bound)), TVector.Create(-bound));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Bound<TVector>(TVector value) where TVector : struct, ILaneVector<TVector> =>
        TVector.MaxNative(TVector.MinNative(value, TVector.Create(CusumCap)), TVector.Zero);

    /// <summary>A step of the blocks of a section. All references are to the section's first lane.</summary>
    /// <param name="constants">Of metrics whether they count events, of other lanes their least spread.</param>
    private readonly ref struct Step<TKind>(
        in LaneSection section, ref float lanes, ref float current, ref float constants, ref float spike, ref float deviation, in LaneRates rates)
        : IBlockVisitor where TKind : struct, ILaneKind
    {
        private readonly int _rowCount = section.RowCount;
        private readonly ref float _lanes = ref lanes;
        private readonly ref float _current = ref current;
        private readonly ref float _constants = ref constants;
        private readonly ref float _spike = ref spike;
        private readonly ref float _deviation = ref deviation;
        private readonly ref readonly LaneRates _rates = ref rates;

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
        {
            var rows = new LaneRows<TWidth, TVector, TKind>(ref Unsafe.Add(ref _lanes, lane * _rowCount));
            var x = TWidth.Load(ref Unsafe.Add(ref _current, lane));
            var constants = TWidth.Load(ref Unsafe.Add(ref _constants, lane));
            if (TKind.HasScores)
                Advance(rows, _rates, x, rows[LaneRow.Floor], constants, ref Unsafe.Add(ref _spike, lane), ref Unsafe.Add(ref _deviation, lane));
            else
                Advance(rows, _rates, x, constants, TVector.Zero, ref Unsafe.NullRef<float>(), ref Unsafe.NullRef<float>());
        }
    }
}
