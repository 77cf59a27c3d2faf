using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>What is said of an asset in its first steps, before it has a baseline of its own: how it compares with the fleet.</summary>
public sealed class FleetReasonTests
{
    private static readonly EvidenceModel Evidence = new(TestProfiles.Of(
        new MetricSpec { Name = "queue", Group = "latency" }, new MetricSpec { Name = "wait", Group = "latency" },
        new MetricSpec { Name = "done_total", Group = "throughput", Kind = MetricKind.Counter },
        new MetricSpec { Name = "errors", Group = "structural_state" }));

    /// <summary>A queue of 1 to 1,000 evenly, a wait that is always 1, 100 a second, and no errors but in one step of a hundred.</summary>
    private static readonly ScoringModel Model = Known(LookingAt.Column(Evidence, "anomaly"));

    [Fact]
    public void The_first_row_is_held_against_the_fleet_and_moves_no_probability()
    {
        var scorer = Scorer(Model, [5000, 1, 0, 0], [5000, 1, 200, 0]);
        scorer.Advance(AssetCondition.Normal);
        Assert.Equal((PredictionState.Ready, PredictionBasis.Prior), (scorer.State, scorer.Basis));
        Assert.Equal([new Driver("latency", 0, "queue 5E+03, above all of the fleet's healthy steps (median 498)")], scorer.Explain());
        Assert.Equal(0.01, scorer.Probability[0], 9);
    }

    [Theory]
    [InlineData(500, 1, 100, 0, "")]
    [InlineData(2, 1, 100, 0, "latency: queue 2, below 99.8 % of the fleet's healthy steps (median 498)")]
    [InlineData(500, 1, 30, 0, "throughput: done_total 30, below all of the fleet's healthy steps (median 100)")]
    [InlineData(500, 1, 100, 7, "")]
    [InlineData(500, 1, 100, 50, "structural_state: errors 50, above all of the fleet's healthy steps (median 0)")]
    [InlineData(500, 3, 100, double.NaN, "latency: wait 3, above all of the fleet's healthy steps (median 1)")]
    [InlineData(1200, 3, 99, 50, "latency: wait 3, above all of the fleet's healthy steps (median 1)|"
        + "structural_state: errors 50, above all of the fleet's healthy steps (median 0)|"
        + "throughput: done_total 99, below all of the fleet's healthy steps (median 100)")]
    public void Only_what_is_far_out_is_told_for_each_group_its_furthest(double queue, double wait, double rate, double errors, string expected)
    {
        var scorer = Scorer(Model, [queue, wait, 1e9, errors], [queue, wait, 1e9 + 2 * rate, errors]);
        scorer.Advance(AssetCondition.Normal);
        scorer.Advance(AssetCondition.Normal);
        Assert.Equal(expected, string.Join('|', scorer.Explain().Select(d => $"{d.Group}: {d.Detail}")));
    }

    [Fact]
    public void After_its_warm_up_an_asset_is_held_against_itself()
    {
        var scorer = Scorer(Model, [.. Enumerable.Range(0, 20).Select(i => new double[] { 5000, 1, 200 * i, 0 })]);
        for (var i = 0; i < 20; i++)
        {
            scorer.Advance(AssetCondition.Normal);
            Assert.Equal(scorer.Basis == PredictionBasis.Prior, scorer.Explain().Any(d => d.Detail.Contains("fleet", StringComparison.Ordinal)));
        }
        Assert.Equal(PredictionBasis.Learned, scorer.Basis);
    }

    [Fact]
    public void Without_distributions_or_with_few_steps_nothing_is_said()
    {
        foreach (var model in new[] { LookingAt.Column(Evidence, "anomaly"), Known(LookingAt.Column(Evidence, "anomaly"), steps: 150) })
        {
            var scorer = Scorer(model, [5000, 1, 0, 0]);
            scorer.Advance(AssetCondition.Normal);
            Assert.Empty(scorer.Explain());
        }
    }

    private static AssetScorer Scorer(ScoringModel model, params double[][] rows) => new(Evidence, model, new AssetRows(
        "a", ["queue", "wait", "done_total", "errors"], [.. rows.Select((_, i) => 2L * i * TimeSpan.TicksPerSecond)], [.. rows.SelectMany(r => r)]));

    private static ScoringModel Known(ScoringModel model, int steps = 1000)
    {
        var fleet = new MetricDistributions(["queue", "wait", "done_total", "errors"]);
        for (var i = 0; i < steps; i++) fleet.Add([1 + i, 1, 100, i % 100 == 0 ? 10 : 0]);
        return model with { Reference = model.Reference with { Distributions = fleet } };
    }
}
