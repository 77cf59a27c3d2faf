using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class IncompleteGammaTests
{
    /// <summary>ln Gamma(1/2) = ln sqrt(pi), ln Gamma(10) = ln 9!, ln Gamma(1/10) and ln Gamma(100) from tables.</summary>
    [Theory]
    [InlineData(0.5, 0.5723649429247001)]
    [InlineData(10, 12.801827480081469)]
    [InlineData(0.1, 2.252712651734206)]
    [InlineData(100, 359.1342053695754)]
    public void Log_gamma_has_its_known_values(double a, double expected) =>
        Assert.Equal(expected, IncompleteGamma.LogGamma(a), 1e-12 * Math.Max(1, expected));

    /// <summary>P(1/2, 1/2) = erf(sqrt(1/2)); P(1, x) = 1 - exp(-x); P(10, 10) from tables.</summary>
    [Theory]
    [InlineData(0.5, 0.5, 0.6826894921370859)]
    [InlineData(1, 2, 0.8646647167633873)]
    [InlineData(10, 10, 0.5420702855281478)]
    public void Lower_has_its_known_values(double a, double x, double expected) =>
        Assert.Equal(expected, IncompleteGamma.Lower(a, x), 1e-13);

    [Fact]
    public void Whole_shapes_agree_with_the_sum_of_poisson_terms() =>
        Gen.Select(Gen.Int[1, 60], Gen.Double[0.01, 120]).Sample((n, x) =>
        {
            double term = Math.Exp(-x), sum = 0;
            for (var k = 0; k < n; k++)
            {
                sum += term;
                term *= x / (k + 1);
            }
            Assert.Equal(sum, IncompleteGamma.Upper(n, x), 1e-12);
        });

    [Fact]
    public void Lower_and_upper_sum_to_one_and_the_recurrence_holds() =>
        Gen.Select(Gen.Double[0.001, 300], Gen.Double[0.001, 400]).Sample((a, x) =>
        {
            Assert.Equal(1, IncompleteGamma.Lower(a, x) + IncompleteGamma.Upper(a, x), 1e-12);
            var step = Math.Exp(a * Math.Log(x) - x - IncompleteGamma.LogGamma(a + 1));
            Assert.Equal(IncompleteGamma.Lower(a, x) - step, IncompleteGamma.Lower(a + 1, x), 1e-12);
        });

    [Fact]
    public void The_ends_are_exact_and_misuse_is_refused()
    {
        Assert.Equal(0, IncompleteGamma.Lower(3, 0));
        Assert.Equal(1, IncompleteGamma.Lower(3, double.PositiveInfinity));
        Assert.True(double.IsNaN(IncompleteGamma.Lower(3, double.NaN)));
        Assert.Throws<ArgumentOutOfRangeException>(() => IncompleteGamma.Lower(0, 1));
    }
}
