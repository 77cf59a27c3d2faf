using System.Numerics.Tensors;
using Microsoft.ML;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>The matrices that scores are fitted on, each standardised once: that uses no labels.</summary>
/// <param name="mechanisms">Columns of the mechanisms, the first of the universal ones.</param>
internal sealed class ScoreInputs(HazardRows rows, EvidenceTable own, HazardOptions options, int mechanisms)
{
    private readonly Dictionary<int, (ColumnScale Scale, float[] Values)> _standardised = [];

    public HazardRows Rows { get; } = rows;

    public EvidenceTable Own { get; } = own;

    public HazardOptions Options { get; } = options;

    /// <summary>Columns that a kind of score reads: the first this many.</summary>
    public int Width(ScoreKind kind) => kind switch
    {
        ScoreKind.LinearAll or ScoreKind.TreesAll => Own.Width,
        ScoreKind.LinearMechanism or ScoreKind.LinearOwn => mechanisms,
        _ => Rows.UniversalWidth,
    };

    /// <summary>The matrix that a kind of trees reads, with <see cref="Width"/> columns.</summary>
    public float[] Raw(ScoreKind kind) => kind == ScoreKind.TreesAll ? Own.Values : Rows.Universal;

    /// <summary>True when the kind may train on the row.</summary>
    public bool Trains(ScoreKind kind, int row) =>
        row < Rows.OwnCount || kind is ScoreKind.LinearMechanism or ScoreKind.LinearUniversal or ScoreKind.TreesUniversal;

    /// <summary>How trees of this kind are grown, in every fold and in the end.</summary>
    public TreePlan TreePlan(ScoreKind kind) => new(Width(kind));

    public ColumnScale Scale(ScoreKind kind) => Of(kind).Scale;

    /// <summary>The matrix that a linear kind reads, standardised, with <see cref="Width"/> columns.</summary>
    public float[] Standardised(ScoreKind kind) => Of(kind).Values;

    private (ColumnScale Scale, float[] Values) Of(ScoreKind kind)
    {
        var width = Width(kind);
        if (_standardised.TryGetValue(width, out var made)) return made;
        var (values, stride, weight) = kind == ScoreKind.LinearAll
            ? (Own.Values, Own.Width, Own.Weight)
            : (Rows.Universal, Rows.UniversalWidth, Rows.Weight);
        var scale = ColumnScale.Fit(values, stride, width, weight);
        return _standardised[width] = (scale, scale.Apply(values, stride, weight.Length, Options.Clip));
    }
}

/// <summary>Scores rows of each fold by models fitted on the other folds.</summary>
internal sealed class OutOfFoldScores(ScoreInputs inputs, FoldPlan plan, BucketRows[] training, MLContext ml, Booster booster, int seed)
{
    /// <summary>One candidate for each strength.</summary>
    /// <param name="step">Called after each fold of each bucket.</param>
    public Candidate[] Run(ScoreKind kind, double[] strengths, Action step)
    {
        var scores = strengths.Select(_ => training.Select(_ => new double[inputs.Rows.Count]).ToArray()).ToArray();
        for (var j = 0; j < training.Length; j++)
        {
            var all = training[j].Where(r => inputs.Trains(kind, r));
            var rate = LogOdds.Of(Share(all.PositiveWeight(inputs.Rows), all.TotalWeight(inputs.Rows)));
            for (var f = 0; f < plan.Count; f++)
            {
                var part = training[j].Where(r => plan.Trains(r, f) && inputs.Trains(kind, r));
                var test = Enumerable.Range(0, inputs.Rows.Count).Where(r => plan.Fold[r] == f).ToArray();
                Score(kind, strengths, part, test, scores, j, rate);
                step();
            }
        }
        return [.. strengths.Select((s, k) => new Candidate([new ScorePart(kind, s)], scores[k]))];
    }

    /// <param name="rate">Log-odds of the rate of all folds.</param>
    private void Score(ScoreKind kind, double[] strengths, BucketRows part, int[] test, double[][][] scores, int bucket, double rate)
    {
        var (positive, total) = (part.PositiveWeight(inputs.Rows), part.TotalWeight(inputs.Rows));
        // A fold with more failures leaves fewer to train on, so its scores would start lower: every fold is moved to the same rate.
        var shift = rate - LogOdds.Of(Share(positive, total));
        var informed = positive > 0 && positive < total;
        if (informed && kind is (ScoreKind.TreesUniversal or ScoreKind.TreesAll)) Trees(kind, strengths, part, test, scores, bucket);
        else if (informed) Linear(kind, strengths, part, test, scores, bucket, positive, total);
        foreach (var line in scores)
            foreach (var r in test) line[bucket][r] = informed ? line[bucket][r] + shift : rate;
    }

    private static double Share(double positive, double total) => total > 0 ? positive / total : 0;

    private void Linear(ScoreKind kind, double[] strengths, BucketRows part, int[] test, double[][][] scores, int bucket, double positive, double total)
    {
        var (matrix, width) = (inputs.Standardised(kind), inputs.Width(kind));
        var problem = new LogisticProblem(matrix, width, part.Rows, part.Label, part.Weights(inputs.Rows));
        var at = new double[width + 1];
        at[width] = LogOdds.Of(positive / total);
        var slope = new float[width];
        foreach (var k in Enumerable.Range(0, strengths.Length).OrderByDescending(k => strengths[k]))
        {
            at = RidgeLogistic.Solve(problem, strengths[k] * positive, at);
            for (var c = 0; c < width; c++) slope[c] = (float)at[c];
            foreach (var r in test) scores[k][bucket][r] = TensorPrimitives.Dot<float>(matrix.AsSpan(r * width, width), slope) + at[width];
        }
    }

    private void Trees(ScoreKind kind, double[] strengths, BucketRows part, int[] test, double[][][] scores, int bucket)
    {
        var (matrix, width) = (inputs.Raw(kind), inputs.Width(kind));
        var view = DenseRows.View(ml, matrix, width, width, part.Rows, part.Label, part.Weights(inputs.Rows));
        var settings = inputs.TreePlan(kind).Settings(part.Rows.Length, (int)strengths.Max());
        var (_, trees) = new TreeTrainer(ml, booster, seed).Fit(view, width, settings);
        foreach (var r in test)
        {
            var row = matrix.AsSpan(r * width, width);
            var (sum, done) = (0.0, 0);
            for (var k = 0; k < strengths.Length; k++)
            {
                var count = Math.Min((int)strengths[k], trees.TreeCount);
                sum += trees.LeafSum(row, done, count);
                done = count;
                scores[k][bucket][r] = trees.Scale * sum + trees.Offset;
            }
        }
    }
}
