using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Backtesting;

/// <summary>Nothing is known when predicting but the training part and the rows so far.</summary>
public sealed class BacktestTests
{
    private static readonly FleetRecord Fleet = SmallFleets.Wearing(7, 150, 1);
    private static readonly FleetRecord Test = SmallFleets.Wearing(3, 140, 2, prefix: "other");
    private static readonly DateTimeOffset Until = SmallFleets.Start.AddHours(110);

    private static readonly BacktestRequest Form = new() { Profile = SmallFleets.Worn, Fleet = Fleet, Seed = 3 };

    private static readonly Lazy<BacktestResult> Folded = new(() => Run(Form with { Folds = 3 }));
    private static readonly Lazy<BacktestResult> Past = new(() => Run(Form with { TrainUntil = Until }));
    private static readonly Lazy<BacktestResult> Separate = new(() => Run(Form with { Test = Test }));

    private static BacktestResult Run(BacktestRequest request) => Backtest.Run(request, null, TestContext.Current.CancellationToken);

    private static AssetPredictions Of(BacktestResult result, string asset) => result.Predictions.Single(p => p.Rows.Asset == asset);

    private static void AssertSame(AssetPredictions expected, AssetPredictions actual)
    {
        Assert.Equal(expected.State, actual.State);
        Assert.Equal(expected.Probability, actual.Probability);
    }

    private static IReadOnlyDictionary<string, int> Assigned(FleetRecord fleet, int folds = 3) =>
        FoldsByAsset.Assign([.. fleet.History.Assets.Select(a => a.Asset)], fleet.Incidents, folds, Form.Seed);

    private static FleetRecord Only(FleetRecord fleet, Func<string, bool> wanted) => new(
        fleet.History with { Assets = [.. fleet.History.Assets.Where(a => wanted(a.Asset))] },
        [.. fleet.Incidents.Where(i => wanted(i.Asset))], [.. fleet.Maintenance.Where(m => wanted(m.Asset))]);

    [Fact]
    public void Every_form_learns_here_so_that_the_other_tests_mean_something()
    {
        foreach (var result in new[] { Folded.Value, Past.Value, Separate.Value })
        {
            Assert.All(result.Report.Models, m => Assert.Contains("learned: ", m));
            Assert.True(result.Report.Horizons[1].BrierSkill > 0.3, $"{result.Report.Split}: skill {result.Report.Horizons[1].BrierSkill}");
        }
        Assert.Equal(3, Folded.Value.Report.Models.Count);
        Assert.Equal(Fleet.Incidents.Count, Folded.Value.Report.IncidentCount);
        Assert.Equal(Fleet.Incidents.Count(i => i.Start >= Until), Past.Value.Report.IncidentCount);
    }

    [Fact]
    public void Every_row_of_the_tested_part_has_exactly_one_prediction()
    {
        Check(Folded.Value, Fleet, long.MinValue);
        Check(Separate.Value, Test, long.MinValue);
        Check(Past.Value, Fleet, Until.UtcTicks);

        static void Check(BacktestResult result, FleetRecord fleet, long from)
        {
            Assert.Equal(fleet.History.Assets.Select(a => a.Asset), result.Predictions.Select(p => p.Rows.Asset));
            foreach (var p in result.Predictions)
            {
                Assert.Equal(p.Rows.Ticks.Where(t => t >= from), p.Rows.Ticks[p.FirstRow..]);
                Assert.Equal(p.Rows.Count - p.FirstRow, p.Count);
                Assert.Equal(2 * p.Count, p.Probability.Length);
                for (var i = 0; i < p.Count; i++)
                    Assert.Equal(p.State[i] == PredictionState.Ready, p.Probability[2 * i] <= p.Probability[2 * i + 1]);
            }
            Assert.Equal(result.Report.RowCount, fleet.History.Assets.Sum(a => a.Ticks.Count(t => t >= from)));
        }
    }

    [Fact]
    public void A_fold_is_predicted_as_if_its_assets_had_never_been_seen()
    {
        var fold = Assigned(Fleet);
        for (var f = 0; f < 3; f++)
        {
            var alone = Run(Form with { Fleet = Only(Fleet, a => fold[a] != f), Test = Only(Fleet, a => fold[a] == f) });
            foreach (var p in alone.Predictions) AssertSame(p, Of(Folded.Value, p.Rows.Asset));
        }
    }

