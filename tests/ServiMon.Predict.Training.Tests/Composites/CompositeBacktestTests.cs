using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Composites;

public sealed class CompositeBacktestTests
{
    private static readonly DateTimeOffset Until = Telescopes.Start.AddDays(16);

    private static readonly Lazy<FleetRecord> Fleet = new(() => Telescopes.Simulate(14, 26, 1).History);
    private static readonly FleetRecord Small = Telescopes.Simulate(5, 10, 2).History;
    private static readonly Lazy<BacktestResult> Past = new(() => Run(Fleet.Value, r => r with { TrainUntil = Until }));
    private static readonly Lazy<BacktestResult> Folded = new(() => Run(Fleet.Value, r => r with { Folds = 2 }));

    private static BacktestResult Run(FleetRecord fleet, Func<BacktestRequest, BacktestRequest> form) =>
        Backtest.Run(form(new BacktestRequest { Profile = Telescopes.Profile, Fleet = fleet, Seed = 3 }), null, TestContext.Current.CancellationToken);

    private static AssetPredictions Of(BacktestResult result, string path) => result.Composites.Single(c => c.Rows.Asset == path);

    [Fact]
    public void Composites_are_learned_and_beat_the_base_rate_and_the_combination_of_their_members()
    {
        var report = Past.Value.Report.Composites!;
        Assert.Contains("composites: learned: ", Assert.Single(Past.Value.Report.Models));
        Assert.True(report.Horizons[1].BrierSkill > 0.05, $"skill {report.Horizons[1].BrierSkill}");
        Assert.True(report.Horizons[1].BrierSkill > report.Combined[1].BrierSkill + 0.1, $"combined {report.Combined[1].BrierSkill}");
        Assert.Equal(Past.Value.Composites.Count, report.Count);
        Assert.Equal(Past.Value.Composites.Sum(c => (long)c.Count), report.RowCount);
        Assert.Equal(Fleet.Value.Incidents.Count(i => i.Kind == "joint_wear" && i.Start >= Until), report.IncidentCount);
        Assert.Equal(Fleet.Value.Incidents.Count(i => i.Kind == "bearing_wear" && i.Start >= Until), Past.Value.Report.IncidentCount);
        Assert.Equal(14, Past.Value.Report.AssetCount);
    }

    [Fact]
    public void Every_step_in_which_a_member_has_a_row_has_one_prediction_at_the_time_of_such_a_row()
    {
        foreach (var (result, from) in new[] { (Past.Value, Until.UtcTicks), (Folded.Value, 0) })
        {
            Assert.Equal(Composite.Of([.. Fleet.Value.History.Assets.Select(a => a.Asset)]).Select(c => c.Path), result.Composites.Select(c => c.Rows.Asset).Order(StringComparer.Ordinal));
            foreach (var composite in result.Composites)
            {
                // All drives have the same phase here, so a composite's steps are the times at which any of its drives has a row.
                var times = Fleet.Value.History.Assets.Where(a => AssetPath.IsMember(a.Asset, composite.Rows.Asset)).SelectMany(a => a.Ticks).Where(t => t >= from).Distinct().Order();
                Assert.Equal(times, composite.Rows.Ticks);
            }
        }
    }

    [Fact]
    public void Members_are_predicted_as_without_composites()
    {
        var alone = Backtest.Run(new BacktestRequest
        {
            Profile = Telescopes.Profile with { Composite = false }, Fleet = Fleet.Value, TrainUntil = Until, Seed = 3,
        }, null, TestContext.Current.CancellationToken);
        Assert.Empty(alone.Composites);
        Assert.Null(alone.Report.Composites);
        Assert.Equal(alone.Predictions.Select(p => p.Rows.Asset), Past.Value.Predictions.Select(p => p.Rows.Asset));
        foreach (var (without, with) in alone.Predictions.Zip(Past.Value.Predictions)) Assert.Equal(without.Probability, with.Probability);
    }

