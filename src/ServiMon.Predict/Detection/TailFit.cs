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
/// taken for too long is missed. So the law told is a predictive one: the shape is raised for what is not known of it, and by one over the number of
/// excesses for what is not known of the scale, as the predictive law of an exponential tail has it.
/// Within a bin excesses have the mean and covariance with their ranks that the law as last fitted gives them: from the middles of bins alone the
/// shapes of exponential and heavy tails come out .014 to .020 too low.
/// </remarks>
internal static class TailFit
{
    public const int BinCount = 13;

    /// <summary>Values before a tail begins.</summary>
    public const float LeastValues = 128;

    /// <summary>Share of the values that make the tail, about as in SPOT, and below which it begins elsewhere.</summary>
    private const float Share = 0.03f;

    private const float LeastShare = Share / 5;

    private const float MostShare = 8 * Share;

    /// <summary>Excesses that must have been due before their number is held against the place.</summary>
    private const float JudgedExcesses = 12;

    /// <summary>A fit takes at least this many excesses, which some 350 values bring.</summary>
    private const int LeastExcesses = 10;

    /// <summary>The mean excess in units of the bins, as aimed at, and below which the bins are too coarse.</summary>
    private const float MeanUnits = 2;

    private const float LeastUnits = 0.7f;

    /// <summary>The first unit, as a share of where the tail begins: the mean excess of a Gaussian is 1.3 of it, of Student's t(3) 4.</summary>
    private const float FirstUnit = 1f / 8;

    /// <summary>Mild heaviness; counts for as many excesses as <see cref="PriorShapeCount"/>.</summary>
    private const double PriorShape = 0.2;

    private const double PriorShapeCount = 8;

    /// <summary>
    /// By how much the shape is raised for what is not known of it, times (1 + shape)^4, over the excesses that count: the variance of an estimate grows with
    /// the square of 1 + shape (Smith 1987), and what it does to rare values grows with it again.
    /// </summary>
    private const double Unknown = 2;

    private const double MostRaised = 0.8;

    /// <summary>Neighbours that differ by this share of what independent ones would, or more, count each for itself; those that differ less, for as much less.</summary>
    private const double IndependentShare = 0.25;

    private const double LeastIndependent = 0.2;

    /// <summary>The farthest excesses, so many or more, by whose number the shape is corrected; it counts as if so many others had come as the law has it.</summary>
    private const int FarExcesses = 8;

    private const double FarPrior = 6;

    /// <summary>What a shape does to the logarithm of a probability must be this much for one to be told from the other.</summary>
    private const double LeastBend = 0.5;

    /// <summary>Share of a heavy law of the same mean in the tail, so that a bounded fit calls nothing impossible and does not confirm itself.</summary>
    private const double HeavyShare = 0.05;

    private const double HeavyPower = 4;

    /// <summary>At this many values the counts of the tail are halved, so what was learned long ago fades.</summary>
    private const float Halving = 1 << 16;

    /// <summary>The same once of a young lane, up to so many values: what was learned by scales that were still unknown.</summary>
    private const float YoungHalving = 1024;

    private const float YoungCount = 1300;

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
        if (lane[DetectorRow.TailSince] >= (lane[DetectorRow.Count] > YoungCount ? Halving : YoungHalving)) Halve(lane, count);
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
        var law = GeneralizedPareto.FromMoments(mean, weighted, count, PriorShape, PriorShapeCount);
        law = Predictive(lane, ByFarthest(lane, law, mean, count), mean, count);
        var prior = TailBins.Prior(Floats4.Create(lane[DetectorRow.TailStart]), direction)[0];
        lane[DetectorRow.TailShape] = (float)law.Shape;
        lane[DetectorRow.TailScale] = (float)(unit * law.Scale);
        lane[DetectorRow.TailWeight] = (count + TailBins.PriorCount * prior) / (lane[DetectorRow.TailSince] + TailBins.PriorCount);
        if (mean >= LeastUnits) return;
        lane[DetectorRow.TailUnit] = (float)(unit * mean / MeanUnits);
        Forget(lane);
    }

    /// <summary>
    /// The law of the same mean that has the farthest excesses as often as they came. Moments are those of the many small ones, and the tails of most laws
    /// change their shape on the way out: of a Gaussian, a bounded law that is smeared, or ties.
    /// </summary>
    private static GeneralizedPareto ByFarthest(in Lane lane, GeneralizedPareto law, double mean, int count)
    {
        var beyond = 0;
        var bin = BinCount;
        while (bin > 1 && beyond < FarExcesses) beyond += lane.Short(Row + --bin);
        var far = Edges[bin] / mean;
        // The derivative of ln P(excess > far) by the shape at a shape of 0, the mean held at 1: of -ln(1 + xi x / (1 - xi)) / xi.
        var bend = far * far / 2 - far;
        if (beyond < FarExcesses || bend < LeastBend) return law;
        var ratio = (beyond + FarPrior) / (count * law.Survival(Edges[bin]) + FarPrior);
        return GeneralizedPareto.OfMean(mean, law.Shape + Math.Log(ratio) / bend);
    }

    private static GeneralizedPareto Predictive(in Lane lane, GeneralizedPareto law, double mean, int count)
    {
        var square = (1 + law.Shape) * (1 + law.Shape);
        var shape = Math.Min(law.Shape + Unknown * square * square / (count * Independent(lane) + PriorShapeCount), MostRaised);
        return new GeneralizedPareto(shape + 1.0 / count, mean * (1 - shape));
    }

    /// <summary>The share of far values that tell something of their own: where neighbours are alike, far ones come together.</summary>
    private static double Independent(in Lane lane)
    {
        var deviation = SpikeStatistic.DeviationFactor * SpikeStatistic.DeviationUsed(lane);
        // Neighbours that are independent differ by twice the variance.
        var alike = 2 * deviation * deviation * IndependentShare;
        return alike > 0 ? Math.Clamp(lane[DetectorRow.DifferenceSquare] / alike, LeastIndependent, 1) : 1;
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

    /// <summary>Halves the counts from the far end on, what is odd going on to the next bin: one by one, bins of a single excess would become empty.</summary>
    private static void Halve(in Lane lane, int count)
    {
        lane[DetectorRow.TailSince] = (int)lane[DetectorRow.TailSince] / 2;
        var left = count % 2;
        for (var i = BinCount - 1; i >= 0; i--)
        {
            left += lane.Short(Row + i);
            lane.Short(Row + i) = (ushort)(left / 2);
            left %= 2;
        }
    }

    private static void Forget(in Lane lane)
    {
        lane[DetectorRow.TailSince] = 0;
        for (var i = 0; i < BinCount; i++) lane.Short(Row + i) = 0;
    }
}