    [Fact]
    public void What_follows_the_split_is_not_known_when_fitting()
    {
        // An incident that was going on then had no end yet.
        var past = SmallFleets.With(Fleet, a => SmallFleets.Before(a, Until)) with { Incidents = [.. Fleet.Incidents.Where(i => i.Start < Until).Select(i => i.End >= Until ? i with { End = null } : i)] };
        var separate = Run(Form with { Fleet = past, Test = Fleet with { Incidents = [] } });
        foreach (var p in Past.Value.Predictions)
        {
            var whole = Of(separate, p.Rows.Asset);
            Assert.Equal(whole.State[p.FirstRow..], p.State);
            Assert.Equal(whole.Probability[(2 * p.FirstRow)..], p.Probability);
        }
    }

    [Fact]
    public void Test_incidents_change_no_prediction()
    {
        var none = Run(Form with { Test = Test with { Incidents = [] } });
        foreach (var p in none.Predictions) AssertSame(p, Of(Separate.Value, p.Rows.Asset));
        var invented = Run(Form with { TrainUntil = Until, Fleet = Fleet with { Incidents = [.. Fleet.Incidents.Where(i => i.Start < Until), new Incident("unit-0", Until, null, "k")] } });
        foreach (var p in invented.Predictions) AssertSame(p, Of(Past.Value, p.Rows.Asset));
        Assert.NotEqual(Past.Value.Report.Horizons[1].Positives, invented.Report.Horizons[1].Positives);

        // In folds: the same assets fail, at other times and for good.
        var fold = Assigned(Fleet);
        var moved = Run(Form with { Folds = 3, Fleet = Fleet with { Incidents = [.. Fleet.Incidents.Select(i => fold[i.Asset] == 1 ? i with { Start = i.Start.AddHours(-7), End = null } : i)] } });
        foreach (var p in moved.Predictions.Where(p => fold[p.Rows.Asset] == 1)) AssertSame(p, Of(Folded.Value, p.Rows.Asset));
        Assert.Contains(moved.Predictions, p => !p.Probability.AsSpan().SequenceEqual(Of(Folded.Value, p.Rows.Asset).Probability));
    }

