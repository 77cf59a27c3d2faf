using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Training.Backtesting;
using ServiMon.Predict.Training.Composites;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class LiveCompositeTests : IDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(3650);

    private readonly TestFolder _folder = new();
    private readonly EmbeddedStore _store;
    private readonly FakeTimeProvider _time = new(LiveFleets.Start);

    public LiveCompositeTests() => _store = EmbeddedStore.Open(_folder.Path);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<List<LoggedPrediction>> LoggedAsync(string path) =>
        await _store.Log.ReadPredictionsAsync(new LogQuery { Profile = "broker", Assets = [path] }, Ct).ToListAsync(Ct);

    /// <summary>Rows of five brokers in two racks, each at a phase of its own, some steps lost and now and then a minute of them; each arrives up to 4 s late.</summary>
    private static List<(double Second, string Asset, double Value)> Rows(int steps, int seed)
    {
        var random = new Random(seed);
        var rows = new List<(double Arrival, double Second, string Asset, double Value)>();
        string[] assets = ["hall/rack-1/a", "hall/rack-1/b", "hall/rack-1/c", "hall/rack-2/a", "hall/rack-2/b"];
        for (var a = 0; a < assets.Length; a++)
            for (int step = 0, away = 0; step < steps; step++, away--)
            {
                if (away <= 0 && step > 30 && random.Next(60) == 0) away = random.Next(2, 30);
                if (away > 0 || (step > 0 && random.Next(20) == 0)) continue;
                var second = 2 * step + 0.3 * a + 0.2 * random.NextDouble();
                rows.Add((second + 4 * random.NextDouble(), second, assets[a], 100 * random.NextDouble()));
            }
        return [.. rows.OrderBy(r => r.Arrival).Select(r => (r.Second, r.Asset, r.Value))];
    }

    private async Task<IReadOnlyList<AssetPredictions>> ReplayedAsync()
    {
        var rows = await _store.History.ReadAsync(new HistoryQuery { Profile = "broker", Metrics = [.. LiveRacks.Profile.Metrics.Select(m => m.Name)] }, Ct).ToListAsync(Ct);
        var assets = rows.GroupBy(r => r.Asset).Select(g => new AssetRows(g.Key, g.First().Metrics, [.. g.SelectMany(r => r.Ticks)], [.. g.SelectMany(r => r.Values)])).ToList();
        var fleet = new FleetRecord(new FleetHistory(assets[0].Metrics, assets), [], []);
        var profile = LiveRacks.WithModel();
        return new FleetReplay(profile.Evidence, profile.Model, fleet, Ct).WithComposites(assets, CompositeRoot.Of(assets.Select(a => a.Asset)), long.MinValue, null).Composites;
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task A_replay_of_the_stored_rows_gives_what_was_logged_of_every_composite_bit_for_bit(int seed, bool restarts)
    {
        var racks = new LiveRacks(_store, _time);
        var rows = Rows(400, seed);
        for (var i = 0; i < rows.Count; i++)
        {
            if (restarts && i % 97 == 96)
            {
                Assert.True(racks.Save());
                racks = new LiveRacks(_store, _time);
            }
            racks.Offer(rows[i].Second, rows[i].Asset, rows[i].Value);
        }
        Assert.Equal(0, racks.Fleet.Counts.Dropped(ServiMon.Predict.Server.Ingest.DropReason.Late));
        Assert.True(racks.Save());

        var replayed = await ReplayedAsync();
        Assert.Equal(["hall", "hall/rack-1", "hall/rack-2"], replayed.Select(c => c.Rows.Asset));
        foreach (var composite in replayed)
        {
            var logged = await LoggedAsync(composite.Rows.Asset);
            // The last steps are open still.
            Assert.InRange(logged.Count, composite.Count - 12, composite.Count);
            for (var i = 0; i < logged.Count; i++)
            {
                Assert.Equal(composite.Rows.Ticks[i], logged[i].Time.UtcTicks);
                Assert.Equal((composite.State[i], composite.Basis[i]), (logged[i].State, logged[i].Basis));
                Assert.Equal(composite.State[i] == PredictionState.Ready ? composite.Probability[(2 * i)..(2 * i + 2)] : [], logged[i].Probabilities.Select(p => p.Probability));
            }
            Assert.Contains(logged, l => l.Basis == PredictionBasis.Learned && l.State == PredictionState.Ready);
        }
    }

    [Fact]
    public async Task A_silent_member_holds_its_composite_up_no_longer_than_the_lateness()
    {
        var racks = new LiveRacks(_store, _time);
        for (var s = 0; s <= 60; s += 2)
            foreach (var asset in (string[])(s < 30 ? ["rack/a", "rack/b"] : ["rack/a"])) racks.Offer(s, asset, s % 13);
        // Steps of an asset close 11 s after their time, when the lateness has passed their end.
        Assert.Equal(LiveFleets.Start.AddSeconds(48), racks.Shown("rack")!.Time);
        Assert.Equal(LiveFleets.Start.AddSeconds(28), racks.Shown("rack/b")!.Time);
        Assert.True(racks.Save());
        Assert.Equal(Enumerable.Range(0, 25).Select(i => 2.0 * i), (await LoggedAsync("rack")).Select(p => (p.Time - LiveFleets.Start).TotalSeconds));
    }

    [Fact]
    public async Task The_clock_closes_the_last_step_of_a_composite_once_also_where_the_process_dies_in_between()
    {
        var racks = new LiveRacks(_store, _time);
        for (var s = 0; s < 100; s += 2)
            foreach (var asset in new[] { "rack/a", "rack/b" }) racks.Offer(s + (asset == "rack/b" ? 0.7 : 0), asset, s % 13);
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(13));
            racks.Fleet.Sweep(Never, isCaughtUp: true);
            Assert.True(racks.Save());
            racks = new LiveRacks(_store, _time);
            racks.Fleet.Sweep(Never);
        }
        Assert.Equal(LiveFleets.Start.AddSeconds(98.7), racks.Shown("rack")!.Time);
        Assert.True(racks.Save());
        Assert.Equal(Enumerable.Range(0, 50).Select(i => 2 * i + 0.7), (await LoggedAsync("rack")).Select(p => (p.Time - LiveFleets.Start).TotalSeconds), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_board_shows_composites_and_their_reasons_name_the_member()
    {
        var racks = new LiveRacks(_store, _time);
        for (var s = 0; s < 200; s += 2)
            foreach (var asset in new[] { "rack/a", "rack/b", "rack/c" }) racks.Offer(s, asset, asset == "rack/b" ? 40 + 0.3 * s : 20 + s % 7);
        var shown = racks.Shown("rack")!;
        Assert.Equal((PredictionState.Ready, 2, "broker-1"), (shown.State, shown.Probabilities.Length, shown.ModelId));
        Assert.Equal(1, shown.Drivers.Sum(d => d.Share), 1e-9);
        Assert.Contains(shown.Drivers, d => d.Group == "pressure" && d.Detail.StartsWith("b: cpu ", StringComparison.Ordinal));
    }

    [Fact]
    public void An_incident_of_a_parent_is_not_one_of_its_members_but_its_maintenance_is_theirs()
    {
        var racks = new LiveRacks(_store, _time);
        Feed(racks, 0, 60);
        var incident = new Timeline([new Incident("rack", LiveFleets.Start.AddSeconds(50), null, "")], []);
        racks.Fleet.Use(LiveRacks.WithModel() with { Timelines = new Dictionary<string, Timeline> { ["rack"] = incident } });
        Feed(racks, 60, 100);
        Assert.Equal((PredictionState.InIncident, PredictionState.Ready), (racks.Shown("rack")!.State, racks.Shown("rack/a")!.State));
        var maintenance = new Timeline([], [new MaintenanceWindow("rack", LiveFleets.Start.AddSeconds(90), null, "")]);
        racks.Fleet.Use(LiveRacks.WithModel() with { Timelines = new Dictionary<string, Timeline> { ["rack"] = maintenance } });
        Feed(racks, 100, 140);
        Assert.Equal((PredictionState.Maintenance, PredictionState.Maintenance), (racks.Shown("rack")!.State, racks.Shown("rack/a")!.State));
    }

    [Fact]
    public void Composites_go_stale_leave_with_their_last_member_and_give_way_to_an_asset_of_their_name()
    {
        var racks = new LiveRacks(_store, _time);
        Feed(racks, 0, 60);
        racks.Offer(61, "rack", 1);
        Assert.Empty(racks.Fleet.Composites);
        Assert.Contains(racks.Fleet.Slots, s => s.Key.Asset == "rack");

        racks = new LiveRacks(_store, _time);
        Feed(racks, 60, 120);
        _time.Advance(TimeSpan.FromSeconds(30));
        racks.Fleet.Sweep(Never);
        Assert.Equal(PredictionState.Stale, racks.Shown("rack")!.State);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["rack", "rack/a", "rack/b"], racks.Fleet.Sweep(TimeSpan.FromMinutes(10)).Select(k => k.Asset).Order(StringComparer.Ordinal));
        Assert.Null(racks.Shown("rack"));
    }

    [Fact]
    public void Other_evidence_lets_composites_begin_anew_on_their_grid()
    {
        var racks = new LiveRacks(_store, _time);
        Feed(racks, 0.5, 60);
        var anchor = racks.Fleet.Composites.Single().Live.Scorer.Grid!.Value;
        Assert.True(racks.Fleet.Use(LiveRacks.WithModel(new EvidenceModel(LiveRacks.Profile with { StaleAfter = TimeSpan.FromSeconds(60) }))));
        Feed(racks, 60.5, 100);
        Assert.Equal(anchor, racks.Fleet.Composites.Single().Live.Scorer.Grid);
        Assert.Equal(PredictionState.Ready, racks.Shown("rack")!.State);
    }

    [Fact]
    public void Without_composites_in_the_profile_or_in_the_model_there_are_none()
    {
        var plain = new LiveRacks(_store, _time, LiveFleets.WithModel());
        Feed(plain, 0, 60);
        Assert.Empty(plain.Fleet.Composites);
        Assert.Null(plain.Shown("rack"));
        var old = LiveRacks.WithModel();
        var racks = new LiveRacks(_store, _time, old with { Model = old.Model! with { Composite = null } });
        Feed(racks, 0, 60);
        Assert.Equal(PredictionState.NoModel, racks.Shown("rack")!.State);
    }

    private static void Feed(LiveRacks racks, double from, double to)
    {
        for (var s = from; s < to; s += 2)
            foreach (var asset in new[] { "rack/a", "rack/b" }) racks.Offer(s, asset, (int)s % 13);
    }
}
