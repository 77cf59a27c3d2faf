using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// How heavy the tails of errors one step ahead are: a histogram of their sizes over the usual (mean absolute) one, and the degrees of freedom of Student's t that it speaks for.
/// </summary>
/// <remarks>
/// The likelihood of the histogram is what a tail index or a kurtosis is not: three degrees of freedom have an infinite kurtosis, and a hundred errors hardly any tail. What is told is the mean of
/// 1 / freedom after the errors, beforehand believed to be 0 (normal) as far as <see cref="NormalBelief"/> says, and else to be evenly anything up to <see cref="MostInverse"/>.
/// </remarks>
internal struct ErrorTail
{
    public const int BinCount = 24;

    /// <summary>The first bin ends at a quarter of the usual size, each further one a quarter of an octave on; the last one has no end.</summary>
    private const int BinsPerOctave = 4, OctavesBelow = 2;

    /// <summary>Of 1 / freedom: 2.27 degrees, below which a deviation says little.</summary>
    private const double MostInverse = 0.44;

    /// <summary>That errors are normal, before any were seen: with even odds .02 too much was said of normal noise.</summary>
    private const double NormalBelief = 0.9;

    /// <summary>Values of 1 / freedom that are tried beside 0.</summary>
    private const int TriedCount = 22;

    /// <summary>Errors that the normal law counts for before there are any.</summary>
    private const double PriorCount = 10;

    /// <summary>Logarithms of the shares of the bins, for each freedom tried, the normal law first.</summary>
    private static readonly double[][] Logs = [.. Enumerable.Range(0, TriedCount + 1).Select(i => Shares(Inverse(i)).Select(share => Math.Log(share)).ToArray())];

    private static readonly float[] Before = [.. Shares(0).Select(share => (float)(PriorCount * share))];

    private Bins _bins;

    /// <summary>Has seen no error yet.</summary>
    public ErrorTail() => Before.CopyTo(_bins);

    /// <summary>One more error.</summary>
    /// <param name="ratio">Its size over the usual one, 0 or above.</param>
    /// <param name="weight">How many errors it counts for.</param>
    /// <param name="kept">Share that the earlier ones keep.</param>
    public void Add(double ratio, float weight = 1, float kept = 1)
    {
        if (kept < 1)
            for (var b = 0; b < BinCount; b++) _bins[b] *= kept;
        _bins[ratio > 0 ? Math.Clamp((int)Math.Floor(BinsPerOctave * (Math.Log2(ratio) + OctavesBelow)) + 1, 0, BinCount - 1) : 0] += weight;
    }

    /// <summary>Errors that it rests on, of which earlier ones count for less.</summary>
    public readonly double Worth => TensorPrimitives.Sum<float>(_bins);

    /// <summary>Degrees of freedom, infinite for normal errors, and how far these are believed to be normal, 0 to 1.</summary>
    public readonly (double Freedom, double Normality) Freedom()
    {
        Span<double> fits = stackalloc double[TriedCount + 1];
        var best = double.MinValue;
        for (var i = 0; i <= TriedCount; i++)
        {
            var sum = 0.0;
            for (var b = 0; b < BinCount; b++) sum += _bins[b] * Logs[i][b];
            fits[i] = sum;
            best = Math.Max(best, sum);
        }

        double whole = 0, mean = 0, normal = 0;
        for (var i = 0; i <= TriedCount; i++)
        {
            var weight = Math.Exp(fits[i] - best) * (i == 0 ? NormalBelief : (1 - NormalBelief) / TriedCount);
            whole += weight;
            mean += weight * Inverse(i);
            if (i == 0) normal = weight;
        }

        return (mean / whole > 1 / MarkovPassage.MostFreedom ? whole / mean : double.PositiveInfinity, normal / whole);
    }

    public readonly void Save(StateWriter writer) => writer.Floats(_bins);

    public static ErrorTail Load(ref StateReader reader)
    {
        var bins = new float[BinCount];
        reader.Floats(bins);
        var tail = new ErrorTail();
        bins.CopyTo(tail._bins);
        return tail;
    }

    private static double Inverse(int tried) => tried * MostInverse / TriedCount;

    /// <summary>Shares of the bins among errors of a law whose mean absolute value is 1.</summary>
    private static double[] Shares(double inverse)
    {
        var freedom = inverse > 0 ? 1 / inverse : double.PositiveInfinity;
        // Of Student's t itself, not in its deviations.
        var usual = StudentT.MeanAbsolute(freedom) * (inverse > 0 ? Math.Sqrt(freedom / (freedom - 2)) : 1);
        var shares = new double[BinCount];
        var inside = 0.0;
        for (var b = 0; b < BinCount; b++)
        {
            var until = b == BinCount - 1 ? 1 : 1 - 2 * StudentT.Upper(usual * Math.Pow(2, b / (double)BinsPerOctave - OctavesBelow), freedom);
            (shares[b], inside) = (until - inside, until);
        }

        // By the normal law one error in 10^18 falls into the last bin; one in a million may be anything.
        return [.. shares.Select(share => Math.Max(share, 1e-6))];
    }

    /// <summary>Within what holds them, to take no room for an array of their own.</summary>
    [InlineArray(BinCount)]
    private struct Bins
    {
        private float _first;
    }
}
