using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Fits an <see cref="IsotonicCalibration"/> by pooling adjacent violators (Ayer and others, 1955).</summary>
internal static class IsotonicFit
{
    /// <summary>
    /// The fit stays within Platt's smoothed targets for this many incidents, (n + 1) / (n + 2) at the top, so that it never says 0 or 1.
    /// </summary>
    public static IsotonicCalibration Fit(ReadOnlySpan<double> score, ReadOnlySpan<bool> label, ReadOnlySpan<float> weight, int incidents)
    {
        var sorted = score.ToArray();
        var order = Enumerable.Range(0, score.Length).ToArray();
        Array.Sort(sorted, order);
        var blocks = new List<Block>();
        double positive = 0, negative = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var (w, y) = ((double)weight[order[i]], label[order[i]]);
            if (y) positive += w;
            else negative += w;
            var block = new Block(w, y ? w : 0, w * sorted[i], sorted[i]);
            // Equal scores belong together whatever their labels; then a block that is not above the one before joins it.
            while (blocks.Count > 0 && (blocks[^1].Last == sorted[i] || blocks[^1].Rate >= block.Rate))
            {
                block = blocks[^1].With(block);
                blocks.RemoveAt(blocks.Count - 1);
            }
            blocks.Add(block);
        }
        var high = (incidents + 1.0) / (incidents + 2.0);
        var low = Math.Min(high, 1 / (negative / (positive / incidents) + 2));
        var knots = new List<(double Score, double Probability)>();
        foreach (var block in blocks)
        {
            var mean = block.Score / block.Weight;
            if (knots.Count == 0 || mean > knots[^1].Score) knots.Add((mean, Math.Clamp(block.Rate, low, high)));
        }
        return new IsotonicCalibration([.. knots.Select(k => k.Score)], [.. knots.Select(k => k.Probability)]);
    }

    private readonly record struct Block(double Weight, double Positive, double Score, double Last)
    {
        public double Rate => Positive / Weight;

        public Block With(Block next) => new(Weight + next.Weight, Positive + next.Positive, Score + next.Score, next.Last);
    }
}
