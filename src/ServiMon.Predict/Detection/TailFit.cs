using ServiMon.Predict.Lanes;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// The tail of a lane's spike statistic: excesses over where it begins, in bins as fine as the tail asks for, and the generalised Pareto law
/// fitted to them (Siffer, Fouque, Termier, Largouet 2017: SPOT).
/// </summary>
/// <remarks>
/// Bins go by half octaves of 1 + excess / unit; where the mean excess is less than a unit, its bins are made finer and filled anew. Where hardly
/// anything lies in the tail any more, or a fifth of everything, it begins elsewhere. Neither happens because a tail has become somewhat longer: that
/// would be learning anomalies.
/// A fit on few excesses gives too many alarms even where it is right on average, as a tail taken for too short is passed more often than one
/// taken for too long is missed; the shape is raised by one over their number, as the predictive law of an exponential tail has it.
/// Within a bin excesses have the mean and covariance with their ranks that the law as last fitted gives them: from the middles of bins alone the
/// shapes of exponential and heavy tails come out .014 to .020 too low.
/// </remarks>
internal static class TailFit
{
    public const int BinCount = 13;

    /// <summary>Values before a tail begins.</summary>
    public const float LeastValues = 128;

    /// <summary>Share of the values that make the tail, about as in SPOT, and below which it begins elsewhere.</summary>
    private const float Share = 0.025f;

    private const float LeastShare = Share / 3;

    private const float MostShare = 8 * Share;

    /// <summary>Excesses that must have been due before their number is held against the place.</summary>
    private const float JudgedExcesses = 12;

    /// <summary>A fit takes at least this many excesses, which some 400 values bring.</summary>
    private const int LeastExcesses = 10;

    /// <summary>Excesses before the size of the bins is questioned.</summary>
    private const int KnownExcesses = 40;

    /// <summary>The mean excess in units of the bins, as aimed at, and below which the bins are too coarse.</summary>
    private const float MeanUnits = 2;

    private const float LeastUnits = 0.7f;

    /// <summary>The first unit, as a share of where the tail begins: the mean excess of a Gaussian is 1.3 of it, of Student's t(3) 4.</summary>
    private const float FirstUnit = 1f / 8;

    /// <summary>Mild heaviness; counts for as many excesses as <see cref="PriorShapeCount"/>.</summary>
    private const double PriorShape = 0.15;

    private const double PriorShapeCount = 30;

    /// <summary>Share of a heavy law of the same mean in the tail, so that a bounded fit calls nothing impossible and does not confirm itself.</summary>
    private const double HeavyShare = 0.02;

    private const double HeavyPower = 4;

    /// <summary>Within a bin a law falls no faster than at a scale of this share of its width.</summary>
    private const double LeastScale = 0.3;

    private const int Row = DetectorState.TailRow + TailBins.BodyCount;

    private static readonly float[] Edges = [.. Enumerable.Range(0, BinCount + 1).Select(i => MathF.Pow(2, i / 2f) - 1)];

    /// <summary>P(as large as a value beyond the beginning of a tail that has been fitted).</summary>
    public static double PValue(in Lane lane, float f)
    {
        var law = Law(lane);
        var excess = f - lane[DetectorRow.TailStart];
        return lane[DetectorRow.TailWeight] * ((1 - HeavyShare) * law.Survival(excess) + HeavyShare * Math.Pow(1 + excess / HeavyScale(law), -HeavyPower));
    }

    /// <summary>A value exceeded with no more than a probability below the tail's weight.</summary>
    public static double Quantile(in Lane lane, double p)
    {
        var law = Law(lane);
        var share = p / lane[DetectorRow.TailWeight];
        var heavy = HeavyScale(law) * (Math.Pow(Math.Min(1, share / HeavyShare), -1 / HeavyPower) - 1);
        return lane[DetectorRow.TailStart] + Math.Max(law.Excess(Math.Min(1, share / (1 - HeavyShare))), heavy);
    }

    /// <summary>What values exceeded with no more than such a probability are on average, by the law alone.</summary>
    public static float MeanBeyond(in Lane lane, double p)
    {
        var law = Law(lane);
        var least = Quantile(lane, p);
        // Pickands 1975: excesses over a higher threshold have the same shape, and their scale grows by the shape.
        return (float)(least + Math.Max(law.Scale + law.Shape * (least - lane[DetectorRow.TailStart]), 0) / (1 - law.Shape));
    }

