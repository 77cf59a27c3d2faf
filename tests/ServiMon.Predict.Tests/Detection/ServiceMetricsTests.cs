using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Six services of 19 metrics each, a row in five minutes, with labelled anomalies in the second part (JumpStarter, data set 2).</summary>
public sealed class ServiceMetricsTests
{
    [Fact]
    public void Metrics_that_no_longer_go_together_rank_labelled_rows_first_and_clean_ones_are_as_rare_as_they_say()
    {
        var folder = TestFiles.OutsideData("jumpstarter", "dataset2");
        Assert.SkipWhen(folder is null, TestFiles.SkipReason);
        var areas = new List<double>();
        foreach (var path in Directory.GetFiles(Path.Combine(folder!, "train")).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            var isLabelled = File.ReadLines(Path.Combine(folder!, "test_label", name)).Select(l => l.StartsWith('1')).ToArray();
            var detector = new SubspaceDetector(19);
            foreach (var row in Rows(path)) detector.Observe(row, []);
            var outcomes = Rows(Path.Combine(folder!, "test", name)).Select(row => detector.Observe(row, [])).ToList();
            Assert.Equal(isLabelled.Length, outcomes.Count);

            var clean = outcomes.Where((_, i) => !isLabelled[i]).ToList();
            Assert.InRange(clean.Count(o => o.PValue <= 0.01) / (double)clean.Count, 0.002, 0.02);
            areas.Add(Area(outcomes.ConvertAll(o => o.Score), isLabelled));
        }
        Assert.Equal(6, areas.Count);
        // Measured: .677.
        Assert.InRange(areas.Average(), 0.66, 1);
    }

    private static IEnumerable<double[]> Rows(string path) =>
        File.ReadLines(path).Select(l => Array.ConvertAll(l.Split(','), c => double.Parse(c, CultureInfo.InvariantCulture)));

    /// <summary>Area under the ROC curve by ranks (Mann and Whitney 1947); ties are rare.</summary>
    private static double Area(List<double> scores, bool[] isPositive)
    {
        var ranked = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        var ranks = ranked.Select((at, rank) => (at, rank)).Where(r => isPositive[r.at]).Sum(r => r.rank + 1.0);
        double positive = isPositive.Count(p => p), negative = isPositive.Length - positive;
        return (ranks - positive * (positive + 1) / 2) / (positive * negative);
    }
}
