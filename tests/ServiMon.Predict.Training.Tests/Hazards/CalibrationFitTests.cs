using CsCheck;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class CalibrationFitTests
{
    [Fact]
    public void Platt_finds_slope_and_offset()
    {
        var (score, label, weight) = Draw(40000, s => LogOdds.Probability(0.5 * s - 2));
        var fit = PlattFit.Fit(score, label, weight, 100_000);
        Assert.Equal(0.5, fit.Slope, 0.03);
        Assert.Equal(-2, fit.Offset, 0.08);
    }

    [Fact]
    public void Platt_of_a_score_that_ranks_the_wrong_way_is_the_rate()
    {
        var (score, label, weight) = Draw(4000, s => LogOdds.Probability(-s - 2));
        var fit = PlattFit.Fit(score, label, weight, 1000);
        Assert.Equal(0, fit.Slope);
        Assert.Equal(label.Average(y => y ? 1.0 : 0), fit.Probability(0), 0.01);
    }

    [Fact]
    public void Platt_counts_incidents_and_not_rows()
    {
        double[] score = [.. Enumerable.Range(0, 1000).Select(i => i < 100 ? 5.0 : -5)];
        bool[] label = [.. Enumerable.Range(0, 1000).Select(i => i < 100)];
        float[] weight = [.. Enumerable.Repeat(1f, 1000)];
        Assert.InRange(PlattFit.Fit(score, label, weight, 3).Probability(5), 0.75, 0.87);
        Assert.InRange(PlattFit.Fit(score, label, weight, 90).Probability(5), 0.95, 0.99);
    }

    [Fact]
    public void Platt_keeps_the_mean()
    {
        var (score, label, weight) = Draw(5000, s => LogOdds.Probability(2 * s - 3));
        var fit = PlattFit.Fit(score, label, weight, 1000);
        Assert.Equal(label.Average(y => y ? 1.0 : 0), score.Average(fit.Probability), 0.005);
    }

    [Fact]
    public void Isotonic_fit_is_monotone_and_near_the_truth()
    {
        var (score, label, weight) = Draw(40000, s => s > 0 ? 0.7 : 0.1);
        var fit = IsotonicFit.Fit(score, label, weight, 5000);
        Assert.Equal(0.1, fit.Probability(-1), 0.03);
        Assert.Equal(0.7, fit.Probability(1), 0.03);
        Gen.Double[-5, 5].Array[2].Sample(x => fit.Probability(x.Min()) <= fit.Probability(x.Max()));
    }

    private static (double[] Score, bool[] Label, float[] Weight) Draw(int rows, Func<double, double> truth)
    {
        var random = new Random(9);
        double[] score = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 6 - 3)];
        return (score, [.. score.Select(s => random.NextDouble() < truth(s))], [.. Enumerable.Repeat(1f, rows)]);
    }
}
