using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Statistics;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

public class ErrorTailTests
{
    [Fact]
    public void Nothing_seen_is_normal()
    {
        var (freedom, normality) = new ErrorTail().Freedom();
        Assert.InRange(freedom, 30, double.PositiveInfinity);
        Assert.InRange(normality, 0.85, 1);
    }

    [Fact]
    public void Normal_errors_are_hardly_taken_for_heavy()
    {
        var seeds = new Random(5);
        var inverse = Enumerable.Range(0, 100).Average(_ =>
        {
            var random = new Random(seeds.Next());
            return 1 / Fitted(400, () => SyntheticSeries.Gaussian(random)).Freedom;
        });
        Assert.InRange(inverse, 0, 0.005);
    }

    [Theory]
    [InlineData(3, 300, 0.05)]
    [InlineData(5, 1000, 0.05)]
    public void Heavy_tails_are_found(int freedom, int count, double room)
    {
        var seeds = new Random(6);
        var told = Enumerable.Range(0, 50).Select(_ =>
        {
            var random = new Random(seeds.Next());
            return Fitted(count, () => Student(random, freedom));
        }).ToList();
        Assert.Equal(1.0 / freedom, told.Average(t => 1 / t.Freedom), room);
        Assert.InRange(told.Average(t => t.Normality), 0, 0.2);
    }

    [Fact]
    public void Lighter_tails_are_normal()
    {
        var random = new Random(7);
        Assert.Equal(double.PositiveInfinity, Fitted(500, random.NextDouble).Freedom);
    }

    [Fact]
    public void What_adds_up_has_tails_between_its_own_and_normal_ones()
    {
        Assert.Equal(StudentT.MeanAbsolute(3), HeavyTail.MeanAbsolute(3, 1), 12);
        Assert.Equal(Math.Sqrt(2 / Math.PI), HeavyTail.MeanAbsolute(3, 0), 12);
        Assert.Equal(3, HeavyTail.OfSum(3, 1), 12);
        var random = new Random(8);
        foreach (var count in new[] { 4, 16 })
        {
            var mean = Enumerable.Range(0, 100_000).Average(_ => Math.Abs(Enumerable.Range(0, count).Sum(_ => Student(random, 3)))) / Math.Sqrt(3.0 * count);
            Assert.Equal(mean, HeavyTail.MeanAbsolute(3, 1.0 / count), 0.01);
            Assert.Equal(mean, StudentT.MeanAbsolute(HeavyTail.OfSum(3, 1.0 / count)), 0.01);
        }

        // A walk's steps count the same, white noise has one.
        Assert.Equal(HeavyTail.MeanAbsolute(3, 0.25), HeavyTail.MeanAbsolutes(3, [0, Math.Sqrt(1 / 2.0), Math.Sqrt(2 / 3.0), Math.Sqrt(3 / 4.0)])[3], 12);
        Assert.Equal(StudentT.MeanAbsolute(3), HeavyTail.MeanAbsolutes(3, [0, 0])[1], 12);
    }

    private static (double Freedom, double Normality) Fitted(int count, Func<double> draw)
    {
        double[] sizes = [.. Enumerable.Range(0, count).Select(_ => Math.Abs(draw()))];
        var tail = new ErrorTail();
        foreach (var size in sizes) tail.Add(size / sizes.Average());
        return tail.Freedom();
    }

    private static double Student(Random random, int freedom) =>
        SyntheticSeries.Gaussian(random) / Math.Sqrt(Enumerable.Range(0, freedom).Sum(_ => Math.Pow(SyntheticSeries.Gaussian(random), 2)) / freedom);
}
