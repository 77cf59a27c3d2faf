using System.Numerics;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// The probability that a lane's spike statistic is as large as this one, learned as it goes: the body from a histogram of 16-bit counts,
/// the tail from a generalised Pareto law fitted to the excesses over the 98 % quantile (Siffer, Fouque, Termier, Largouet 2017: SPOT),
/// and a logistic law while little has been seen.
/// </summary>
/// <remarks>
/// 4 bins an octave over 2^-3 to 2^6, linear within a bin and with the tail meeting the body at the threshold, so the p-value is continuous.
/// A statistic of exactly 0 has p = 1: where most values repeat, p-values are larger than uniform, never smaller. What is beyond the
/// bar of a verdict is learned as no more than the fitted tail has it there: SPOT leaves alarms out altogether, by which the tail would grow thinner with each.
/// </remarks>
internal static class TailBins
{
    public const int Count = 36;

    private const int BinsPerOctave = 4;
    private const int LowestOctave = -3;

    /// <summary>Share of the values that make the tail, as in SPOT.</summary>
    private const float TailShare = 0.02f;

    /// <summary>A tail fit takes at least this many excesses: 1,000 values.</summary>
    private const int MinTailCount = 20;

    /// <summary>Values the prior law counts for.</summary>
    private const double PriorCount = 20;

    /// <summary>Scale of the prior, a logistic law of standard deviation 1: sqrt(3) / pi.</summary>
    private const double PriorScale = 0.5513288954217921;

    /// <summary>Mild heaviness, between exponential and what service metrics show; counts for as many excesses as <see cref="PriorShapeCount"/>.</summary>
    private const double PriorShape = 0.15;

    private const double PriorShapeCount = 30;

    /// <summary>Before there is a tail fit, nothing is learned as larger than so many units.</summary>
    private const float MostUnfitted = 5;

    /// <summary>Share of values that repeat the last above which a lane counts as constant but for what departs.</summary>
    private const float MostUnchanged = 0.8f;

    /// <summary>Verdicts more frequent than this are of ordinary values, which are learned as they are.</summary>
    private const double MostWinsorised = 0.005;

    private const int RefitShift = 5;

    /// <summary>Of so many values beyond the bar one is learned as less than it was.</summary>
    private const double LearnedBeyond = 20;

    /// <summary>At this many values all counts are halved, so what was learned long ago fades.</summary>
    private const float HalvingCount = ushort.MaxValue;

    /// <summary>Least p-value given out.</summary>
    private const double Floor = 1e-300;

    private static readonly double[] Edges = [0, .. Enumerable.Range(1, Count).Select(i => Math.Pow(2, LowestOctave + i / (double)BinsPerOctave))];

    private static readonly double[] PriorsOfBoth = [.. Edges.Select(edge => Prior(edge, SpikeDirection.Both))];

    private static readonly double[] PriorsOfOne = [.. Edges.Select(edge => Prior(edge, SpikeDirection.Up))];

    /// <summary>The statistic as ranked: its size, or for one direction e^asinh(z), which grows with z and is never negative.</summary>
    public static float Ranked(float z, SpikeDirection direction)
    {
        if (direction == SpikeDirection.Both) return Math.Abs(z);
        var toward = direction == SpikeDirection.Up ? z : -z;
        var root = MathF.Sqrt(toward * toward + 1);
        return toward >= 0 ? toward + root : 1 / (root - toward);
    }

    /// <summary>P(as large as <paramref name="f"/>), in (0, 1], from the values learned before; then learns it.</summary>
    /// <param name="bar">P-value of a verdict; what lies beyond it is learned as the tail has it there.</param>
    public static double Judge(DetectorState state, int lane, float f, double bar, SpikeDirection direction)
    {
        var bin = Bin(f);
        var p = f > 0 ? PValue(state, lane, f, bin, direction) : 1;
        bar = Math.Min(bar, MostWinsorised);
        if (p < bar) bin = Bin(Beyond(state, lane, f, bar));
        if (f > 0) Of(state, lane)[bin]++;
        ref var seen = ref state[DetectorRow.TailCount, lane];
        if (++seen >= HalvingCount) Halve(state, lane);
        if (seen < MinTailCount / TailShare) return p;
        // Refit when the number of values has grown by 1/16 to 1/32.
        var stride = (1 << BitOperations.Log2((uint)seen)) >> RefitShift;
        if ((int)seen % stride == 0) Fit(state, lane, direction);
        return p;
    }

