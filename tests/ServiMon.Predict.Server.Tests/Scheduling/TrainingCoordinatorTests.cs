using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training;

namespace ServiMon.Predict.Server.Scheduling;

public sealed class TrainingCoordinatorTests : IDisposable
{
    private static readonly TrainingOrder Order = new("pump", "test", 1, KeepCandidate: false);

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new(RampFleet.Start);
    private readonly EmbeddedStore _store;
    private readonly HandWork _work = new();

    public TrainingCoordinatorTests() => _store = EmbeddedStore.Open(_folder.Path, time: _time);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_profile_is_trained_once_at_a_time_over_all_instances_and_another_profile_beside_it()
    {
        await using var first = Instance("a");
        await using var second = Instance("b");
        var started = await first.StartAsync(Order);
        var begun = await _work.NextAsync();

        var refused = await second.StartAsync(Order);
        Assert.Null(refused.Run);
        Assert.Equal(($"a/{started.Run!.Id}", RampFleet.Start + TrainingCoordinator.LeaseDuration), (refused.Holder!.Owner, refused.Holder.Expires));
        Assert.Null((await first.StartAsync(Order)).Run);
        Assert.NotNull((await second.StartAsync(Order with { Profile = "host" })).Run);

        begun.Result.SetResult(HandWork.Outcome);
        await EndOf(first, started.Run.Id);
        await Until(async () => await _store.Models.FindLeaseAsync("pump") is null);
        Assert.NotNull((await second.StartAsync(Order)).Run);
    }

    [Fact]
    public async Task The_lease_is_extended_for_as_long_as_the_run_lasts()
    {
        await using var first = Instance("a");
        await using var second = Instance("b");
        var started = await first.StartAsync(Order);
        var begun = await _work.NextAsync();
        for (var i = 0; i < 20; i++)
        {
            var before = await _store.Models.FindLeaseAsync("pump");
            _time.Advance(TrainingCoordinator.LeaseDuration / 3);
            await Until(async () => (await _store.Models.FindLeaseAsync("pump"))?.Expires > before?.Expires);
        }
        Assert.Null((await second.StartAsync(Order)).Run);
        begun.Result.SetResult(HandWork.Outcome);
        Assert.Equal(TrainingRunState.Succeeded, (await EndOf(first, started.Run!.Id)).State);
    }

    [Fact]
    public async Task A_run_that_lost_its_lease_stops()
    {
        await using var instance = Instance("a");
        var started = await instance.StartAsync(Order);
        await _work.NextAsync();
        // The lease is gone and another has it: what an instance finds that was suspended for too long.
        await _store.Models.ReleaseAsync("pump", $"a/{started.Run!.Id}");
        await _store.Models.TryLeaseAsync("pump", "other", TimeSpan.FromDays(1));
        _time.Advance(TrainingCoordinator.LeaseDuration / 3);

        var run = await EndOf(instance, started.Run.Id);
        Assert.Equal(TrainingRunState.Cancelled, run.State);
        Assert.Contains("lost", run.Message);
        Assert.Equal("other", (await _store.Models.FindLeaseAsync("pump"))?.Owner);
    }

    [Fact]
    public async Task A_killed_instance_blocks_a_profile_no_longer_than_its_lease_lasts()
    {
        await _store.Models.TryLeaseAsync("pump", "killed", TrainingCoordinator.LeaseDuration);
        await using var instance = Instance("a");
        Assert.Null((await instance.StartAsync(Order)).Run);
        _time.Advance(TrainingCoordinator.LeaseDuration);
        Assert.NotNull((await instance.StartAsync(Order)).Run);
    }

    [Fact]
    public async Task The_end_of_the_service_stops_the_run_and_gives_the_lease_back()
    {
        var instance = Instance("a");
        var started = await instance.StartAsync(Order);
        await _work.NextAsync();
        await instance.DisposeAsync();

        Assert.Equal(TrainingRunState.Cancelled, instance.Runs.Find(started.Run!.Id)!.State);
        Assert.Null(await _store.Models.FindLeaseAsync("pump"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => instance.StartAsync(Order));
    }

    [Fact]
    public async Task Those_who_watch_see_the_progress_and_the_end()
    {
        await using var instance = Instance("a");
        var started = await instance.StartAsync(Order);
        var begun = await _work.NextAsync();
        await using var watch = instance.Runs.WatchAsync(started.Run!.Id, TestContext.Current.CancellationToken).GetAsyncEnumerator();

        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(("starting", TrainingRunState.Running), (watch.Current.Stage, watch.Current.State));
        begun.Progress.Report(new TrainingProgress("pump: reading", 0.1));
        begun.Progress.Report(new TrainingProgress("pump: reading", 0.9));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(0.9, watch.Current.StageShare);
        begun.Result.SetResult(HandWork.Outcome);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((TrainingRunState.Succeeded, "pump-0123456789ab"), (watch.Current.State, watch.Current.Outcome?.ModelId));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task A_run_that_fails_says_why()
    {
        await using var instance = Instance("a");
        var started = await instance.StartAsync(Order);
        (await _work.NextAsync()).Result.SetException(new InputException("profile", "there is no history of 'pump' to train on"));

        var run = await EndOf(instance, started.Run!.Id);
        Assert.Equal((TrainingRunState.Failed, "profile: there is no history of 'pump' to train on"), (run.State, run.Message));
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_leaves_no_run_under_way()
    {
        await using var instance = Instance("a");
        _store.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => instance.StartAsync(Order));

        var run = Assert.Single(instance.Runs.List());
        Assert.Equal(TrainingRunState.Failed, run.State);
        Assert.StartsWith("the right to train could not be had: ", run.Message);
    }

    [Fact]
    public void Only_the_latest_runs_are_kept()
    {
        var runs = new TrainingRuns();
        var ids = Enumerable.Range(0, TrainingRuns.Capacity + 5).Select(_ => runs.Begin(Order, RampFleet.Start).Id).ToList();

        Assert.Equal(TrainingRuns.Capacity, runs.List().Count);
        Assert.Equal((ids[^1], ids[5]), (runs.List()[0].Id, runs.List()[^1].Id));
        Assert.Null(runs.Find(ids[4]));
    }

    private TrainingCoordinator Instance(string name) =>
        new(_store.Models, _work, new TrainingRuns(), _time, NullLogger<TrainingCoordinator>.Instance, name);

    private static async Task<TrainingRun> EndOf(TrainingCoordinator instance, string id) =>
        await instance.Runs.WatchAsync(id, TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static async Task Until(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 3000 && !await condition(); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.True(await condition());
    }
}
