using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

public class RandomStreamTests
{
    private const int Count = 200_000;

    [Fact]
    public void The_same_name_gives_the_same_numbers_and_another_name_others()
    {
        double[] Draw(ulong seed, string path)
        {
            var stream = new RandomStream(seed, path);
            return [.. Enumerable.Range(0, 50).Select(_ => stream.Uniform())];
        }

        Assert.Equal(Draw(7, "a/b"), Draw(7, "a/b"));
        Assert.Empty(Draw(7, "a/b").Intersect(Draw(7, "a/c")));
        Assert.Empty(Draw(7, "a/b").Intersect(Draw(8, "a/b")));
    }

    [Fact]
    public void Uniform_is_uniform() => CheckMoments(r => r.Uniform(), 0.5, 1.0 / 12);

    [Fact]
    public void Normal_has_mean_zero_and_variance_one() => CheckMoments(r => r.Normal(), 0, 1);

    [Fact]
    public void Exponential_has_its_mean() => CheckMoments(r => r.Exponential(3), 3, 9);

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.7)]
    [InlineData(1)]
    [InlineData(25)]
    public void Gamma_has_mean_and_variance_of_its_shape(double shape) => CheckMoments(r => r.Gamma(shape), shape, shape);

    [Theory]
    [InlineData(0.05)]
    [InlineData(4)]
    [InlineData(300)]
    public void Poisson_has_mean_and_variance_of_its_mean(double mean) => CheckMoments(r => r.Poisson(mean), mean, mean);

    /// <summary>The mean within five standard errors; the variance within five of its own, from the sample's fourth moment.</summary>
    private static void CheckMoments(Func<RandomStream, double> draw, double mean, double variance)
    {
        var stream = new RandomStream(11, "moments");
        double sum = 0, squares = 0, fourths = 0;
        for (var i = 0; i < Count; i++)
        {
            var gap = draw(stream) - mean;
            sum += gap;
            squares += gap * gap;
            fourths += gap * gap * gap * gap;
        }
        Assert.InRange(sum / Count, -5 * Math.Sqrt(variance / Count), 5 * Math.Sqrt(variance / Count));
        var error = Math.Sqrt((fourths / Count - variance * variance) / Count);
        Assert.InRange(squares / Count, variance - 5 * error - 0.001 * variance, variance + 5 * error + 0.001 * variance);
    }
}