    [Fact]
    public void Nothing_of_later_incidents_and_rows_has_a_part_in_a_prediction()
    {
        var (cut, path) = (Until.AddDays(2), "array-1/telescope-2");
        var fleet = Fleet.Value;
        var shorter = fleet with
        {
            History = fleet.History with
            {
                Assets = [.. fleet.History.Assets.Select(a => a.Ticks.Count(t => t < cut.UtcTicks) is var n ? new AssetRows(a.Asset, a.Metrics, a.Ticks[..n], a.Values[..(n * a.Metrics.Count)]) : a)],
            },
            Incidents = [.. fleet.Incidents.Where(i => i.Start < Until)],
        };
        var (whole, part) = (Of(Past.Value, path), Of(Run(shorter, r => r with { TrainUntil = Until }), path));
        Assert.True(part.Count > 40);
        Assert.Equal(whole.Probability[..part.Probability.Length], part.Probability);
    }

    [Fact]
    public void A_fold_has_a_composite_with_all_its_members()
    {
        Assert.Equal("2 folds by composite", Folded.Value.Report.Split);
        var separate = Run(Only("array-1/", wanted: false), r => r with { Test = Only("array-1/", wanted: true) });
        foreach (var composite in separate.Composites) Assert.Equal(composite.Probability, Of(Folded.Value, composite.Rows.Asset).Probability);
        foreach (var drive in separate.Predictions) Assert.Equal(drive.Probability, Folded.Value.Predictions.Single(p => p.Rows.Asset == drive.Rows.Asset).Probability);
    }

    private static FleetRecord Only(string prefix, bool wanted)
    {
        var fleet = Fleet.Value;
        bool Is(string name) => name.StartsWith(prefix, StringComparison.Ordinal) == wanted;
        return new FleetRecord(fleet.History with { Assets = [.. fleet.History.Assets.Where(a => Is(a.Asset))] }, [.. fleet.Incidents.Where(i => Is(i.Asset))], []);
    }

    [Fact]
    public void Where_all_assets_are_below_one_composite_folds_cut_it_and_it_has_no_answer()
    {
        var result = Run(Small, r => r with { Folds = 2 });
        Assert.Equal(["array-1", "array-1/telescope-1", "array-1/telescope-2"], result.Composites.Select(c => c.Rows.Asset).Order(StringComparer.Ordinal));
        Assert.All(Of(result, "array-1").State, s => Assert.Equal(PredictionState.NoModel, s));
        Assert.Contains(PredictionState.Ready, Of(result, "array-1/telescope-1").State);
    }

    [Fact]
    public void Maintenance_of_a_parent_is_maintenance_of_its_members()
    {
        var (from, to) = (Telescopes.Start.AddDays(8), Telescopes.Start.AddDays(9));
        var fleet = Small with { Maintenance = [new MaintenanceWindow("array-1/telescope-2", from, to, "planned")] };
        var result = Run(fleet, r => r with { TrainUntil = Telescopes.Start.AddDays(7) });
        foreach (var (predictions, isBelow) in result.Predictions.Concat(result.Composites).Select(p => (p, p.Rows.Asset.StartsWith("array-1/telescope-2", StringComparison.Ordinal))))
            for (var i = 0; i < predictions.Count; i++)
            {
                var time = predictions.Rows.Time(predictions.FirstRow + i);
                Assert.Equal(isBelow && time >= from && time <= to, predictions.State[i] == PredictionState.Maintenance);
            }
    }

    [Fact]
    public void With_separate_files_composites_of_the_test_fleet_are_predicted()
    {
        var test = Telescopes.Simulate(5, 3, 7).History.Renamed(n => $"south/{n}");
        var result = Run(Small, r => r with { Test = test });
        Assert.Equal(["south", "south/array-1", "south/array-1/telescope-1", "south/array-1/telescope-2"], result.Composites.Select(c => c.Rows.Asset));
        Assert.All(result.Composites, c => Assert.Contains(PredictionState.Ready, c.State));
    }

    [Fact]
    public void Parents_that_never_failed_have_a_low_probability_and_names_without_parents_none()
    {
        var until = Telescopes.Start.AddDays(7);
        var unfailed = Small with { Incidents = [.. Small.Incidents.Where(i => i.Kind == "bearing_wear")] };
        var result = Run(unfailed, r => r with { TrainUntil = until });
        Assert.True(result.Composites.SelectMany(c => c.Probability).Average() < 0.1, $"{result.Composites.SelectMany(c => c.Probability).Average()}");
        var flat = Run(Small.Renamed(n => n.Replace('/', '-')), r => r with { TrainUntil = until });
        Assert.Empty(flat.Composites);
        Assert.Equal(0, flat.Report.Composites!.Count);
    }
}
