using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Server.Scheduling;

public sealed class RetrainingTests
{
    private static readonly TrainingOrder Order = new("slow-pump", "test", 1, KeepCandidate: false);

    private sealed class Stages : IProgress<TrainingProgress>
    {
        public HashSet<string> Seen { get; } = [];

        public void Report(TrainingProgress value) => Seen.Add(value.Stage);
    }

    [Fact]
    public async Task The_first_model_becomes_champion_and_the_next_is_compared_on_time_that_neither_has_seen()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var work = new Retraining(store.History, store.Incidents, store.Models, RampFleet.Profiles);
        var stages = new Stages();
        await Assert.ThrowsAsync<InputException>(() => work.RunAsync(Order, stages, ct));

        await RampFleet.StoreAsync(store, "slow-pump", 9, (0, 24), ct);
        var first = await work.RunAsync(Order, stages, ct);
        Assert.True(first.Promoted, first.Message);
        Assert.Null(first.Comparison);
        Assert.Equal(first.ModelId, (await store.Models.ChampionAsync("slow-pump", ct))?.Id);
        Assert.Contains("slow-pump: history to evidence", stages.Seen);

        await RampFleet.StoreAsync(store, "slow-pump", 9, (24, 48), ct);
        var next = await work.RunAsync(Order, stages, ct);
        var comparison = next.Comparison!;
        // The champion knows the first 24 hours; half of the 24 that follow are held out, less half a step.
        Assert.Equal(36.0, (comparison.From - RampFleet.Start).TotalHours, 0.04);
        Assert.Equal(6, comparison.IncidentCount);
        Assert.InRange(comparison.RowCount, 9 * 2 * 300, 9 * 2 * 360);
        Assert.True(comparison.DifferenceLow <= comparison.CandidateLogLoss - comparison.ChampionLogLoss);
        Assert.True(comparison.DifferenceHigh >= comparison.CandidateLogLoss - comparison.ChampionLogLoss);
        Assert.Equal(next.Promoted, comparison.DifferenceHigh < 0);
        Assert.Equal(next.Promoted ? next.ModelId : first.ModelId, (await store.Models.ChampionAsync("slow-pump", ct))?.Id);
        var bundle = await store.Models.LoadBundleAsync(next.ModelId, ct);
        Assert.True(bundle.Manifest.TrainedUntil <= comparison.From);
    }

    [Theory]
    [InlineData(6, -0.02, -0.001, true)]
    [InlineData(6, -0.02, 0.001, false)]
    [InlineData(6, 0.001, 0.02, false)]
    [InlineData(4, -0.02, -0.001, false)]
    [InlineData(6, double.NaN, double.NaN, false)]
    public void A_candidate_wins_only_beyond_chance_and_on_enough_incidents(int incidents, double low, double high, bool wins)
    {
        var comparison = new ModelComparison(1000, incidents, 0.1, 0.11, low, high, RampFleet.Start);
        Assert.Equal(wins, Retraining.Decide(Order, hasChampion: true, comparison).Promote);
        Assert.False(Retraining.Decide(Order with { KeepCandidate = true }, hasChampion: true, comparison).Promote);
    }

    [Fact]
    public async Task What_failure_rules_see_in_history_is_learned_from_where_nobody_reported()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        await RampFleet.StoreAsync(store, "slow-pump", 6, (0, 24), ct);
        var reported = await store.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = "slow-pump" }, ct).ToListAsync(ct);
        foreach (var incident in reported.Skip(1)) await store.Incidents.RemoveIncidentAsync("slow-pump", incident.Asset, incident.Start, ct);
        var profile = RampFleet.Profiles["slow-pump"] with { FailureRules = [new Profiles.FailureRule("hot", "temperature", ">", 88, TimeSpan.Zero)] };
        var work = new Retraining(store.History, store.Incidents, store.Models, new Dictionary<string, Profiles.Profile> { ["slow-pump"] = profile });
        var outcome = await work.RunAsync(Order, new Stages(), ct);
        // Every pump that fails runs hot for its last ten minutes: each failure is seen once, that which was reported as reported.
        var bundle = await store.Models.LoadBundleAsync(outcome.ModelId, ct);
        Assert.Equal(reported.Count, bundle.Manifest.CrossValidation.OwnIncidentCount);
    }

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_though_rows_have_come_meanwhile()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        await RampFleet.StoreAsync(store, "slow-pump", 6, (0, 24), ct);
        var checkpoints = Path.Combine(folder.Path, "training");
        var work = new Retraining(store.History, store.Incidents, store.Models, RampFleet.Profiles, checkpoints);
        await StopAtHalfAsync(work, ct);
        await RampFleet.StoreAsync(store, "slow-pump", 6, (24, 25), ct);

        var stages = new Stages();
        var outcome = await work.RunAsync(Order, stages, ct);
        Assert.Contains(stages.Seen, s => s.StartsWith("slow-pump: history to evidence, went on after ", StringComparison.Ordinal));
        var bundle = await store.Models.LoadBundleAsync(outcome.ModelId, ct);
        Assert.True(bundle.Manifest.TrainedUntil < RampFleet.Start.AddHours(24));
        Assert.Empty(Directory.GetFiles(checkpoints));
    }

    [Fact]
    public async Task A_scheduled_run_that_was_stopped_is_started_again_once_its_lease_is_free()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        await RampFleet.StoreAsync(store, "slow-pump", 6, (0, 24), ct);
        var work = new Retraining(store.History, store.Incidents, store.Models, RampFleet.Profiles, Path.Combine(folder.Path, "training"));
        var other = Order with { Seed = Order.Seed + 1 };
        Assert.False(await work.IsStoppedAsync(Order, ct));
        await StopAtHalfAsync(work, ct);
        Assert.True(await work.IsStoppedAsync(Order, ct));
        Assert.False(await work.IsStoppedAsync(other, ct));

        await using var coordinator = new TrainingCoordinator(
            store.Models, work, new TrainingRuns(), TimeProvider.System, NullLogger<TrainingCoordinator>.Instance, "test");
        var stopped = new StoppedRuns(work, coordinator, store.Models, [other, Order]);
        Assert.NotNull(await store.Models.TryLeaseAsync(Order.Profile, "killed", TimeSpan.FromMinutes(1), ct));
        await stopped.RoundAsync(ct);
        Assert.Empty(coordinator.Runs.List());
        Assert.True(await store.Models.ReleaseAsync(Order.Profile, "killed", ct));
        await stopped.RoundAsync(ct);
        await stopped.RoundAsync(ct);
        var run = Assert.Single(coordinator.Runs.List());
        Assert.Equal(Order, run.Order);
        while (coordinator.Runs.List()[0].State == TrainingRunState.Running) await Task.Delay(20, ct);
        Assert.Equal(TrainingRunState.Succeeded, coordinator.Runs.List()[0].State);
        Assert.Single(await store.Models.ListAsync(null, ct));
        Assert.False(await work.IsStoppedAsync(Order, ct));
    }

    private static async Task StopAtHalfAsync(Retraining work, CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.RunAsync(Order, new StopAtHalf(stopping), stopping.Token));
    }

    private sealed class StopAtHalf(CancellationTokenSource stopping) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value is { Stage: "slow-pump: history to evidence", Share: > 0.45 }) stopping.Cancel();
        }
    }

    [Fact]
    public void Too_little_new_history_is_not_held_out()
    {
        var rows = new AssetRows("a", ["x"], [RampFleet.Start.UtcTicks, RampFleet.Start.AddHours(10).UtcTicks], [1, 2]);
        var fleet = new FleetRecord(new FleetHistory(["x"], [rows]), [], []);
        Assert.Equal(RampFleet.Start.AddHours(8), Retraining.HeldOutFrom(fleet, RampFleet.Start.AddHours(6), TimeSpan.FromHours(1)));
        Assert.Null(Retraining.HeldOutFrom(fleet, RampFleet.Start.AddHours(6.1), TimeSpan.FromHours(1)));
        Assert.False(Retraining.Decide(Order, hasChampion: true, null).Promote);
    }

    [Fact]
    public async Task A_champion_that_cannot_be_used_does_not_keep_its_successor_away()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        await RampFleet.StoreAsync(store, "slow-pump", 1, (0, 6), ct);
        var broken = await store.Models.AddAsync("slow-pump", new byte[] { 1, 2, 3 }, "{}", ct);
        await store.Models.PromoteAsync(broken.Id, "test", ct);

        var outcome = await new Retraining(store.History, store.Incidents, store.Models, RampFleet.Profiles).RunAsync(Order, new Stages(), ct);
        Assert.True(outcome.Promoted);
        Assert.StartsWith($"champion: the champion cannot be used: {broken.Id}: is not a complete zip file", outcome.Message);
        Assert.Equal(outcome.ModelId, (await store.Models.ChampionAsync("slow-pump", ct))?.Id);
    }

    [Fact]
    public async Task A_bundle_that_was_tampered_with_is_refused_by_its_model_id()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        var record = await store.Models.AddAsync("slow-pump", new byte[] { 1, 2, 3 }, "{}", ct);
        var refused = await Assert.ThrowsAsync<InputException>(() => store.Models.LoadBundleAsync(record.Id, ct));
        Assert.Equal(record.Id, Assert.Single(refused.Problems).Where);
    }
}
