using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// The probability that a lane's spike statistic is as large as this one, learned as it goes: the body from a histogram of 16-bit counts,
/// the tail from a generalised Pareto law fitted to excesses (<see cref="TailFit"/>), and a logistic law while little has been seen.
/// </summary>
/// <remarks>
/// The body's bins are 1/12 wide up to 1/2, a quarter octave up to 4, half an octave up to 32; linear within a bin, and the tail meets the body
/// where it begins, so the p-value is continuous. A statistic of exactly 0 has p = 1: where most values repeat, p-values are larger than
/// uniform, never smaller. The body forgets early, as a rank among the last thousand values is as uniform as one among all, and at once right again
/// where the law has settled. What is beyond the bar of a verdict is learned as what the fitted tail has there on average, once for each run: SPOT
/// leaves alarms out altogether, by which the tail would grow thinner with each.
/// </remarks>
internal static class TailBins
{
    /// <summary>Rows of the body, and after them those of the tail.</summary>
    public const int BodyCount = LinearCount + QuarterCount + HalfCount;

    public const int RowCount = BodyCount + TailFit.BinCount;

    /// <summary>Values the prior law counts for.</summary>
    public const float PriorCount = 20;

    private const int LinearCount = 6;

    private const int QuarterCount = 12;

    private const int HalfCount = 6;

    private const float FirstEdge = 0.5f;

    /// <summary>2^(t / n) - 1 over its end, by t (a + (1 - a) t): exact at both ends and in the middle.</summary>
    private const float QuarterBend = 0.9137f;

    private const float HalfBend = 0.8272f;

    /// <summary>Scale of the prior, a logistic law of standard deviation 1: sqrt(3) / pi.</summary>
    private const float PriorScale = 0.5513288954f;

    /// <summary>Before there is a tail fit, nothing is learned as larger than so many units in the body, and in the tail.</summary>
    private const float MostUnfitted = 5;

    private const float MostInTail = 12;

    /// <summary>What departs from a constant is ranked as no larger than this.</summary>
    private const float MostConstant = 5;

    /// <summary>Share of values that repeat the last above which a lane counts as constant but for what departs.</summary>
    private const float MostUnchanged = 0.8f;

    /// <summary>Verdicts more frequent than this are of ordinary values, which are learned as they are.</summary>
    private const double MostWinsorised = 0.001;

    /// <summary>Far values in a row of which only the first is learned beyond the bar: what goes on is one departure.</summary>
    private const float OneRun = 2;

    /// <summary>The others count as no larger than this before there is a tail fit, where they are winsorised anyway.</summary>
    private const float MostInRun = 3;

    /// <summary>
    /// At this many values the counts of the body are halved, so what was learned long ago fades. The tail leaves it what one in thirty exceeds: a share that 512
    /// values tell to .008.
    /// </summary>
    private const float BodyHalving = 1024;

    /// <summary>Half of a lane's values, or so many: in the first hours scales are still being learned, and what was learned by them fades sooner.</summary>
    private const float YoungHalving = 512;

    private const float YoungShare = 0.5f;

    /// <summary>Share of the values that lie in a bin or above by which it is the lowest that holds any, smeared edges aside.</summary>
    private const float LowestShare = 0.98f;

    /// <summary>A fit is due when the mantissa of the number of values ends so: as that has grown by 1/8 to 1/16.</summary>
    private static readonly float FitMantissa = BitConverter.Int32BitsToSingle((1 << 20) - 1);

    /// <summary>Least p-value given out.</summary>
    private const double Floor = 1e-300;

    private static readonly float[] Edges =
    [
        .. Enumerable.Range(0, LinearCount).Select(i => FirstEdge * i / LinearCount),
        .. Enumerable.Range(0, QuarterCount).Select(i => FirstEdge * MathF.Pow(2, i / 4f)),
        .. Enumerable.Range(0, HalfCount + 1).Select(i => 4 * MathF.Pow(2, i / 2f)),
    ];