    private static double PValue(DetectorState state, int lane, float f, int bin, SpikeDirection direction)
    {
        // Where a value is hardly ever another than the last there is no scale, and what departs is ranked by how often that happens.
        if (state[DetectorRow.UnchangedShare, lane] > MostUnchanged)
        {
            f = Math.Min(f, MostUnfitted);
            bin = Bin(f);
        }
        else
        {
            var tailBin = (int)state[DetectorRow.TailBin, lane];
            if (tailBin < Count && f > Edges[tailBin])
                return Math.Clamp(state[DetectorRow.TailWeight, lane] * Tail(state, lane).Survival(f - Edges[tailBin]), Floor, 1);
        }

        var counts = Of(state, lane);
        var above = 0;
        foreach (var count in counts[(bin + 1)..]) above += count;
        var inside = Math.Clamp((Edges[bin + 1] - f) / (Edges[bin + 1] - Edges[bin]), 0, 1);
        var prior = f < Edges[^1] ? (1 - inside) * PriorAt(bin + 1, direction) + inside * PriorAt(bin, direction) : Prior(f, direction);
        return Math.Clamp((above + inside * counts[bin] + PriorCount * prior) / (state[DetectorRow.TailCount, lane] + PriorCount), Floor, 1);
    }

    /// <summary>
    /// What a value beyond the bar is learned as: itself, but no more than what a twentieth of such values exceed by the tail as now fitted. So
    /// the tail of clean data keeps its length, and that of others does not follow how far their anomalies went.
    /// </summary>
    private static float Beyond(DetectorState state, int lane, float f, double bar)
    {
        var tailBin = (int)state[DetectorRow.TailBin, lane];
        var weight = state[DetectorRow.TailWeight, lane];
        if (tailBin == Count || bar >= weight) return Math.Min(f, MostUnfitted);
        return Math.Min(f, (float)(Edges[tailBin] + Tail(state, lane).Excess(bar / LearnedBeyond / weight)));
    }

    private static void Fit(DetectorState state, int lane, SpikeDirection direction)
    {
        var counts = Of(state, lane);
        var seen = state[DetectorRow.TailCount, lane];
        var above = 0;
        var bin = Count;
        while (bin > 1 && (above < MinTailCount || above + counts[bin - 1] <= TailShare * seen)) above += counts[--bin];
        state[DetectorRow.TailBin, lane] = Count;
        if (above < MinTailCount) return;
        var threshold = Edges[bin];
        double mean = 0, weighted = 0, higher = above;
        for (var i = bin; i < Count; i++)
        {
            if (counts[i] == 0) continue;
            var excess = 0.5 * (Edges[i] + Edges[i + 1]) - threshold;
            var share = counts[i] / (double)above;
            higher -= 0.5 * counts[i];
            mean += share * excess;
            weighted += share * excess * (higher / above);
            higher -= 0.5 * counts[i];
        }

        var tail = GeneralizedPareto.FromMoments(mean, weighted, above, PriorShape, PriorShapeCount);
        state[DetectorRow.TailShape, lane] = (float)tail.Shape;
        state[DetectorRow.TailScale, lane] = (float)tail.Scale;
        state[DetectorRow.TailWeight, lane] = (float)((above + PriorCount * Prior(threshold, direction)) / (seen + PriorCount));
        state[DetectorRow.TailBin, lane] = bin;
    }

    private static void Halve(DetectorState state, int lane)
    {
        ref var seen = ref state[DetectorRow.TailCount, lane];
        var counts = Of(state, lane);
        int before = 0, after = 0;
        foreach (ref var count in counts)
        {
            before += count;
            after += count >>= 1;
        }

        seen = (int)(seen - before) / 2 + after;
    }

    private static double Prior(double f, SpikeDirection direction) => direction == SpikeDirection.Both
        ? 2 / (1 + Math.Exp(f / PriorScale))
        : 1 / (1 + Math.Exp((f - 1 / f) / (2 * PriorScale)));

    private static double PriorAt(int edge, SpikeDirection direction) => direction == SpikeDirection.Both ? PriorsOfBoth[edge] : PriorsOfOne[edge];

    private static GeneralizedPareto Tail(DetectorState state, int lane) =>
        new(state[DetectorRow.TailShape, lane], state[DetectorRow.TailScale, lane]);

    private static Span<ushort> Of(DetectorState state, int lane) => state.Tail.AsSpan(lane * Count, Count);

    private static int Bin(float f) => (int)Math.Clamp((MathF.Log2(f) - LowestOctave) * BinsPerOctave, 0, Count - 1);
}
