using System.Runtime.InteropServices;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Changes of level in a whole series at once, for history: the segmentation of least cost (Killick, Fearnhead, Eckley 2012: PELT), found exactly.
/// </summary>
/// <remarks>
/// Beginnings of the last segment are dropped once no mean is left for which they are the best (Maidstone, Hocking, Rigaill, Fearnhead 2017: functional
/// pruning, algorithm 2), never later than by PELT's inequality and, other than by that, soon in stretches without a change as well: time is about linear in either case.
///
/// The cost of a segment is its sum of squares around its mean over the noise's variance; a change costs 3 log n. The noise is judged by
/// differences of neighbours, which changes of level hardly move: sigma by their median absolute deviation, persistence by their
/// correlation, (phi - 1) / 2 for an AR(1) series; the variance is inflated by (1 + phi) / (1 - phi), as is that of a mean.
/// </remarks>
public static class Pelt
{
    /// <summary>A change costs so many log n (twice the least penalty of Killick et al., for heavier tails than a Gaussian's).</summary>
    private const double PenaltyFactor = 3;

    /// <summary>Median absolute deviation to standard deviation of a Gaussian.</summary>
    private const double MedianToSigma = 1.4826;

    private const double LargestAsIs = 1e100;

    private const double MostPersistence = 0.999;

    /// <summary>Differences over so many steps tell persistence beside those of neighbours, fewer in short series.</summary>
    private const int FarSteps = 64;

    private const int ValuesPerFarStep = 50;

    /// <summary>The first index of each segment but the first, ascending.</summary>
    /// <param name="values">n values; those that are not finite belong to no segment and end none.</param>
    public static int[] Locate(ReadOnlySpan<double> values)
    {
        var kept = Enumerable.Range(0, values.Length).ToArray().AsSpan();
        var finite = 0;
        foreach (var i in kept)
            if (double.IsFinite(values[i])) kept[finite++] = i;
        if (finite < 2) return [];
        var x = new double[finite];
        // Squares of what is larger would overflow.
        var largest = 0.0;
        for (var i = 0; i < finite; i++) largest = Math.Max(largest, Math.Abs(values[kept[i]]));
        var unit = largest > LargestAsIs ? largest : 1;
        for (var i = 0; i < finite; i++) x[i] = values[kept[i]] / unit;
        var variance = NoiseVariance(x);
        var splits = Segment(x, variance, PenaltyFactor * Math.Log(finite));
        for (var i = 0; i < splits.Length; i++) splits[i] = kept[splits[i]];
        return splits;
    }

    /// <summary>The optimal segmentation for a given noise variance and penalty; both above 0.</summary>
    internal static int[] Segment(double[] x, double variance, double penalty)
    {
        var previous = new int[x.Length + 1];
        // What the mean of the last segment may be, in ascending pieces: in each of them one beginning of that segment is the best.
        List<Piece> pieces = [new Piece(x.Min(), x.Max(), 0, 0, 0, 0)], next = [];
        for (var end = 1; end <= x.Length; end++)
        {
            var best = double.PositiveInfinity;
            foreach (ref var piece in CollectionsMarshal.AsSpan(pieces))
            {
                piece = piece.With(x[end - 1], variance);
                var least = piece.Least(variance);
                if (least >= best) continue;
                best = least;
                previous[end] = piece.Start;
            }

            // Where a segment that begins here costs less, no earlier beginning is looked at again.
            foreach (var piece in pieces) piece.Cut(best + penalty, end, variance, next);
            (pieces, next) = (next, pieces);
            next.Clear();
        }

        var splits = new List<int>();
        for (var at = previous[x.Length]; at > 0; at = previous[at]) splits.Add(at);
        splits.Reverse();
        return [.. splits];
    }

    private static double NoiseVariance(double[] x)
    {
        var differences = new double[x.Length - 1];
        for (var i = 0; i < differences.Length; i++) differences[i] = x[i + 1] - x[i];
        var sizes = differences.Select(Math.Abs).Order().ToArray();
        var sigma = MedianToSigma * sizes[sizes.Length / 2];
        // Most neighbours equal: the mean size of what differs is all there is to go by; none differ: any positive number will do.
        if (!(sigma > 0)) sigma = sizes.Average();
        if (!(sigma > 0)) return 1;
        double product = 0, square = 0;
        for (var i = 0; i < differences.Length; i++)
        {
            var d = Math.Clamp(differences[i], -3 * sigma, 3 * sigma);
            square += d * d;
            if (i > 0) product += d * Math.Clamp(differences[i - 1], -3 * sigma, 3 * sigma);
        }

        var persistence = square > 0 ? Math.Clamp(1 + 2 * product / square, 0, MostPersistence) : 0;
        persistence = Math.Min(persistence, FarPersistence(x, sigma));
        return sigma * sigma / (2 * (1 - persistence)) * ((1 + persistence) / (1 - persistence));
    }

    /// <summary>
    /// The phi at which an AR(1) series moves as much over k steps beside one as this one does: 1 + phi + ... + phi^(k - 1) times as much in its square. That of neighbours alone
    /// is off by some hundredths, by which a long series that persists at .95 may be a walk.
    /// </summary>
    private static double FarPersistence(double[] x, double sigma)
    {
        var k = Math.Min(FarSteps, x.Length / ValuesPerFarStep);
        if (k < 2) return MostPersistence;
        var sizes = new double[x.Length - k];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = Math.Abs(x[i + k] - x[i]);
        Array.Sort(sizes);
        var growth = Math.Pow(MedianToSigma * sizes[sizes.Length / 2] / sigma, 2);
        double low = 0, high = MostPersistence;
        for (var i = 0; i < 40; i++)
        {
            var phi = (low + high) / 2;
            if ((1 - Math.Pow(phi, k)) / (1 - phi) < growth) low = phi;
            else high = phi;
        }

        return low;
    }

    /// <summary>
    /// Means from <paramref name="From"/> to <paramref name="To"/>, where of all last segments the one that begins at <paramref name="Start"/> costs least: with the
    /// mean m it costs <paramref name="Offset"/> + <paramref name="Count"/> (m - <paramref name="Mean"/>)² / variance, all before it included.
    /// </summary>
    private readonly record struct Piece(double From, double To, int Start, int Count, double Mean, double Offset)
    {
        public Piece With(double x, double variance)
        {
            var distance = x - Mean;
            var count = Count + 1;
            return this with { Count = count, Mean = Mean + distance / count, Offset = Offset + distance * distance * Count / count / variance };
        }

        public double Least(double variance)
        {
            var distance = Math.Clamp(Mean, From, To) - Mean;
            return Offset + Count * distance * distance / variance;
        }

        /// <summary>Leaves of the piece what costs no more than <paramref name="level"/>; the rest goes to a segment that begins at <paramref name="start"/>.</summary>
        public void Cut(double level, int start, double variance, List<Piece> kept)
        {
            var reach = Offset <= level ? Math.Sqrt((level - Offset) * variance / Count) : double.NegativeInfinity;
            var (low, high) = (Math.Max(From, Mean - reach), Math.Min(To, Mean + reach));
            if (!(low <= high))
            {
                Give(From, To);
                return;
            }
            if (low > From) Give(From, low);
            kept.Add(this with { From = low, To = high });
            if (high < To) Give(high, To);

            void Give(double from, double to)
            {
                if (kept.Count > 0 && kept[^1].Start == start) kept[^1] = kept[^1] with { To = to };
                else kept.Add(new Piece(from, to, start, 0, 0, level));
            }
        }
    }
}