    /// <summary>P(as large as this) of each lane, in (0, 1], from the values learned before, 1 where there is no statistic; then learns them.</summary>
    /// <param name="z">The signed statistic, NaN for none.</param>
    /// <param name="bar">P-value of a verdict; what lies beyond it is learned as the tail has it there.</param>
    /// <param name="p">Receives a value for each lane of the block.</param>
    public static void Judge<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector z, double bar, SpikeDirection direction, Span<double> p)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        bar = Math.Min(bar, MostWinsorised);
        var f = Ranked(z, direction);
        var warm = TVector.Equals(z, z);
        var positive = warm & TVector.GreaterThan(f, TVector.Zero);
        // Where a value is hardly ever another than the last there is no scale, and what departs is ranked by how often that happens.
        var constant = TVector.GreaterThan(rows[DetectorRow.UnchangedShare], TVector.Create(MostUnchanged));
        var most = TVector.Create(Ranked(MostConstant, direction));
        var asked = TVector.ConditionalSelect(constant, TVector.MinNative(f, most), f);
        var (bin, share) = Place(asked);
        var capped = TVector.AndNot(TVector.Equals(f, f), TVector.Equals(asked, f)).ExtractMostSignificantBits() != 0;
        var learned = capped ? Place(f).Bin : bin;
        var bins = TVector.ConditionalSelect(positive, learned, -one);
        ref var first = ref rows.ShortRow(DetectorState.TailRow);
        var known = TVector.ConditionalSelect(positive, bin, -one);
        var (at, next) = typeof(TVector) == typeof(Floats4)
            ? LaneHistogram.CountFew<TWidth, TVector>(ref first, BodyOrder<TWidth, TVector>.Value, 0, BodyCount, known, bins)
            : LaneHistogram.Count<TWidth, TVector>(ref first, 0, BodyCount, known, bins);
        var seen = rows[DetectorRow.TailCount];
        var prior = TVector.Create(PriorCount);
        var law = prior * Prior(asked, direction);
        var lowest = positive & TVector.GreaterThan(bin, TVector.Zero) & TVector.GreaterThan(at, LowestShare * seen);
        var edges = lowest.ExtractMostSignificantBits();
        var inside = edges == 0 ? share : FromEdge(rows, edges, bin, at - next, next, share);
        var body = (next + inside * (at - next) + law) / (seen + prior);

        var (weight, start) = (rows[DetectorRow.TailWeight], rows[DetectorRow.TailStart]);
        var fitted = TVector.GreaterThan(weight, TVector.Zero) & ~constant;
        var (startBin, startShare) = Place(start);
        var beside = (at + law) / (seen + prior) - weight;
        var joined = weight + beside * (share - startShare) / TVector.MaxNative(one - startShare, TVector.Create(1e-3f));
        body = TVector.ConditionalSelect(fitted & TVector.Equals(bin, startBin), TVector.MinNative(joined, one), body);
        body = TVector.ConditionalSelect(fitted, TVector.MaxNative(body, weight), body);
        body = TVector.ConditionalSelect(positive, TVector.MinNative(body, one), one);
        Unsafe.SkipInit(out Sixteen<float> judged);
        body.CopyTo(judged);
        for (var i = 0; i < p.Length; i++) p[i] = Math.Max(judged[i], Floor);

        var anchored = TVector.GreaterThan(rows[DetectorRow.TailUnit], TVector.Zero);
        var far = positive & ((anchored & TVector.GreaterThan(f, start)) | TVector.LessThan(body, TVector.Create((float)bar)));
        var few = far.ExtractMostSignificantBits();
        if (few != 0) JudgeFar(rows, few, f, bins, fitted.ExtractMostSignificantBits(), bar, direction, p);

        seen += warm & one;
        rows[DetectorRow.TailCount] = seen;
        var since = rows[DetectorRow.TailSince] + (warm & anchored & one);
        rows[DetectorRow.TailSince] = since;
        var young = TVector.MaxNative(YoungShare * rows[DetectorRow.Count], TVector.Create(YoungHalving));
        var full = warm & TVector.GreaterThanOrEqual(seen, TVector.MinNative(young, TVector.Create(BodyHalving)));
        if (full.ExtractMostSignificantBits() is var halved and not 0) HalveBody(rows, halved);
        var grown = TVector.ConditionalSelect(anchored, since, seen);
        var due = warm & TVector.GreaterThanOrEqual(grown, TVector.Create(TailFit.LeastValues))
            & TVector.Equals(grown & TVector.Create(FitMantissa), TVector.Zero);
        if (due.ExtractMostSignificantBits() is var renewed and not 0) Renew(rows, renewed, direction);
    }

    /// <summary>The statistic as ranked: its size, or for one direction e^asinh(z), which grows with z and is never negative.</summary>
    public static TVector Ranked<TVector>(TVector z, SpikeDirection direction) where TVector : struct, ILaneVector<TVector>
    {
        if (direction == SpikeDirection.Both) return TVector.Abs(z);
        var toward = direction == SpikeDirection.Up ? z : -z;
        var root = TVector.Sqrt(toward * toward + TVector.One);
        var up = TVector.GreaterThanOrEqual(toward, TVector.Zero);
        return TVector.ConditionalSelect(up, toward + root, TVector.One / (root - toward));
    }

    private static float Ranked(float size, SpikeDirection direction) =>
        Ranked(Floats4.Create(direction == SpikeDirection.Down ? -size : size), direction)[0];

    /// <summary>The value that so many of those seen exceed, from the body and from one place of which it is known how many exceed it.</summary>
    /// <param name="known">That place, 0 for none.</param>
    public static float Quantile(in Lane lane, float exceeding, float known, float beyondKnown)
    {
        var bin = BodyCount - 1;
        while (bin > 0 && lane.Short(DetectorState.TailRow + bin) < exceeding) bin--;
        var (low, high) = (Edges[bin], Edges[bin + 1]);
        float at = lane.Short(DetectorState.TailRow + bin);
        float next = bin + 1 < BodyCount ? lane.Short(DetectorState.TailRow + bin + 1) : 0;
        if (known > low && known < high)
        {
            if (exceeding > beyondKnown) (high, next) = (known, beyondKnown);
            else (low, at) = (known, beyondKnown);
        }

        return high - Math.Clamp((exceeding - next) / Math.Max(at - next, 1), 0, 1) * (high - low);
    }

    public static TVector Prior<TVector>(TVector f, SpikeDirection direction) where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        return direction == SpikeDirection.Both
            ? (one + one) / (one + TVector.Exp(f * (1 / PriorScale)))
            : one / (one + TVector.Exp((f - one / f) * (0.5f / PriorScale)));
    }

    /// <summary>The bin, and the share of it that lies above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector Bin, TVector Share) Place<TVector>(TVector f) where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var octaves = TVector.Log2(TVector.MaxNative(f, TVector.Create(FirstEdge)));
        var linear = TVector.LessThan(f, TVector.Create(FirstEdge));
        var half = TVector.GreaterThanOrEqual(f, TVector.Create(4f));
        var position = TVector.ConditionalSelect(
            linear, f * (LinearCount / FirstEdge),
            TVector.ConditionalSelect(
                half, octaves * 2 + TVector.Create(LinearCount + QuarterCount - 4f), octaves * 4 + TVector.Create(LinearCount + 4f)));
        position = TVector.MinNative(position, TVector.Create(BodyCount - 0.001f));
        var bin = TVector.Floor(position);
        var within = position - bin;
        var bend = TVector.ConditionalSelect(linear, one, TVector.ConditionalSelect(half, TVector.Create(HalfBend), TVector.Create(QuarterBend)));
        return (bin, one - within * (bend + (one - bend) * within));
    }

    /// <summary>
    /// The share that lies above within the lowest bin that holds any, where that holds less than the next one: a law begins within it, and is as
    /// dense from there on as in the next.
    /// </summary>
    [SkipLocalsInit]
    private static TVector FromEdge<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, uint lanes, TVector bin, TVector held, TVector next, TVector share)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        Span<float> shares = stackalloc float[SixteenLanes.Count];
        share.CopyTo(shares);
        for (var i = 0; i < TWidth.Count; i++)
        {
            var b = (int)bin[i];
            if ((lanes >> i & 1) == 0 || b + 2 >= BodyCount) continue;
            var density = (next[i] - rows[i].Short(DetectorState.TailRow + b + 2)) / (Edges[b + 2] - Edges[b + 1]);
            var full = density * (Edges[b + 1] - Edges[b]);
            if (full > held[i]) shares[i] = Math.Min(1, shares[i] * full / Math.Max(held[i], 1));
        }

        return TVector.Create(shares);
    }

    /// <summary>Values beyond the beginning of the tail or beyond the bar.</summary>
    private static void JudgeFar<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, uint lanes, TVector statistic, TVector bins, uint fitted, double bar, SpikeDirection direction,
        Span<double> p)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        for (var i = 0; i < p.Length; i++)
        {
            if ((lanes >> i & 1) == 0) continue;
            var lane = rows[i];
            var f = statistic[i];
            if ((fitted >> i & 1) != 0 && f > lane[DetectorRow.TailStart]) p[i] = Math.Clamp(TailFit.PValue(lane, f), Floor, 1);
            var first = Math.Abs(lane[DetectorRow.FarRun]) < OneRun;
            if (p[i] < bar)
            {
                // As large as the tail has them on average beyond the bar: clean data keep its length, and no incident adds to it by its size.
                if (lane[DetectorRow.TailWeight] > bar) f = first ? TailFit.MeanBeyond(lane, bar) : lane[DetectorRow.TailStart];
                else f = Math.Min(f, Ranked(first ? MostUnfitted : MostInRun, direction));
                var bin = (int)Place(Floats4.Create(f)).Bin[0];
                for (var b = (int)bins[i]; b > bin; b--) lane.Short(DetectorState.TailRow + b)--;
                for (var b = (int)bins[i] + 1; b <= bin; b++) lane.Short(DetectorState.TailRow + b)++;
            }

            if (lane[DetectorRow.TailWeight] > 0) TailFit.Learn(lane, f);
            else if (first) TailFit.Learn(lane, Math.Min(statistic[i], Ranked(MostInTail, direction)));
        }
    }

    private static void Renew<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, uint lanes, SpikeDirection direction)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        for (var i = 0; i < TWidth.Count; i++)
            if ((lanes >> i & 1) != 0) TailFit.Renew(rows[i], direction);
    }

    private static void HalveBody<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        for (var i = 0; i < TWidth.Count; i++)
        {
            if ((lanes >> i & 1) == 0) continue;
            var lane = rows[i];
            lane[DetectorRow.TailCount] = (int)lane[DetectorRow.TailCount] / 2;
            for (var row = 0; row < BodyCount; row++) lane.Short(DetectorState.TailRow + row) /= 2;
        }
    }

    /// <summary>Where the counts of the body stand.</summary>
    private static class BodyOrder<TWidth, TVector> where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        public static readonly CountOrder Value = new(TWidth.Count, 0, [BodyCount]);
    }
}