    /// <summary>Counts a value if it lies in the tail.</summary>
    public static void Learn(in Lane lane, float f)
    {
        var excess = f - lane[DetectorRow.TailStart];
        if (!(excess > 0) || lane[DetectorRow.TailUnit] == 0) return;
        var bin = (int)Math.Min(2 * MathF.Log2(1 + excess / lane[DetectorRow.TailUnit]), BinCount - 1);
        lane.Short(Row + bin)++;
    }

    /// <summary>Fits the tail anew, or begins it.</summary>
    public static void Renew(in Lane lane, SpikeDirection direction)
    {
        var count = 0;
        for (var i = 0; i < BinCount; i++) count += lane.Short(Row + i);
        if (count >= LeastExcesses) Fit(lane, count, direction);
        var since = lane[DetectorRow.TailSince];
        var misplaced = since * Share >= JudgedExcesses && (count < LeastShare * since || count > MostShare * since);
        if (lane[DetectorRow.TailUnit] == 0 || misplaced) Begin(lane, count);
    }

    private static GeneralizedPareto Law(in Lane lane) => new(lane[DetectorRow.TailShape], lane[DetectorRow.TailScale]);

    private static double HeavyScale(GeneralizedPareto law) => (HeavyPower - 1) * law.Scale / (1 - law.Shape);

    private static void Fit(in Lane lane, int count, SpikeDirection direction)
    {
        double mean = 0, weighted = 0, higher = count;
        for (var i = 0; i < BinCount; i++)
        {
            double inside = lane.Short(Row + i);
            if (inside == 0) continue;
            var excess = Inside(lane, i);
            higher -= 0.5 * inside;
            mean += inside / count * excess;
            // Within a bin the larger excesses have the higher ranks: the covariance of two uniform laws.
            weighted += inside / count * (excess * (higher / count) - (Edges[i + 1] - Edges[i]) * (inside / count) / 12);
            higher -= 0.5 * inside;
        }

        var unit = lane[DetectorRow.TailUnit];
        var law = GeneralizedPareto.FromMoments(unit * mean, unit * weighted, count, PriorShape, PriorShapeCount);
        var prior = TailBins.Prior(Floats4.Create(lane[DetectorRow.TailStart]), direction)[0];
        lane[DetectorRow.TailShape] = (float)(law.Shape + 1.0 / count);
        lane[DetectorRow.TailScale] = (float)law.Scale;
        lane[DetectorRow.TailWeight] = (count + TailBins.PriorCount * prior) / (lane[DetectorRow.TailSince] + TailBins.PriorCount);
        if (count < KnownExcesses || mean >= LeastUnits) return;
        lane[DetectorRow.TailUnit] = (float)(unit * mean / MeanUnits);
        Forget(lane);
    }

    /// <summary>The mean excess within a bin in units, by the law as last fitted; the middle before.</summary>
    private static double Inside(in Lane lane, int bin)
    {
        double low = Edges[bin], width = Edges[bin + 1] - Edges[bin];
        if (!(lane[DetectorRow.TailWeight] > 0)) return low + 0.5 * width;
        var law = Law(lane);
        var scale = Math.Max(law.Scale / lane[DetectorRow.TailUnit] + law.Shape * low, LeastScale * width);
        // The last bin has no end.
        if (bin == BinCount - 1) return low + Math.Min(scale / (1 - law.Shape), width);
        // Of an exponential law within a narrow bin, to the second order in its width.
        return low + Math.Max(0.5 * width - width * width / (12 * scale), LeastScale * width);
    }

    /// <summary>Chooses where the tail begins, and forgets the one there was.</summary>
    private static void Begin(in Lane lane, int count)
    {
        var seen = lane[DetectorRow.TailCount];
        var start = TailBins.Quantile(lane, Share * seen, lane[DetectorRow.TailStart], count * seen / Math.Max(lane[DetectorRow.TailSince], 1));
        if (!(start > 0)) return;
        lane[DetectorRow.TailStart] = start;
        lane[DetectorRow.TailUnit] = start * FirstUnit;
        lane[DetectorRow.TailWeight] = 0;
        Forget(lane);
    }

    private static void Forget(in Lane lane)
    {
        lane[DetectorRow.TailSince] = 0;
        for (var i = 0; i < BinCount; i++) lane.Short(Row + i) = 0;
    }
}
