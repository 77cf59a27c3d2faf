using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class SilentStepsTests : IDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(3650);

    private readonly TestFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly FakeTimeProvider _time = new(LiveFleets.Start);

    public SilentStepsTests() => _store = EmbeddedStore.Open(_folder.Path);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    /// <summary>Steps of 2 s, lateness 10 s: with second 98 the steps up to 86 are closed.</summary>
    private static void Play(SavedFleet fleet)
    {
        for (var s = 0; s < 100; s += 2) fleet.Offer(s, ("cpu", s % 17), ("requests_total", s), ("queue", 1));
    }

    private async Task<List<double>> StepsAsync() => await _store.Log
        .ReadPredictionsAsync(new LogQuery { Profile = "broker" }, TestContext.Current.CancellationToken)
        .Select(p => (p.Time - LiveFleets.Start).TotalSeconds).ToListAsync(TestContext.Current.CancellationToken);

    [Fact]
    public async Task The_clock_closes_the_last_steps_once_after_a_save()
    {
        var fleet = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(fleet);
        _time.Advance(TimeSpan.FromSeconds(11));
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.True(fleet.Save());
        Assert.Equal(86, (await StepsAsync())[^1]);

        _time.Advance(TimeSpan.FromSeconds(2));
        fleet.Fleet.Sweep(Never, isCaughtUp: false);
        Assert.True(fleet.Save());
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.Equal(LiveFleets.Start.AddSeconds(86), fleet.Shown.Time);
        Assert.True(fleet.Save());
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.Equal(LiveFleets.Start.AddSeconds(98), fleet.Shown.Time);
        Assert.True(fleet.Save());
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.True(fleet.Save());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 2.0 * i), await StepsAsync());

        // What comes for them is late; what comes after counts.
        fleet.Offer(98, ("cpu", 1));
        Assert.Equal(1, fleet.Fleet.Counts.Dropped(ServiMon.Predict.Server.Ingest.DropReason.Late));
        fleet.Offer(112, ("cpu", 1), ("requests_total", 1), ("queue", 1));
        Assert.Equal(153, fleet.Fleet.Counts.Accepted);
    }

    [Fact]
    public async Task A_process_that_dies_between_the_decision_and_the_scoring_closes_the_same_steps_in_its_next_life()
    {
        var first = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(first);
        Assert.True(first.Save());
        _time.Advance(TimeSpan.FromSeconds(20));
        first.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.True(first.Save());
        Assert.Equal(86, (await StepsAsync())[^1]);

        var second = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        second.Offer(98, ("cpu", 1));
        Assert.Equal(1, second.Fleet.Counts.Dropped(ServiMon.Predict.Server.Ingest.DropReason.Late));
        second.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.True(second.Save());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 2.0 * i), await StepsAsync());
    }

    [Fact]
    public void Of_samples_that_come_long_after_their_time_the_clock_says_nothing()
    {
        _time.Advance(TimeSpan.FromDays(1));
        var fleet = new SavedFleet(LiveFleets.WithModel(), _store, _time);
        Play(fleet);
        _time.Advance(TimeSpan.FromMinutes(5));
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.True(fleet.Save());
        fleet.Fleet.Sweep(Never, isCaughtUp: true);
        Assert.Equal(LiveFleets.Start.AddSeconds(86), fleet.Shown.Time);
    }
}
