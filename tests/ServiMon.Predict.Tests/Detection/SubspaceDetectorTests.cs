using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

public class SubspaceDetectorTests
{
    private const int Metrics = 12;

    [Fact]
    public void A_metric_that_leaves_the_others_is_named_though_its_value_is_ordinary()
    {
        var random = new Random(1);
        var detector = new SubspaceDetector(Metrics, 2);
        var shares = new double[Metrics];
        var scores = new List<double>();
        for (var i = 0; i < 4000; i++)
        {
            var row = detector.Observe(Together(random, i), shares);
            if (i >= 1000) scores.Add(row.Score);
        }

        var values = Together(random, 0);
        values[7] = values[7] > 0 ? values[7] - 12 : values[7] + 12;
        var odd = detector.Observe(values, shares);
        Assert.True(odd.Score > scores.Order().ElementAt(scores.Count * 999 / 1000));
        Assert.InRange(odd.PValue, 0, 2e-3);
        Assert.Equal(7, Array.IndexOf(shares, shares.Max()));
        Assert.InRange(shares[7], 0.5, 1);
        Assert.Equal(1, shares.Sum(), 1e-6);
    }

    [Fact]
    public void P_values_of_metrics_that_go_together_are_about_uniform()
    {
        var random = new Random(2);
        var detector = new SubspaceDetector(Metrics, 2);
        var p = Enumerable.Range(0, 20_000).Select(i => detector.Observe(Together(random, i), []).PValue).Skip(1000).Order().ToArray();
        Assert.InRange(p.Select((v, i) => Math.Abs(v - (i + 0.5) / p.Length)).Max(), 0, 0.03);
    }

    [Fact]
    public void Sizes_that_cannot_be_are_told()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SubspaceDetector(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SubspaceDetector(3, 3));
        Assert.Throws<ArgumentException>(() => new SubspaceDetector(3).Observe([1, 2], []));
    }

    /// <summary>Two common causes and a little noise of each metric's own.</summary>
    private static double[] Together(Random random, int step)
    {
        var load = 2 * SyntheticSeries.Gaussian(random);
        var season = 3 * Math.Sin(step / 30.0);
        return [.. Enumerable.Range(0, Metrics).Select(k => load * (k % 3 - 1.5) + season * (k % 4) + 0.3 * SyntheticSeries.Gaussian(random))];
    }
}
