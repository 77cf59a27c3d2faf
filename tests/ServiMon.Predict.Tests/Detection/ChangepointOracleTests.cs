using CsCheck;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Changepoints against slow and obvious computations of the same thing.</summary>
public class ChangepointOracleTests
{
    /// <remarks>
    /// The cases are fixed: of 300,000 drawn likewise, one in 6,700 is told up to a step too early, later, or not at all, with vectors and without.
    /// </remarks>
    [Fact]
    public void A_change_is_located_about_where_the_brute_force_likelihood_ratio_is_greatest()
    {
        for (var drawn = 1; drawn <= 200; drawn++)
        {
            var random = new Random(drawn);
            var (before, after, size) = (random.Next(100, 221), random.Next(12, 61), 7 + 3 * random.NextDouble());
            var values = SyntheticSeries.Make("gaussian", before + after, drawn);
            for (var i = before; i < values.Length; i++) values[i] += size;
            var ticks = SyntheticSeries.Ticks(values.Length, TimeSpan.FromMinutes(1));
            var rows = new DetectionRow[values.Length];
            new SeriesDetector().Observe(ticks, values, rows);
            var found = Array.FindIndex(rows, r => r.Verdict == Verdict.Changepoint);
            Assert.True(found >= before + 7 && found <= before + 12, $"case {drawn}: told at {found}, changed at {before}");
            var likeliest = LikeliestSplit(values.AsSpan(0, found + 1));
            var late = Array.IndexOf(ticks, rows[found].LocationTicks!.Value) - likeliest;
            // Older than twelve steps, only every fourth is a border between cells.
            Assert.True(late >= 0 && late <= (found + 1 - likeliest > 12 ? 3 : 0), $"case {drawn}: located {late} steps after the likeliest");
        }
    }

    [Fact]
    public void Pruning_loses_no_better_segmentation()
    {
        Gen.Select(Gen.Double[-5, 5].Array[2, 60], Gen.Double[0.5, 10]).Sample(
            (x, penalty) => Assert.Equal(OptimalCost(x, penalty), CostOf(x, Pelt.Segment(x, 1, penalty), penalty), 1e-9),
            seed: "0000KOXqXEe9", iter: 300, threads: 1);
    }

    [Fact]
    public void History_is_cut_where_its_level_changed_and_nowhere_else()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            foreach (var kind in new[] { "gaussian", "ar1" })
            {
                var values = SyntheticSeries.Make(kind, 1500, seed);
                Assert.Empty(Pelt.Locate(values));
                for (var i = 0; i < 1500; i++) values[i] += i is >= 400 and < 900 ? 12 : 0;
                values[200] = double.NaN;
                Assert.Equal([400, 900], Pelt.Locate(values));
            }
        }
    }

    [Fact]
    public void A_history_without_values_or_without_noise_has_its_changes_too()
    {
        Assert.Empty(Pelt.Locate([]));
        Assert.Empty(Pelt.Locate([1]));
        Assert.Empty(Pelt.Locate([double.NaN, 3, 3, 3, 3]));
        Assert.Equal([50], Pelt.Locate([.. Enumerable.Range(0, 100).Select(i => i < 50 ? 4.0 : 5.0)]));
    }

    private static int LikeliestSplit(ReadOnlySpan<double> x)
    {
        var (best, split) = (double.PositiveInfinity, 0);
        for (var at = 8; at < x.Length; at++)
        {
            var parts = Squares(x[..at]) + Squares(x[at..]);
            if (parts < best) (best, split) = (parts, at);
        }

        return split;
    }

    private static double OptimalCost(double[] x, double penalty)
    {
        var best = new double[x.Length + 1];
        best[0] = -penalty;
        for (var end = 1; end <= x.Length; end++)
            best[end] = Enumerable.Range(0, end).Min(start => best[start] + Squares(x.AsSpan(start, end - start)) + penalty);
        return best[^1];
    }

    private static double CostOf(double[] x, int[] splits, double penalty)
    {
        int[] edges = [0, .. splits, x.Length];
        return Enumerable.Range(0, edges.Length - 1).Sum(i => Squares(x.AsSpan(edges[i], edges[i + 1] - edges[i]))) + penalty * splits.Length;
    }

    private static double Squares(ReadOnlySpan<double> x)
    {
        double mean = 0, sum = 0;
        foreach (var value in x) mean += value / x.Length;
        foreach (var value in x) sum += (value - mean) * (value - mean);
        return sum;
    }
}
