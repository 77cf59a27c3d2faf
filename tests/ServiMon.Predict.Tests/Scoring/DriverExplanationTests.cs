using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class DriverExplanationTests
{
    private static readonly EvidenceModel Evidence = new(ScoringModels.Broker);

    [Fact]
    public void Shares_sum_to_one_in_order_and_every_group_names_a_metric_of_its_own()
    {
        var explained = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var scorer = new AssetScorer(Evidence, ScoringModels.Random(Evidence, seed), ScoringModels.Rows(60, seed));
            for (var i = 0; i < 60; i++)
            {
                scorer.Advance(AssetCondition.Normal);
                var drivers = scorer.Explain();
                if (drivers.Count == 0) continue;
                explained++;
                Assert.Equal(PredictionBasis.Learned, scorer.Basis);
                Assert.Equal(1, drivers.Sum(d => d.Share), 9);
                Assert.Equal(drivers.Select(d => d.Share).OrderDescending(), drivers.Select(d => d.Share));
                foreach (var driver in drivers)
                {
                    Assert.Contains(driver.Group, Evidence.Profile.Groups);
                    var named = Evidence.Profile.Metrics.SingleOrDefault(m => driver.Detail.StartsWith(m.Name + " ", StringComparison.Ordinal));
                    if (driver.Group is "throughput" or "latency" or "pressure") Assert.Equal(driver.Group, named?.Group);
                }
            }
        }
        Assert.True(explained > 500, $"{explained} rows explained");
    }

    [Fact]
    public void The_metric_named_is_the_one_furthest_from_its_baseline()
    {
        // Free disk falls away after a long steady start; file descriptors stay.
        var rows = ScoringModels.Rows(200, 1, (i, row) => (row[2], row[4]) = (100 + i % 3, i < 190 ? 800 + i % 3 : 300));
        var scorer = new AssetScorer(Evidence, OnPressure(), rows);
        for (var i = 0; i < rows.Count; i++) scorer.Advance(AssetCondition.Normal);
        var driver = Assert.Single(scorer.Explain());
        Assert.Equal("pressure", driver.Group);
        Assert.StartsWith("disk_free ", driver.Detail, StringComparison.Ordinal);
        Assert.EndsWith(" sd below its baseline", driver.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prior_has_no_drivers()
    {
        var scorer = new AssetScorer(Evidence, ScoringModels.Random(Evidence, 1), ScoringModels.Rows(3, 1));
        Assert.Empty(scorer.Explain());
        for (var i = 0; i < 3; i++)
        {
            scorer.Advance(AssetCondition.Normal);
            Assert.Empty(scorer.Explain());
        }
    }

    /// <summary>A model that looks at the anomaly of the pressure group alone.</summary>
    private static ScoringModel OnPressure()
    {
        var model = ScoringModels.Random(Evidence, 1);
        var width = Evidence.Layout.Width;
        var weights = new double[width];
        weights[Evidence.Layout.Columns.Select(c => c.Name).ToList().IndexOf("pressure|anomaly")] = 1;
        var bucket = model.Hazard.Buckets[0] with { Components = [new LinearModel(new float[width], [.. Enumerable.Repeat(1f, width)], weights, -2, 10)] };
        return model with { Hazard = new HazardModel(model.Hazard.Horizons, [bucket, bucket, bucket], model.Hazard.Groups, model.Hazard.ColumnGroup) };
    }
}
