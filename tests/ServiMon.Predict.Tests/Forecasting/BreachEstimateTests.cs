using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

public sealed class BreachEstimateTests
{
    [Theory]
    [InlineData(10.0, 0.0, 100)]
    [InlineData(25.0, 0.1, 100)]
    [InlineData(4.0, -0.05, 60)]
    public void A_random_walk_passes_as_often_as_the_closed_form_says(double limit, double drift, int steps)
    {
        // Looked at once a step, a limit is as if further away by 0.5826 of a step's deviation (Broadie, Glasserman and Kou 1997).
        var distance = limit + 0.5826;
        // The reflection principle holds for any drift, also one away from the limit.
        var expected = FirstPassage.NormalCdf((drift * steps - distance) / Math.Sqrt(steps))
            + Math.Exp(2 * drift * distance) * FirstPassage.NormalCdf((-drift * steps - distance) / Math.Sqrt(steps));

        var estimate = BreachEstimate.Of(Walk(drift, steps), limit, below: false, [steps])[0];
        Assert.InRange(estimate.Probability, expected - 4 * estimate.StandardError - 0.005, expected + 4 * estimate.StandardError + 0.005);
        Assert.InRange(estimate.StandardError, 0.0001, 0.008);
    }

    [Fact]
    public void A_limit_from_above_is_the_mirror_of_one_from_below()
    {
        var up = BreachEstimate.Of(Walk(0.1, 50), 8, below: false, [10, 50]);
        var down = BreachEstimate.Of(Walk(-0.1, 50), -8, below: true, [10, 50]);
        for (var i = 0; i < up.Length; i++) Assert.Equal(up[i].Probability, down[i].Probability, 0.04);
    }

    [Fact]
    public void It_never_falls_with_the_horizon_and_is_the_same_again()
    {
        int[] steps = [1, 2, 2, 10, 20, 40];
        var first = BreachEstimate.Of(Walk(0, 40), 5, below: false, steps);
        Assert.Equal(first, BreachEstimate.Of(Walk(0, 40), 5, below: false, steps));
        for (var i = 1; i < first.Length; i++) Assert.True(first[i].Probability >= first[i - 1].Probability);
        Assert.Equal(first[1], first[2]);
        Assert.Equal(0, BreachEstimate.Of(Walk(0, 40), 1e6, below: false, [40])[0].Probability);
        Assert.Equal(1, BreachEstimate.Of(Walk(0, 40), -1, below: false, [1, 40])[1].Probability, 0.15);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>(() => BreachEstimate.Of(Walk(0, 5) with { Intervals = [] }, 1, false, [1]));
        foreach (var steps in new[] { [0], [6], new[] { 3, 2 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => BreachEstimate.Of(Walk(0, 5), 1, false, steps));
    }

    /// <summary>What is forecast of a random walk that stands at zero, with steps of deviation 1.</summary>
    private static Forecast Walk(double drift, int steps)
    {
        double[] median = [.. Enumerable.Range(1, steps).Select(h => drift * h)];
        var interval = new ForecastInterval(
            BreachEstimate.OneSigmaLevel, [.. median.Select((m, i) => m - Math.Sqrt(i + 1))], [.. median.Select((m, i) => m + Math.Sqrt(i + 1))]);
        return new Forecast([.. Enumerable.Range(1, steps).Select(h => (long)h)], median, [interval], []);
    }
}
