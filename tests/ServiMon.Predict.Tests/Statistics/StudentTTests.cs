using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class StudentTTests
{
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(4, 2.776)]
    [InlineData(8, 2.306)]
    [InlineData(30, 2.042)]
    [InlineData(double.PositiveInfinity, 1.960)]
    public void Agrees_with_the_tables(double freedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile(0.975, freedom), 0.005 * expected);

    [Fact]
    public void Is_odd_around_one_half() => Assert.Equal(-StudentT.Quantile(0.9, 6), StudentT.Quantile(0.1, 6), 9);
}
