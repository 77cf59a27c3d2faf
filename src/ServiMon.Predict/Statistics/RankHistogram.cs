using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// Ranks a stream of non-negative deviations among all that came before, in 40 half-octave bins:
/// bin = clamp(floor(2 log2 f + 16), 1, 39), bin 0 for f = 0.
/// </summary>
/// <remarks>
/// The bins cover 2^-7.5 to 2^11.5 in units of the deviation's own scale: finer than any rank that matters, in a state of 160 bytes.
/// A rank p-value cannot fall below about 1/n; that is a property of ranks, not of the bins.
/// </remarks>
public sealed class RankHistogram
{
    private const int BinCount = 40;

    /// <summary>Below this many values a rank says nothing, and the p-value is 1.</summary>
    private const int WarmUpCount = 20;

    private readonly int[] _counts = new int[BinCount];

    /// <summary>Values added so far.</summary>
    public int Count { get; private set; }

    /// <summary>The mid-rank p-value of <paramref name="deviation"/> among the values added so far, in (0, 1].</summary>
    public double PValue(double deviation)
    {
        if (Count < WarmUpCount) return 1;
        var bin = Bin(deviation);
        var above = TensorPrimitives.Sum<int>(_counts.AsSpan(bin + 1));
        return (above + 0.5 * _counts[bin] + 0.5) / (Count + 1);
    }

    public void Add(double deviation)
    {
        _counts[Bin(deviation)]++;
        Count++;
    }

    private static int Bin(double deviation)
    {
        if (!(deviation > 0)) return 0;
        return (int)Math.Clamp(Math.Floor(2 * Math.Log2(deviation) + 16), 1, BinCount - 1);
    }
}
