using ServiMon.Predict.Statistics;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Statistics;

public class HuberRidgeTests
{
    private static (double[] Rows, double[] Targets) Line(int count, int outliers, double offset)
    {
        var random = new Random(3);
        var rows = new double[2 * count];
        var targets = new double[count];
        for (var i = 0; i < count; i++)
        {
            rows[2 * i] = SyntheticSeries.Gaussian(random);
            rows[2 * i + 1] = offset + SyntheticSeries.Gaussian(random);
            targets[i] = 2 * rows[2 * i] - rows[2 * i + 1] + 5 + 0.1 * SyntheticSeries.Gaussian(random) + (i < outliers ? 1000 : 0);
        }

        return (rows, targets);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e9)]
    public void Finds_the_plane_at_any_offset(double offset)
    {
        var (rows, targets) = Line(300, 0, offset);
        var coefficients = new double[2];
        Assert.NotNull(HuberRidge.Fit(rows, targets, [0, 0], 1e-6, coefficients));
        Assert.Equal(2, coefficients[0], 0.02);
        Assert.Equal(-1, coefficients[1], 0.02);
    }

    [Fact]
    public void Outliers_in_a_twentieth_of_the_rows_move_little()
    {
        var (rows, targets) = Line(300, 15, 0);
        var coefficients = new double[2];
        HuberRidge.Fit(rows, targets, [0, 0], 1e-6, coefficients);
        Assert.InRange(coefficients[0], 1, 3);
    }

    [Fact]
    public void A_strong_prior_wins_and_a_weak_one_does_not()
    {
        var (rows, targets) = Line(300, 0, 0);
        var coefficients = new double[2];
        HuberRidge.Fit(rows, targets, [7, 7], 1e6, coefficients);
        Assert.Equal(7, coefficients[0], 0.01);
        HuberRidge.Fit(rows, targets, [7, 7], 1e-6, coefficients);
        Assert.Equal(2, coefficients[0], 0.02);
    }

    [Fact]
    public void Nothing_to_fit_gives_nothing()
    {
        Assert.Null(HuberRidge.Fit([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], [0], 1e-3, new double[1]));
        Assert.Null(HuberRidge.Fit([1, 2], [1, 2], [0], 1e-3, new double[1]));
    }
}
