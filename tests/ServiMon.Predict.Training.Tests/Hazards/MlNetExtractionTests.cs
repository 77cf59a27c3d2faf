using Microsoft.ML;
using Microsoft.ML.Data;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class MlNetExtractionTests
{
    private const int Width = 7;

    [Theory]
    [InlineData(Booster.LightGbm, 1.0)]
    [InlineData(Booster.LightGbm, 0.5)]
    [InlineData(Booster.FastTree, 1.0)]
    public void Trees_give_what_ML_NET_gives_missing_values_included(Booster booster, double columnShare)
    {
        Assert.SkipWhen(booster == Booster.LightGbm && BoosterChoice.Probe("lib_lightgbm") is not null, "LightGBM cannot be loaded here");
        var ml = new MLContext(1);
        var (values, label, weight) = Draw(2000, 1, missing: 0.15);
        var rows = Enumerable.Range(0, 2000).ToArray();
        var view = DenseRows.View(ml, values, Width, Width, rows, label, weight);
        var (model, trees) = new TreeTrainer(ml, booster, 1).Fit(view, Width, new TreeSettings(60, 6, 20, 0.1, columnShare));
        Assert.Equal(60, trees.TreeCount);
        Assert.Contains(true, trees.MissingLeft.ToArray());
        // FastTree's missing values stand at the column's minimum, which is on the left of every split.
        if (booster == Booster.LightGbm) Assert.Contains(false, trees.MissingLeft.ToArray());
        var (fresh, _, _) = Draw(2000, 2, missing: 0.4);
        Compare(ml, model, trees, fresh);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(300)]
    public void Ridge_solvers_and_ML_NET_find_the_same_optimum(double ridge)
    {
        var ml = new MLContext(1);
        var (values, label, weight) = Draw(3000, 1, missing: 0);
        var rows = Enumerable.Range(0, 3000).ToArray();
        var view = DenseRows.View(ml, values, Width, Width, rows, label, weight);
        var (model, slope, bias) = LinearTrainer.Fit(ml, view, ridge);
        var problem = new LogisticProblem(values, Width, rows, label, weight);
        var ours = RidgeLogistic.Solve(problem, ridge, new double[Width + 1]);
        for (var c = 0; c < Width; c++) Assert.Equal(slope[c], ours[c], 2e-3);
        Assert.Equal(bias, ours[Width], 2e-3);
        Compare(ml, model, new LinearModel(new float[Width], Enumerable.Repeat(1f, Width).ToArray(), slope, bias, 100), values);
    }

    [Fact]
    public void The_wide_solver_reaches_the_optimum_too()
    {
        const int rows = 1500, width = 90;
        var random = new Random(4);
        var values = Enumerable.Range(0, rows * width).Select(_ => (float)(random.NextDouble() * 4 - 2)).ToArray();
        var label = Enumerable.Range(0, rows).Select(r => random.NextDouble() < LogOdds.Probability(values[r * width] - 2)).ToArray();
        var weight = Enumerable.Range(0, rows).Select(r => 1f + r % 3).ToArray();
        var problem = new LogisticProblem(values, width, [.. Enumerable.Range(0, rows)], label, weight);
        var at = RidgeLogistic.Solve(problem, 20, new double[width + 1]);
        var gradient = new double[width + 1];
        var value = problem.Evaluate(at, 20, gradient);
        Assert.All(gradient, g => Assert.True(Math.Abs(g) < 1e-3 * value, $"gradient {g} at {value}"));
    }

    [Fact]
    public void Narrow_and_wide_gradients_agree()
    {
        var (values, label, weight) = Draw(200, 3, missing: 0);
        var problem = new LogisticProblem(values, Width, [.. Enumerable.Range(0, 200)], label, weight);
        var at = Enumerable.Range(0, Width + 1).Select(i => 0.1 * i - 0.3).ToArray();
        var (a, b) = (new double[Width + 1], new double[Width + 1]);
        var value = problem.Evaluate(at, 2, a);
        Assert.Equal(value, problem.Evaluate(at, 2, b, new double[(Width + 1) * problem.Stride], problem.Stride), 1e-3);
        for (var c = 0; c <= Width; c++) Assert.Equal(a[c], b[c], 1e-3);
    }

    private static void Compare(MLContext ml, ITransformer model, IRiskScore score, float[] values)
    {
        var n = values.Length / Width;
        var view = DenseRows.View(ml, values, Width, Width, [.. Enumerable.Range(0, n)], new bool[n], new float[n]);
        var theirs = model.Transform(view).GetColumn<float>("Probability").ToArray();
        for (var r = 0; r < n; r++) Assert.Equal(theirs[r], LogOdds.Probability(score.Score(values.AsSpan(r * Width, Width))), 1e-6);
    }

    private static (float[] Values, bool[] Label, float[] Weight) Draw(int rows, int seed, double missing)
    {
        var random = new Random(seed);
        var values = new float[rows * Width];
        var (label, weight) = (new bool[rows], new float[rows]);
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < Width; c++)
                values[r * Width + c] = random.NextDouble() < missing ? float.NaN : (float)(random.NextDouble() * 6 - 3);
            var (x, y) = (values[r * Width], values[r * Width + 1]);
            label[r] = random.NextDouble() < LogOdds.Probability(-2 + (float.IsNaN(x) ? 1.5 : x) - (float.IsNaN(y) ? 2 : y / 2));
            weight[r] = 1 + r % 2;
        }
        return (values, label, weight);
    }
}
