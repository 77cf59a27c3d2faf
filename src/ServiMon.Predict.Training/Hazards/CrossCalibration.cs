using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Losses of out-of-fold probabilities.</summary>
/// <param name="Total">Sum over buckets of the weighted mean log-loss.</param>
/// <param name="Bucket">Its terms.</param>
/// <param name="Group">What each group of rows adds to <paramref name="Total"/>.</param>
internal sealed record LossSummary(double Total, double[] Bucket, double[] Group)
{
    /// <summary>Standard error, over groups, of the difference between two totals.</summary>
    public double StandardError(LossSummary other)
    {
        var n = Group.Length;
        if (n < 2) return double.PositiveInfinity;
        var mean = (Total - other.Total) / n;
        var sum = 0.0;
        for (var g = 0; g < n; g++) sum += Math.Pow(Group[g] - other.Group[g] - mean, 2);
        return Math.Sqrt(sum * n / (n - 1));
    }
}

/// <summary>
/// Turns out-of-fold scores into probabilities, each fold by a calibration fitted on the scores of the other folds, so that a candidate's
/// loss never counts rows that helped to calibrate it.
/// </summary>
internal sealed class CrossCalibration
{
    private readonly HazardRows _rows;
    private readonly FoldPlan _plan;
    private readonly int[] _group;
    private readonly int _groupCount;
    private readonly Part[][] _others;

    /// <param name="buckets">Rows of each bucket that are evaluated.</param>
    public CrossCalibration(HazardRows rows, FoldPlan plan, BucketRows[] buckets)
    {
        (_rows, _plan, Buckets) = (rows, plan, buckets);
        var numbers = new Dictionary<int, int>();
        _group = new int[rows.Count];
        for (var r = 0; r < rows.Count; r++)
        {
            if (plan.Fold[r] < 0) continue;
            if (!numbers.TryGetValue(rows.Group[r], out var number)) numbers[rows.Group[r]] = number = numbers.Count;
            _group[r] = number;
        }
        _groupCount = numbers.Count;
        _others = [.. buckets.Select(b => Enumerable.Range(0, plan.Count).Select(f => Part.Of(rows, b.Where(r => plan.Fold[r] != f))).ToArray())];
    }

    public BucketRows[] Buckets { get; }

    /// <summary>The rate of the other folds, for every evaluated row of each bucket.</summary>
    public double[][] Base() => ForEachRow((j, f) =>
    {
        var part = _others[j][f];
        var rate = part.Rate();
        return _ => rate;
    });

    /// <summary>The rate of the other folds, moved by the anomaly level.</summary>
    public double[][] Moved(double[][] rates, Func<int, double> ratio) =>
        [.. rates.Select(bucket => bucket.Select((p, r) => _plan.Fold[r] < 0 ? 0 : LogOdds.Clip(1 - Math.Pow(1 - p, ratio(r)))).ToArray())];

    public double[][] Platt(double[][] scores) => Calibrate(scores, (p, s) => PlattFit.Fit(s, p.Label, p.Weight, p.Incidents));

    public double[][] Isotonic(double[][] scores) => Calibrate(scores, (p, s) => IsotonicFit.Fit(s, p.Label, p.Weight, p.Incidents));

    /// <summary>The calibration for the final model: on the out-of-fold scores of all folds.</summary>
    public ICalibration Final(int bucket, double[] scores, bool isotonic)
    {
        var part = Part.Of(_rows, Buckets[bucket]);
        var s = part.Scores(scores);
        return isotonic ? IsotonicFit.Fit(s, part.Label, part.Weight, part.Incidents) : PlattFit.Fit(s, part.Label, part.Weight, part.Incidents);
    }

    public LossSummary Loss(double[][] probabilities)
    {
        var (bucketLoss, groupLoss) = (new double[Buckets.Length], new double[_groupCount]);
        for (var j = 0; j < Buckets.Length; j++)
        {
            var bucket = Buckets[j];
            var total = bucket.TotalWeight(_rows);
            for (var i = 0; i < bucket.Rows.Length; i++)
            {
                var r = bucket.Rows[i];
                var p = LogOdds.Clip(probabilities[j][r]);
                var loss = -_rows.Weight[r] / total * Math.Log(bucket.Label[i] ? p : 1 - p);
                bucketLoss[j] += loss;
                groupLoss[_group[r]] += loss;
            }
        }
        return new LossSummary(bucketLoss.Sum(), bucketLoss, groupLoss);
    }

    private double[][] Calibrate(double[][] scores, Func<Part, double[], ICalibration> fit) => ForEachRow((j, f) =>
    {
        var part = _others[j][f];
        if (part.Incidents == 0)
        {
            var rate = part.Rate();
            return _ => rate;
        }
        var calibration = fit(part, part.Scores(scores[j]));
        return r => LogOdds.Clip(calibration.Probability(scores[j][r]));
    });

    private double[][] ForEachRow(Func<int, int, Func<int, double>> make)
    {
        var result = new double[Buckets.Length][];
        for (var j = 0; j < Buckets.Length; j++)
        {
            result[j] = new double[_rows.Count];
            var byFold = Enumerable.Range(0, _plan.Count).Select(f => make(j, f)).ToArray();
            for (var r = 0; r < _rows.Count; r++)
                if (_plan.Fold[r] >= 0) result[j][r] = byFold[_plan.Fold[r]](r);
        }
        return result;
    }

    /// <summary>Rows that a calibration is fitted on.</summary>
    private sealed record Part(int[] Rows, bool[] Label, float[] Weight, int Incidents, double Positive, double Total)
    {
        public static Part Of(HazardRows all, BucketRows rows) =>
            new(rows.Rows, rows.Label, rows.Weights(all), rows.Incidents(all), rows.PositiveWeight(all), rows.TotalWeight(all));

        public double[] Scores(double[] all) => [.. Rows.Select(r => all[r])];

        /// <summary>Half an incident more than there were, as in <see cref="BaseRate"/>; without any, half a row.</summary>
        public double Rate() => Incidents == 0
            ? LogOdds.Clip(BaseRate.Shape / (1 + Total))
            : LogOdds.Clip(Positive / Total * ((Incidents + BaseRate.Shape) / Incidents));
    }
}