    [Fact]
    public void Truncating_the_future_changes_no_earlier_prediction()
    {
        var cut = SmallFleets.Start.AddHours(90);
        AssertPrefix(Run(Form with { Test = SmallFleets.With(Test, a => SmallFleets.Before(a, cut)) }), Separate.Value, _ => true);
        var late = Until.AddHours(20);
        AssertPrefix(Run(Form with { TrainUntil = Until, Fleet = SmallFleets.With(Fleet, a => SmallFleets.Before(a, late)) }), Past.Value, _ => true);
        var fold = Assigned(Fleet);
        var folded = Run(Form with { Folds = 3, Fleet = SmallFleets.With(Fleet, a => fold[a.Asset] == 0 ? SmallFleets.Before(a, cut) : null) });
        AssertPrefix(folded, Folded.Value, a => fold[a] == 0);

        static void AssertPrefix(BacktestResult part, BacktestResult whole, Func<string, bool> wanted)
        {
            foreach (var p in part.Predictions.Where(p => wanted(p.Rows.Asset)))
            {
                var full = Of(whole, p.Rows.Asset);
                Assert.Equal(full.State[..p.Count], p.State);
                Assert.Equal(full.Probability[..p.Probability.Length], p.Probability);
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        var again = Run(Form with { Folds = 3 });
        foreach (var p in again.Predictions) AssertSame(p, Of(Folded.Value, p.Rows.Asset));
        Assert.Equal(Folded.Value.Report.Models, again.Report.Models);
        Assert.Equal(Folded.Value.Report.Horizons.Select(h => (h.BrierSkill, h.BrierSkillLow)), again.Report.Horizons.Select(h => (h.BrierSkill, h.BrierSkillLow)));
    }

    [Fact]
    public void Pooled_fleets_train_every_fold_and_are_never_tested()
    {
        var own = Only(Fleet, a => a is "unit-0" or "unit-1");
        var pool = SmallFleets.Wearing(4, 120, 9);
        var result = Run(Form with { Fleet = own, Folds = 2, Pool = [new PooledFleet(SmallFleets.Worn, pool)] });
        Assert.Equal(own.History.Assets.Select(a => a.Asset), result.Predictions.Select(p => p.Rows.Asset));
        Assert.All(result.Report.Models, m => Assert.Contains($"and {pool.Incidents.Count} pooled", m));
        // Assets of one name in two fleets are two assets.
        var renamed = SmallFleets.Wearing(4, 120, 9, prefix: "elsewhere");
        var other = Run(Form with { Fleet = own, Folds = 2, Pool = [new PooledFleet(SmallFleets.Worn, renamed)] });
        foreach (var p in other.Predictions) AssertSame(p, Of(result, p.Rows.Asset));
    }

    [Fact]
    public void The_share_of_healthy_rows_does_not_tell_of_the_tested_assets_incidents()
    {
        // So many healthy rows that a share is drawn; so few incidents that nothing is learned and the fit is quick.
        var profile = SmallFleets.Worn with { Step = TimeSpan.FromMinutes(5), WarmUp = TimeSpan.FromMinutes(15), Metrics = [SmallFleets.Worn.Metrics[1]] };
        var random = new Random(4);
        AssetRows Rows(string name) => new(name, ["load"], [.. Enumerable.Range(0, 8000).Select(i => SmallFleets.Start.AddMinutes(5 * i).UtcTicks)], [.. Enumerable.Range(0, 8000).Select(_ => random.NextDouble())]);
        Incident Fails(string name, int hour) => new(name, SmallFleets.Start.AddHours(hour), SmallFleets.Start.AddHours(hour + 1), "k");
        var history = new FleetHistory(["load"], [.. Enumerable.Range(0, 3).Select(a => Rows($"u{a}"))]);
        var request = new BacktestRequest { Profile = profile, Fleet = new FleetRecord(history, [Fails("u0", 90), Fails("u1", 200)], []), Folds = 3 };
        var one = Run(request);
        var three = Run(request with { Fleet = request.Fleet with { Incidents = [.. request.Fleet.Incidents, Fails("u1", 100), Fails("u1", 300)] } });
        AssertSame(Of(one, "u1"), Of(three, "u1"));
        Assert.NotEqual(Of(one, "u2").Probability, Of(three, "u2").Probability);
    }

    [Fact]
    public void Planned_maintenance_is_known_and_predicted_as_such()
    {
        var window = new MaintenanceWindow("other-0", SmallFleets.Start.AddHours(50), SmallFleets.Start.AddHours(60), "planned");
        var p = Of(Run(Form with { Fleet = Fleet with { Incidents = [] }, Test = Test with { Maintenance = [window] } }), "other-0");
        for (var i = 0; i < p.Count; i++)
            Assert.Equal(p.Rows.Time(i) >= window.Start && p.Rows.Time(i) <= window.End ? PredictionState.Maintenance : PredictionState.Ready, p.State[i]);
    }

    [Fact]
    public void A_split_that_leaves_nothing_is_refused_by_the_option_it_came_from()
    {
        Refused("--train-until", Form with { TrainUntil = SmallFleets.Start });
        Refused("--train-until", Form with { TrainUntil = SmallFleets.Start.AddHours(300) });
        Refused("--folds", Form with { Folds = 1 });
        Refused("--folds", Form with { Folds = 2, Fleet = Only(Fleet, a => a == "unit-0") });
        Assert.Throws<ArgumentException>(() => Run(Form));
        Assert.Throws<ArgumentException>(() => Run(Form with { Folds = 2, TrainUntil = Until }));

        static void Refused(string option, BacktestRequest request) =>
            Assert.Equal(option, Assert.Single(Assert.Throws<InputException>(() => Run(request)).Problems).Where);
    }

    [Fact]
    public void Assets_without_rows_are_no_trouble_in_any_form()
    {
        FleetRecord Plus(FleetRecord fleet) => fleet with { History = fleet.History with { Assets = [new AssetRows("silent", fleet.History.Metrics, [], []), .. fleet.History.Assets] } };
        var small = Only(Fleet, a => a is "unit-0" or "unit-1");
        foreach (var result in new[] { Run(Form with { Fleet = Plus(small), Folds = 9 }), Run(Form with { Fleet = Plus(small), Test = Plus(Test) }), Run(Form with { Fleet = Plus(small), TrainUntil = Until }) })
            Assert.All(result.Predictions.Where(p => p.Rows.Asset == "silent"), p => Assert.Equal(0, p.Count));
        var nothing = new FleetRecord(new FleetHistory(["wear", "load", "noise"], []), [], []);
        Assert.Empty(Run(Form with { Fleet = small, Test = nothing }).Predictions);
        Assert.Throws<InputException>(() => Run(Form with { Fleet = nothing, TrainUntil = Until }));
    }
}
