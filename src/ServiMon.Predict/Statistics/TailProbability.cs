using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// The probability that a deviation of a stream is as large as this one, learned as the stream goes: the body from a histogram, the tail
/// from a generalised Pareto law fitted to the excesses over the 98 % quantile (Siffer, Fouque, Termier, Largouet 2017: SPOT), and a
/// logistic law while little has been seen.
/// </summary>
/// <remarks>
/// Deviations are expected in units of about one standard deviation. 8 bins an octave over 2^-6 to 2^10; linear within a bin, so the
/// p-value is continuous. A deviation of exactly 0 has p = 1: where most values repeat, p-values are larger than uniform, never smaller.
/// </remarks>
public sealed class TailProbability
{
    private const int BinsPerOctave = 8;
    private const int LowestOctave = -6;
    private const int BinCount = 16 * BinsPerOctave;

    /// <summary>Share of the values that make the tail, as in SPOT.</summary>
    private const double TailShare = 0.02;

    /// <summary>A tail fit takes at least this many excesses: 1,000 values.</summary>
    private const int MinTailCount = 20;

    /// <summary>Values the prior law counts for.</summary>
    private const double PriorCount = 10;

    /// <summary>Scale of the prior, a logistic law of standard deviation 1: sqrt(3) / pi.</summary>
    private const double PriorScale = 0.5513288954217921;

    /// <summary>Mild heaviness, between exponential and what service metrics show; counts for as many excesses as <see cref="PriorShapeCount"/>.</summary>
    private const double PriorShape = 0.1;

    private const double PriorShapeCount = 30;

    /// <summary>Refit when the number of values has grown by 1/16.</summary>
    private const int RefitShift = 4;

    /// <summary>At this many values all counts are halved, so what was learned months ago fades.</summary>
    private const int HalvingCount = 1 << 17;

    /// <summary>Least p-value given out.</summary>
    private const double Floor = 1e-300;

    private static readonly double[] Edges = MakeEdges();

    private readonly int[] _counts = new int[BinCount];
    private int _zeros;
    private int _nextFit = (int)(MinTailCount / TailShare);
    private int _thresholdBin = BinCount;
    private double _tailWeight;
    private GeneralizedPareto _tail;

    /// <summary>Values learned from, halvings taken off.</summary>
    public int Count { get; private set; }

    /// <summary>P(a deviation is at least <paramref name="deviation"/>), in (0, 1]; from the values added before.</summary>
    public double PValue(double deviation)
    {
        if (!(deviation > 0)) return 1;
        if (_thresholdBin < BinCount && deviation > Edges[_thresholdBin])
            return Math.Max(Floor, _tailWeight * _tail.Survival(deviation - Edges[_thresholdBin]));
        var bin = Bin(deviation);
        double above = TensorPrimitives.Sum<int>(_counts.AsSpan(bin + 1));
        if (deviation < Edges[bin + 1]) above += _counts[bin] * (Edges[bin + 1] - deviation) / (Edges[bin + 1] - Edges[bin]);
        return Math.Clamp((above + PriorCount * Prior(deviation)) / (Count + PriorCount), Floor, 1);
    }

    public void Add(double deviation)
    {
        if (deviation > 0) _counts[Bin(deviation)]++;
        else _zeros++;
        Count++;
        if (Count >= HalvingCount) Halve();
        if (Count < _nextFit) return;
        _nextFit = Count + (Count >> RefitShift);
        FitTail();
    }

    /// <summary>Bytes of state.</summary>
    internal const int StateBytes = BinCount * sizeof(int) + 4 * sizeof(int) + 3 * sizeof(double);

    /// <summary>Writes the whole state.</summary>
    public void Save(StateWriter writer)
    {
        foreach (var count in _counts) writer.Int(count);
        writer.Int(_zeros);
        writer.Int(_nextFit);
        writer.Int(_thresholdBin);
        writer.Int(Count);
        writer.Double(_tailWeight);
        writer.Double(_tail.Shape);
        writer.Double(_tail.Scale);
    }

    /// <exception cref="InvalidDataException">When the bytes end too early or say what cannot be.</exception>
    public void Load(ref StateReader reader)
    {
        for (var i = 0; i < BinCount; i++) _counts[i] = reader.Int();
        _zeros = reader.Int();
        _nextFit = reader.Int();
        _thresholdBin = reader.Int();
        Count = reader.Int();
        _tailWeight = reader.Double();
        _tail = new GeneralizedPareto(reader.Double(), reader.Double());
        if (_thresholdBin is < 0 or > BinCount || Count < 0)
            throw new InvalidDataException($"the state says threshold bin {_thresholdBin} of {BinCount} and {Count} values");
    }

    private static double Prior(double deviation) => 2 / (1 + Math.Exp(deviation / PriorScale));

    private void FitTail()
    {
        var above = 0;
        var bin = BinCount;
        while (bin > 1 && (above < MinTailCount || above + _counts[bin - 1] <= TailShare * Count)) above += _counts[--bin];
        _thresholdBin = BinCount;
        if (above < MinTailCount) return;
        // At the threshold the tail meets the body, so the p-value has no jump there.
        var threshold = Edges[bin];
        double mean = 0, weighted = 0, higher = above;
        for (var i = bin; i < BinCount; i++)
        {
            if (_counts[i] == 0) continue;
            var excess = 0.5 * (Edges[i] + Edges[i + 1]) - threshold;
            var share = _counts[i] / (double)above;
            higher -= 0.5 * _counts[i];
            mean += share * excess;
            weighted += share * excess * (higher / above);
            higher -= 0.5 * _counts[i];
        }

        _tail = GeneralizedPareto.FromMoments(mean, weighted, above, PriorShape, PriorShapeCount);
        _tailWeight = (above + PriorCount * Prior(threshold)) / (Count + PriorCount);
        _thresholdBin = bin;
    }

    private void Halve()
    {
        Count = _zeros >>= 1;
        for (var i = 0; i < BinCount; i++) Count += _counts[i] >>= 1;
        _nextFit = Count;
    }

    private static int Bin(double deviation) =>
        (int)Math.Clamp(Math.Floor((Math.Log2(deviation) - LowestOctave) * BinsPerOctave), 0, BinCount - 1);

    private static double[] MakeEdges()
    {
        var edges = new double[BinCount + 1];
        for (var i = 1; i <= BinCount; i++) edges[i] = Math.Pow(2, LowestOctave + i / (double)BinsPerOctave);
        return edges;
    }
}
