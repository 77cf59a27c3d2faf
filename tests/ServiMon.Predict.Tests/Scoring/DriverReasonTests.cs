using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class DriverReasonTests
{
    private static readonly EvidenceModel Evidence = new(TestProfiles.Of(
    [
        .. TestProfiles.Broker.Select(m => m.Name == "probe_up" ? m with { Group = "network" } : m),
        new MetricSpec { Name = "connections", Group = "throughput", Limit = new MetricLimit(null, 100, false) },
    ]));

    /// <summary>The explanation after rows of requests, errors, fds, max_fds, disk_free, probe_up, probe_latency, gc and connections.</summary>
    private static IReadOnlyList<Driver> Explain(string column, int count, Action<int, double[]> change)
    {
        var values = new List<double>();
        for (var i = 0; i < count; i++)
        {
            double[] row = [100 * i, 0, 200, 1000, 900, 1, 0.01, 0.1 * i, 10];
            change(i, row);
            values.AddRange(row);
        }
        var ticks = Enumerable.Range(0, count).Select(i => i * Evidence.Profile.Step.Ticks).ToArray();
        var rows = new AssetRows("a", [.. Evidence.Profile.Metrics.Select(m => m.Name)], ticks, [.. values]);
        var scorer = new AssetScorer(Evidence, LookingAt.Column(Evidence, column), rows);
        for (var i = 0; i < count; i++) scorer.Advance(AssetCondition.Normal);
        return scorer.Explain();
    }

    [Theory]
    [InlineData("urgency")]
    [InlineData("reach_short")]
    [InlineData("limit_ratio")]
    public void A_limit_that_comes_nearer_names_the_metric_and_the_time_that_is_left(string column)
    {
        // 10 of 1000 a step of 2 s, to 800 after 80 steps: 40 s are left.
        var driver = Assert.Single(Explain(column, 81, (i, row) => row[2] = 10 * i));
        Assert.Equal("pressure", driver.Group);
        Assert.Equal(1, driver.Share, 9);
        Assert.Matches(@"^fds at 80 % of max_fds, limit in (39|4\d) s$", driver.Detail);
    }

    [Fact]
    public void A_limit_counts_for_the_group_of_its_own_metric()
    {
        var driver = Assert.Single(Explain("limit_ratio", 60, (_, row) => row[8] = 93));
        Assert.Equal(("throughput", "connections at 93 % of its limit"), (driver.Group, driver.Detail));
    }

    [Fact]
    public void A_metric_of_what_is_left_says_how_much() =>
        Assert.Equal("disk_free leaves 5 % of its limit", Assert.Single(Explain("limit_ratio", 60, (_, row) => row[4] = 50)).Detail);

    [Theory]
    [InlineData(3, "probe_up failed 3 times in a row")]
    [InlineData(1, "probe_up failed 1 time")]
    public void A_failing_probe_says_how_often(int failures, string expected)
    {
        var driver = Assert.Single(Explain("probe_failed_run", 40, (i, row) => row[5] = i < 40 - failures ? 1 : 0));
        Assert.Equal(("network", expected), (driver.Group, driver.Detail));
    }

    [Fact]
    public void A_probe_that_answers_again_says_how_often_it_failed() =>
        Assert.Matches(@"^health probe failed in \d+ % of recent steps$",
            Assert.Single(Explain("probe_failed_slow", 40, (i, row) => row[5] = i is >= 30 and < 38 ? 0 : 1)).Detail);

    [Fact]
    public void Missing_metrics_say_for_how_long() =>
        Assert.Equal("no metrics for 3 steps",
            Assert.Single(Explain("missing_run", 40, (i, row) => row.AsSpan(i < 37 ? row.Length : 0).Fill(double.NaN))).Detail);

    [Fact]
    public void A_group_of_metrics_names_the_one_furthest_from_its_baseline() =>
        Assert.Matches(@"^gc \d+\.\d sd above its baseline$",
            Assert.Single(Explain("pressure|anomaly", 80, (i, row) => row[7] = i < 70 ? 0.1 * i : 7 + 2 * (i - 70))).Detail);
}
