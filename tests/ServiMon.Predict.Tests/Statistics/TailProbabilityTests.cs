using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class TailProbabilityTests
{
    [Fact]
    public void Zero_is_never_surprising_and_more_is_never_less_surprising()
    {
        var tail = Learned(5000, 7);
        Assert.Equal(1, tail.PValue(0));
        var last = 1.0;
        for (var x = 0.001; x < 2000; x *= 1.01)
        {
            var p = tail.PValue(x);
            Assert.InRange(p, double.Epsilon, last + 1e-9);
            last = p;
        }
    }

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(4, 0.1)]
    [InlineData(7, 0.35)]
    public void Knows_the_exponential_law_into_the_tail(double x, double relative)
    {
        var p = Learned(50_000, 11).PValue(x);
        Assert.InRange(p / Math.Exp(-x), 1 - relative, 1 + relative);
    }

    [Fact]
    public void Goes_by_its_prior_while_nothing_was_seen()
    {
        var tail = new TailProbability();
        Assert.InRange(tail.PValue(1), 0.2, 0.4);
        Assert.InRange(tail.PValue(6), 1e-6, 1e-3);
        Assert.True(tail.PValue(double.PositiveInfinity) > 0);
    }

    [Fact]
    public void Counts_are_bounded()
    {
        var tail = Learned(400_000, 1);
        Assert.InRange(tail.Count, 1 << 16, 1 << 17);
        Assert.InRange(tail.PValue(2) / Math.Exp(-2), 0.9, 1.1);
    }

    private static TailProbability Learned(int count, int seed)
    {
        var random = new Random(seed);
        var tail = new TailProbability();
        for (var i = 0; i < count; i++) tail.Add(-Math.Log(1 - random.NextDouble()));
        return tail;
    }
}
