using ServiMon.Predict.Statistics;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Statistics;

public class MarkovPassageTests
{
    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(5, 2.0)]
    [InlineData(60, 2.5)]
    [InlineData(240, 3.5)]
    public void White_noise_passes_as_independent_draws_do(int steps, double level)
    {
        var passed = Passed(0, level, steps);
        for (var h = 0; h < steps; h++) Assert.Equal(1 - Math.Pow(FirstPassage.NormalCdf(level), h + 1), passed[h], MarkovPassage.Accuracy);
    }

    /// <summary>Looked at once a step, a level is as if further away by 0.5826 of a step's deviation (Broadie, Glasserman and Kou 1997): good to 0.001 from some 60 steps on.</summary>
    [Theory]
    [InlineData(60, 2.0)]
    [InlineData(60, 15)]
    [InlineData(240, 6)]
    [InlineData(1000, 0.5)]
    [InlineData(1000, 40)]
    [InlineData(4000, 15)]
    public void A_walk_passes_as_the_reflection_principle_says(int steps, double level)
    {
        var expected = 2 * FirstPassage.NormalCdf(-(level + 0.5826) / Math.Sqrt(steps));
        Assert.Equal(expected, Passed(1, level, steps)[^1], 2 * MarkovPassage.Accuracy);
    }

    [Theory]
    [InlineData(0.05, 2.5)]
    [InlineData(0.5, 2.0)]
    [InlineData(0.8, 3.0)]
    [InlineData(0.95, 6.0)]
    [InlineData(0.995, 6.0)]
    public void What_lies_between_passes_as_often_as_simulated(double persistence, double level)
    {
        const int steps = 60, paths = 100_000;
        var random = new Random(1);
        var count = 0;
        for (var path = 0; path < paths; path++)
        {
            var x = 0.0;
            for (var h = 0; h < steps; h++)
            {
                x = persistence * x + SyntheticSeries.Gaussian(random);
                if (x < level) continue;
                count++;
                break;
            }
        }

        // Four standard errors of a share.
        var share = count / (double)paths;
        Assert.Equal(share, Passed(persistence, level, steps)[^1], MarkovPassage.Accuracy + 4 * Math.Sqrt(share * (1 - share) / paths));
    }

    [Theory]
    [InlineData(2.3, 60, 3.0)]
    [InlineData(3, 60, 4.0)]
    [InlineData(3, 240, 12.0)]
    [InlineData(8, 60, 2.5)]
    [InlineData(150, 60, 3.0)]
    public void Heavy_noise_passes_as_independent_draws_do(double freedom, int steps, double level)
    {
        var passed = Passed(0, level, steps, freedom);
        var tail = StudentT.Upper(level * Math.Sqrt(freedom / (freedom - 2)), freedom);
        for (var h = 0; h < steps; h++) Assert.Equal(1 - Math.Pow(1 - tail, h + 1), passed[h], 1e-9);
    }

    /// <summary>Of 240 steps those from the 100th on are taken together, with the tail that their sum has.</summary>
    [Theory]
    [InlineData(3, 1, 2.0, 60, MarkovPassage.AccuracyOfHeavy / 5)]
    [InlineData(3, 1, 6.0, 60, MarkovPassage.AccuracyOfHeavy / 5)]
    [InlineData(3, 0.8, 4.0, 60, MarkovPassage.AccuracyOfHeavy / 5)]
    [InlineData(4, 0.3, 4.0, 60, MarkovPassage.AccuracyOfHeavy / 5)]
    [InlineData(3, 1, 6.0, 240, MarkovPassage.AccuracyOfHeavy)]
    public void Heavy_steps_pass_as_often_as_simulated(double freedom, double persistence, double level, int steps, double accuracy)
    {
        const int paths = 100_000;
        var random = new Random(2);
        var count = 0;
        for (var path = 0; path < paths; path++)
        {
            var x = 0.0;
            for (var h = 0; h < steps; h++)
            {
                x = persistence * x + Student(random, freedom);
                if (x < level) continue;
                count++;
                break;
            }
        }

        var share = count / (double)paths;
        Assert.Equal(share, Passed(persistence, level, steps, freedom)[^1], accuracy + 4 * Math.Sqrt(share * (1 - share) / paths));
    }

    [Fact]
    public void Heavy_steps_are_as_normal_ones_where_they_are_hardly_heavier()
    {
        foreach (var persistence in new[] { 0.8, 1 })
            Assert.Equal(Passed(persistence, 3, 60)[^1], Passed(persistence, 3, 60, 0.99 * MarkovPassage.MostFreedom)[^1], 0.003);
    }

    [Fact]
    public void Extremes_are_certain()
    {
        foreach (var persistence in new[] { 0, 0.8, 1 })
        {
            Assert.Equal(0, Passed(persistence, 1e6, 100)[^1], 1e-4);
            Assert.Equal(1, Passed(persistence, -1e6, 100)[0], 1e-9);
            Assert.Equal(0, Passed(persistence, 1e6, 100, 2.5)[^1], 1e-9);
            Assert.Equal(1, Passed(persistence, -1e6, 100, 2.5)[0], 1e-9);
        }

        var passed = new double[3];
        MarkovPassage.Passed([double.MaxValue, double.MinValue, 0], [0, 1, 1], passed);
        Assert.Equal(0, passed[0], 1e-6);
        Assert.Equal([1, 1], passed[1..]);
    }

    /// <summary>Of unit variance; by Bailey's polar way (1994), which takes any degrees of freedom.</summary>
    private static double Student(Random random, double freedom)
    {
        while (true)
        {
            double u = 2 * random.NextDouble() - 1, v = 2 * random.NextDouble() - 1, w = u * u + v * v;
            if (w is > 0 and <= 1) return u * Math.Sqrt((freedom - 2) * (Math.Pow(w, -2 / freedom) - 1) / w);
        }
    }

    /// <summary>Of x_h = persistence x_(h-1) + e_h from 0 on, at a level in deviations of e.</summary>
    private static double[] Passed(double persistence, double level, int steps, double freedom = double.PositiveInfinity)
    {
        double[] levels = new double[steps], correlations = new double[steps], passed = new double[steps];
        var before = 0.0;
        for (var h = 0; h < steps; h++)
        {
            var deviation = Math.Sqrt(persistence * persistence * before * before + 1);
            (levels[h], correlations[h]) = (level / deviation, persistence * before / deviation);
            before = deviation;
        }

        MarkovPassage.Passed(levels, correlations, passed, freedom);
        return passed;
    }
}
