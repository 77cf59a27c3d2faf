using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class RuleIncidentStoreTests : IDisposable
{
    private static readonly LiveProfile Broker = new(new EvidenceModel(ProfileReader.Parse("""
        profile: broker
        step: 2s
        horizons: [30s]
        lateness: 4s
        identity: [instance]
        metrics:
          up: {kind: gauge, group: structural_state}
          cpu: {kind: gauge, group: pressure}
        failure_rules:
          - {kind: down, metric: up, when: "< 1", for: 4s}
        """, "broker.yaml")), null, "");

    private readonly TestFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly FakeTimeProvider _time = new(LiveFleets.Start);

    public RuleIncidentStoreTests() => _store = EmbeddedStore.Open(_folder.Path);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    /// <summary>Down from second 20 to 39.</summary>
    private static void Play(SavedFleet fleet, int from, int to)
    {
        for (var s = from; s < to; s += 2) fleet.Offer(s, ("up", s is >= 20 and < 40 ? 0 : 1), ("cpu", s));
    }

    private async Task<List<string>> IncidentsAsync() => await _store.Incidents
        .ListIncidentsAsync(new IntervalQuery { Profile = "broker" }, TestContext.Current.CancellationToken)
        .Select(i => $"{i.Asset} {i.Kind} {(i.Start - LiveFleets.Start).TotalSeconds}-{(i.End is { } end ? (end - LiveFleets.Start).TotalSeconds : null)}")
        .ToListAsync(TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_failure_that_a_rule_sees_is_stored_open_and_closed_at_its_end()
    {
        var fleet = new SavedFleet(Broker, _store, _time);
        Play(fleet, 0, 34);
        Assert.Equal(PredictionState.InIncident, fleet.Shown.State);
        Assert.True(fleet.Save());
        Assert.Equal(["a rule:down 20-"], await IncidentsAsync());
        Play(fleet, 34, 60);
        Assert.Equal(PredictionState.NoModel, fleet.Shown.State);
        Assert.True(fleet.Save());
        Assert.Equal(["a rule:down 20-40"], await IncidentsAsync());
    }

    [Fact]
    public async Task A_restart_within_or_before_the_failure_gives_the_same_incident()
    {
        foreach (var killed in new[] { 10, 28, 34, 50 })
        {
            using var folder = new TestFolder();
            using var store = EmbeddedStore.Open(folder.Path);
            var first = new SavedFleet(Broker, store, _time);
            Play(first, 0, killed);
            Assert.True(first.Save());
            // What this life did after its last save is lost, and done again.
            Play(first, killed, killed + 8);
            var second = new SavedFleet(Broker, store, _time);
            Play(second, killed, 60);
            Assert.True(second.Save());
            var stored = await store.Incidents.ListIncidentsAsync(new IntervalQuery { Profile = "broker" }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal(new Incident("a", LiveFleets.Start.AddSeconds(20), LiveFleets.Start.AddSeconds(40), "rule:down"), Assert.Single(stored));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(34)]
    public async Task A_report_with_the_same_start_was_overwritten_by_what_the_rule_saw(int reportedAfter)
    {
        var fleet = new SavedFleet(Broker, _store, _time);
        Play(fleet, 0, reportedAfter);
        Assert.True(fleet.Save());
        await _store.Incidents.AddIncidentsAsync("broker", [new Incident("a", LiveFleets.Start.AddSeconds(20), LiveFleets.Start.AddSeconds(30), "disk")], TestContext.Current.CancellationToken);
        Play(fleet, reportedAfter, 60);
        Assert.True(fleet.Save());
        Assert.Equal(["a disk 20-30"], await IncidentsAsync());
    }

    [Fact]
    public async Task The_champions_timelines_have_it_as_a_label_unless_a_report_overlaps()
    {
        var profiles = new[] { Broker.Profile };
        var watch = new ChampionWatch(_store.Models, _store.Incidents, profiles, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await _store.Incidents.AddIncidentsAsync("broker", [new Incident("a", LiveFleets.Start.AddSeconds(20), LiveFleets.Start.AddSeconds(40), "rule:down")], TestContext.Current.CancellationToken);
        var seen = Assert.Single(await watch.LookAsync(TestContext.Current.CancellationToken)).Timelines["a"];
        Assert.Equal([(LiveFleets.Start.AddSeconds(20).UtcTicks, LiveFleets.Start.AddSeconds(40).UtcTicks)], seen.Incidents);
        Assert.False(seen.InIncident(LiveFleets.Start.AddSeconds(30).UtcTicks));

        await _store.Incidents.AddIncidentsAsync("broker", [new Incident("a", LiveFleets.Start.AddSeconds(18), LiveFleets.Start.AddSeconds(38), "crash")], TestContext.Current.CancellationToken);
        var reported = Assert.Single(await watch.LookAsync(TestContext.Current.CancellationToken)).Timelines["a"];
        Assert.Equal([(LiveFleets.Start.AddSeconds(18).UtcTicks, LiveFleets.Start.AddSeconds(38).UtcTicks)], reported.Incidents);
        Assert.True(reported.InIncident(LiveFleets.Start.AddSeconds(30).UtcTicks));
    }
}
