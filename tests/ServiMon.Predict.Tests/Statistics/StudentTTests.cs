using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class StudentTTests
{
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(3, 3.182)]
    [InlineData(4, 2.776)]
    [InlineData(8, 2.306)]
    [InlineData(30, 2.042)]
    [InlineData(double.PositiveInfinity, 1.960)]
    public void Agrees_with_the_tables(double freedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(0.975, freedom), 0.005 * expected);

    [Fact]
    public void Is_odd_around_one_half() => Assert.Equal(-StudentT.Quantile(0.9, 6), StudentT.Quantile(0.1, 6), 9);

    /// <summary>Closed forms of one, two and three degrees of freedom, written so that they keep their digits far out.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.7)]
    [InlineData(3.0)]
    [InlineData(50.0)]
    [InlineData(1e5)]
    public void Tails_agree_with_closed_forms(double x)
    {
        var root = Math.Sqrt(2 + x * x);
        Relative(Math.Atan2(1, x) / Math.PI, StudentT.Upper(x, 1));
        Relative(1 / (root * (root + x)), StudentT.Upper(x, 2));
        // Beyond 100 the difference of two nearly equal numbers: its expansion there.
        var angle = Math.Atan2(Math.Sqrt(3), x);
        var three = x < 100 ? (angle - Math.Sin(2 * angle) / 2) / Math.PI : Math.Pow(Math.Sqrt(3) / x, 3) * 2 / (3 * Math.PI);
        Relative(three, StudentT.Upper(x, 3));

        static void Relative(double expected, double told) => Assert.Equal(1, told / expected, 1e-8);
    }

    [Fact]
    public void Tails_mirror_each_other_and_tend_to_the_normal_law()
    {
        foreach (var x in new[] { 0.3, 2, 4 })
        {
            Assert.Equal(1, StudentT.Upper(x, 4.5) + StudentT.Upper(-x, 4.5), 12);
            Assert.Equal(1, StudentT.Upper(x, 1e7) / FirstPassage.NormalCdf(-x), 1e-4);
            Assert.Equal(FirstPassage.NormalCdf(-x), StudentT.Upper(x, double.PositiveInfinity));
        }

        Assert.Equal(0, StudentT.Upper(double.MaxValue, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Upper(1, 0));
    }

    [Fact]
    public void The_mean_absolute_value_is_that_of_the_closed_forms()
    {
        Assert.Equal(2 / Math.PI, StudentT.MeanAbsolute(3), 12);
        Assert.Equal(Math.Sqrt(2) / 2, StudentT.MeanAbsolute(4), 12);
        Assert.Equal(Math.Sqrt(2 / Math.PI), StudentT.MeanAbsolute(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.MeanAbsolute(2));
    }
}
