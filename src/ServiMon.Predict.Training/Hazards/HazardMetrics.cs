using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Proper scores and ranking of probabilities against outcomes, with weights.</summary>
public static class HazardMetrics
{
    private const int CalibrationBins = 10;

    /// <param name="seconds">The horizon.</param>
    /// <param name="probability">One for each row.</param>
    /// <param name="label">Whether the row's asset failed within the horizon.</param>
    /// <param name="weight">Inverse sampling probability of each row.</param>
    /// <param name="incidents">Distinct incidents among the positive rows.</param>
    public static HorizonMetrics Measure(double seconds, double[] probability, bool[] label, float[] weight, int incidents)
    {
        double total = 0, positive = 0, loss = 0, brier = 0, expected = 0;
        for (var i = 0; i < probability.Length; i++)
        {
            var (p, y, w) = (LogOdds.Clip(probability[i]), label[i], (double)weight[i]);
            total += w;
            positive += y ? w : 0;
            expected += w * p;
            loss -= w * Math.Log(y ? p : 1 - p);
            brier += w * Math.Pow(p - (y ? 1 : 0), 2);
        }
        var rate = total > 0 ? positive / total : double.NaN;
        var mixed = positive > 0 && positive < total;
        return new HorizonMetrics(
            seconds, probability.Length, incidents, rate, loss / total,
            mixed ? 1 - brier / total / (rate * (1 - rate)) : double.NaN,
            mixed ? AreaUnderCurve(probability, label, weight) : double.NaN,
            CalibrationError(probability, label, weight, total),
            positive > 0 ? expected / positive : double.NaN);
    }

    /// <summary>Weighted share of pairs of a positive and a negative row that are in the right order, ties by half.</summary>
    internal static double AreaUnderCurve(double[] probability, bool[] label, float[] weight)
    {
        var order = Order(probability);
        double below = 0, area = 0, positive = 0;
        for (var i = 0; i < order.Length;)
        {
            double tiePositive = 0, tieNegative = 0;
            var value = probability[order[i]];
            for (; i < order.Length && probability[order[i]] == value; i++)
                if (label[order[i]]) tiePositive += weight[order[i]];
                else tieNegative += weight[order[i]];
            area += tiePositive * (below + tieNegative / 2);
            below += tieNegative;
            positive += tiePositive;
        }
        return area / (positive * below);
    }

    private static double CalibrationError(double[] probability, bool[] label, float[] weight, double total)
    {
        var order = Order(probability);
        double error = 0, seen = 0, gap = 0;
        var bin = 1;
        foreach (var i in order)
        {
            gap += weight[i] * (probability[i] - (label[i] ? 1 : 0));
            seen += weight[i];
            if (seen < total * bin / CalibrationBins) continue;
            error += Math.Abs(gap);
            (gap, bin) = (0, Math.Max(bin + 1, (int)(seen / total * CalibrationBins) + 1));
        }
        return (error + Math.Abs(gap)) / total;
    }

    private static int[] Order(double[] values)
    {
        var (keys, order) = ((double[])values.Clone(), Enumerable.Range(0, values.Length).ToArray());
        Array.Sort(keys, order);
        return order;
    }
}
