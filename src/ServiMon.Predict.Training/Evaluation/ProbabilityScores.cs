namespace ServiMon.Predict.Training.Evaluation;

/// <summary>Proper scores and rankings of probabilities p against outcomes y, over the same rows.</summary>
public static class ProbabilityScores
{
    /// <summary>Bins of equal mass for the calibration error.</summary>
    private const int BinCount = 15;

    /// <summary>Logarithms are taken of probabilities no nearer to 0 and 1 than this.</summary>
    private const double LogMargin = 1e-15;

    /// <summary>Area under the ROC curve by the rank sum with ties at half (Mann and Whitney 1947); null with one class only.</summary>
    public static double? RocAuc(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        var order = Ascending(p);
        long positives = 0;
        foreach (var value in y) positives += value ? 1 : 0;
        var negatives = p.Length - positives;
        if (positives == 0 || negatives == 0) return null;
        double rankSum = 0;
        for (var i = 0; i < order.Length;)
        {
            var j = i;
            long hits = 0;
            for (; j < order.Length && p[order[j]] == p[order[i]]; j++) hits += y[order[j]] ? 1 : 0;
            rankSum += (i + j + 1) / 2.0 * hits;
            i = j;
        }
        return (rankSum - positives * (positives + 1) / 2.0) / ((double)positives * negatives);
    }

    /// <summary>Sum over thresholds of precision times the gain in recall; null without positives.</summary>
    public static double? AveragePrecision(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        var order = Ascending(p);
        long positives = 0;
        foreach (var value in y) positives += value ? 1 : 0;
        if (positives == 0) return null;
        double sum = 0;
        long hits = 0;
        for (var i = order.Length - 1; i >= 0;)
        {
            var level = p[order[i]];
            long gained = 0;
            for (; i >= 0 && p[order[i]] == level; i--) gained += y[order[i]] ? 1 : 0;
            hits += gained;
            sum += gained / (double)positives * hits / (order.Length - 1 - i);
        }
        return sum;
    }

    /// <summary>Mean squared difference (Brier 1950).</summary>
    public static double Brier(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        double sum = 0;
        for (var i = 0; i < p.Length; i++) sum += Math.Pow(p[i] - (y[i] ? 1 : 0), 2);
        return sum / p.Length;
    }

    /// <summary>Mean negative log-likelihood in nats.</summary>
    public static double LogLoss(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        double sum = 0;
        for (var i = 0; i < p.Length; i++) sum -= Math.Log(Math.Clamp(y[i] ? p[i] : 1 - p[i], LogMargin, 1));
        return sum / p.Length;
    }

    /// <summary>Bins of equal mass in ascending probability; equal probabilities are never split over two bins.</summary>
    public static IReadOnlyList<CalibrationBin> Reliability(ReadOnlySpan<double> p, ReadOnlySpan<bool> y)
    {
        var order = Ascending(p);
        var bins = new List<CalibrationBin>();
        var filled = 0;
        int start = 0, i = 0;
        while (i < order.Length)
        {
            var level = p[order[i]];
            while (i < order.Length && p[order[i]] == level) i++;
            if ((long)i * BinCount < (long)order.Length * (filled + 1) && i < order.Length) continue;
            double sum = 0;
            var hits = 0;
            for (var k = start; k < i; k++)
            {
                sum += p[order[k]];
                hits += y[order[k]] ? 1 : 0;
            }
            bins.Add(new CalibrationBin(i - start, sum / (i - start), hits / (double)(i - start)));
            filled = Math.Max(filled + 1, (int)((long)i * BinCount / order.Length));
            start = i;
        }
        return bins;
    }

    /// <summary>Mean over rows of |mean probability - frequency| of the row's bin.</summary>
    public static double CalibrationError(IReadOnlyList<CalibrationBin> bins) =>
        bins.Sum(b => b.Count * Math.Abs(b.Probability - b.Frequency)) / bins.Sum(b => b.Count);

    private static int[] Ascending(ReadOnlySpan<double> p)
    {
        var keys = p.ToArray();
        var order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(keys, order);
        return order;
    }
}
