using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using Xunit;

namespace ServiMon.Predict.Training.Tests;

public sealed class TrainerTests
{
    private static FittedModel Train(FleetRecord fleet, DateTimeOffset? until = null, Profile? profile = null, ulong seed = 1) => Trainer.Train(
        new TrainingRequest { Profile = profile ?? SmallFleets.Worn, Fleet = fleet, Until = until, Seed = seed }, null, TestContext.Current.CancellationToken);

    private static double[] Predict(FittedModel model, FleetRecord fleet)
    {
        var all = new List<double>();
        foreach (var rows in fleet.History.Assets)
        {
            var scorer = new AssetScorer(model.Scoring.Evidence, model.Scoring, rows);
            for (var i = 0; i < rows.Count; i++)
            {
                scorer.Advance(AssetCondition.Normal);
                Assert.Equal(PredictionState.Ready, scorer.State);
                all.AddRange(scorer.Probability);
            }
        }
        return [.. all];
    }

    [Fact]
    public void Nothing_at_or_after_the_cut_changes_a_bit_of_the_model()
    {
        var until = SmallFleets.Start.AddHours(130);
        var fleet = SmallFleets.Wearing(6, 200, 1);
        var changed = SmallFleets.With(fleet, a => SmallFleets.Before(a, until)) with
        {
            Incidents = [.. fleet.Incidents.Where(i => i.Start < until).Select(i => i.End >= until ? i with { End = until.AddYears(1) } : i), new Incident("unit-0", until, null, "k")],
        };
        var (one, other) = (Train(fleet, until), Train(changed, until));
        Assert.Equal(one.Summary, other.Summary);
        Assert.Equal(PredictionBasis.Learned, one.Scoring.Hazard.Basis);
        Assert.Equal(one.Scoring.Reference.Neutral.AsEnumerable(), other.Scoring.Reference.Neutral);
        Assert.Equal(Predict(one, fleet), Predict(other, fleet));
    }

    [Fact]
    public void Without_an_incident_the_answer_is_the_evidence_or_the_prior()
    {
        var fleet = SmallFleets.Wearing(6, 200, 1) with { Incidents = [] };
        var model = Train(fleet);
        Assert.NotEqual(PredictionBasis.Learned, model.Scoring.Hazard.Basis);
        Assert.Contains("0 incidents", model.Summary);
        // Half a failure in the exposure and one horizon more (Jeffreys): 1,200 rows of an hour, horizons of 4 and 12 hours.
        var p = Predict(model, fleet);
        var hours = fleet.History.RowCount;
        Assert.InRange(p.Average(), 0.5 * 0.5 * 8 / hours, 2 * 0.5 * 8 / hours);
        var believed = Train(fleet, profile: SmallFleets.Worn with { PriorFailuresPerYear = 1e-3 });
        Assert.True(Predict(believed, fleet).Average() < 0.1 * p.Average());
    }

    [Fact]
    public void One_incident_teaches_a_rate_but_no_pattern()
    {
        var fleet = SmallFleets.Wearing(6, 200, 1);
        var model = Train(fleet with { Incidents = [fleet.Incidents[0]] });
        Assert.NotEqual(PredictionBasis.Learned, model.Scoring.Hazard.Basis);
        Assert.Contains("1 incidents", model.Summary);
        var none = Train(fleet with { Incidents = [] });
        Assert.InRange(Predict(model, fleet).Average() / Predict(none, fleet).Average(), 1.5, 6); // 1.5 failures against half a one
    }

    [Fact]
    public void Assets_with_no_row_or_one_and_metrics_without_a_value_are_no_trouble()
    {
        var fleet = SmallFleets.Wearing(5, 150, 1);
        var odd = fleet with
        {
            History = fleet.History with
            {
                Assets = [new AssetRows("none", fleet.History.Metrics, [], []), .. fleet.History.Assets, new AssetRows("one", fleet.History.Metrics, [SmallFleets.Start.UtcTicks], [0.1, 1, 1])],
            },
            Incidents = [.. fleet.Incidents, new Incident("one", SmallFleets.Start.AddHours(1), null, "k"), new Incident("unknown", SmallFleets.Start, null, "k")],
        };
        odd = SmallFleets.With(odd, a => new AssetRows(a.Asset, a.Metrics, a.Ticks, [.. a.Values.Select((v, i) => i % 3 == 2 ? double.NaN : v)]));
        var model = Train(odd);
        Assert.Equal([true, true, false], model.Scoring.Reference.MetricsSeen);
        Assert.All(Predict(model, fleet), p => Assert.InRange(p, LogOdds.Margin, 1 - LogOdds.Margin));
    }

    [Fact]
    public void A_fleet_without_rows_trains_to_the_prior()
    {
        var model = Train(new FleetRecord(new FleetHistory(["wear", "load", "noise"], []), [], []));
        Assert.Equal(PredictionBasis.Prior, model.Scoring.Hazard.Basis);
        Assert.All(Predict(model, SmallFleets.Wearing(1, 30, 1)), p => Assert.InRange(p, 0, 0.5));
    }

    [Fact]
    public void Cancelling_stops_the_work() => Assert.Throws<OperationCanceledException>(() => Trainer.Train(
        new TrainingRequest { Profile = SmallFleets.Worn, Fleet = SmallFleets.Wearing(2, 50, 1) }, null, new CancellationToken(canceled: true)));
}
