using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class GeneralizedParetoTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(-0.2)]
    public void Finds_the_shape_from_exact_moments(double shape)
    {
        // a0 = sigma / (1 - xi), a1 = sigma / (2 (2 - xi)).
        var fit = GeneralizedPareto.FromMoments(2 / (1 - shape), 2 / (2 * (2 - shape)), 1000, 0.1, 0);
        Assert.Equal(shape, fit.Shape, 9);
        Assert.Equal(2, fit.Scale, 9);
    }

    [Theory]
    [InlineData(0.3, 0.3)]
    [InlineData(-0.9, -0.5)]
    [InlineData(2, 0.75)]
    public void A_law_of_a_mean_has_it_whatever_the_shape(double asked, double shape)
    {
        var law = GeneralizedPareto.OfMean(2, asked);
        Assert.Equal(shape, law.Shape);
        Assert.Equal(2, law.Scale / (1 - law.Shape), 12);
    }

    [Fact]
    public void Survival_is_continuous_in_the_shape_and_ends_where_it_must()
    {
        Assert.Equal(Math.Exp(-3), new GeneralizedPareto(0, 1).Survival(3), 12);
        Assert.Equal(Math.Exp(-3), new GeneralizedPareto(1e-5, 1).Survival(3), 4);
        Assert.Equal(0, new GeneralizedPareto(-0.5, 1).Survival(2));
        Assert.Equal(1, new GeneralizedPareto(0.5, 1).Survival(0));
    }
}
