namespace ServiMon.Predict.Detection;

/// <summary>
/// Changes of level in a whole series at once, for history: the segmentation of least cost, found exactly in about linear time (Killick,
/// Fearnhead, Eckley 2012: PELT).
/// </summary>
/// <remarks>
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

    private const double MostPersistence = 0.95;

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
        for (var i = 0; i < finite; i++) x[i] = values[kept[i]];
        var variance = NoiseVariance(x);
        var splits = Segment(x, variance, PenaltyFactor * Math.Log(finite));
        for (var i = 0; i < splits.Length; i++) splits[i] = kept[splits[i]];
        return splits;
    }

    /// <summary>The optimal segmentation for a given noise variance and penalty; both above 0.</summary>
    internal static int[] Segment(double[] x, double variance, double penalty)
    {
        var n = x.Length;
        var reference = x[0];
        var sums = new double[n + 1];
        var squares = new double[n + 1];
        for (var i = 0; i < n; i++)
        {
            var d = x[i] - reference;
            sums[i + 1] = sums[i] + d;
            squares[i + 1] = squares[i] + d * d;
        }

        var best = new double[n + 1];
        var previous = new int[n + 1];
        best[0] = -penalty;
        var candidates = new List<int> { 0 };
        for (var end = 1; end <= n; end++)
        {
            best[end] = double.PositiveInfinity;
            foreach (var start in candidates)
            {
                var total = best[start] + Cost(sums, squares, start, end, variance) + penalty;
                if (total >= best[end]) continue;
                best[end] = total;
                previous[end] = start;
            }

            // Theorem 3.1: a start that is worse than the best by the penalty never becomes the best.
            candidates.RemoveAll(start => best[start] + Cost(sums, squares, start, end, variance) > best[end]);
            candidates.Add(end);
        }

        var splits = new List<int>();
        for (var at = previous[n]; at > 0; at = previous[at]) splits.Add(at);
        splits.Reverse();
        return [.. splits];
    }

    private static double Cost(double[] sums, double[] squares, int start, int end, double variance)
    {
        var sum = sums[end] - sums[start];
        return Math.Max(0, squares[end] - squares[start] - sum * sum / (end - start)) / variance;
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
        return sigma * sigma / (2 * (1 - persistence)) * ((1 + persistence) / (1 - persistence));
    }
}
