using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Telemetry;
using ServiMon.Predict.Server.Tests;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Scheduling;

public sealed class RetentionWatchTests : IDisposable
{
    private static readonly RetentionOptions Options = new(new RetentionLimits(TimeSpan.FromDays(2), TimeSpan.FromDays(3), 1), TimeSpan.FromDays(1));

    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _time = new(RampFleet.Start);
    private readonly EmbeddedStore _store;

    public RetentionWatchTests() => _store = EmbeddedStore.Open(_folder.Path, time: _time);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_removed_by_kind_again_and_again()
    {
        await FillAsync("pump", days: 5);
        await FillAsync("fan", days: 5);
        var watch = Instance("a");
        await watch.RoundAsync(Ct);

        // Noon of each of five days past, and now midnight.
        Assert.Equal(new Removed(3, 2), watch.Status["pump"].Total);
        Assert.Equal(2, await RowsAsync("pump"));
        Assert.Equal(3, await PredictionsAsync("pump"));
        Assert.Equal(2, await RowsAsync("fan"));
        var line = await _store.Log.ReadAuditAsync(ct: Ct).FirstAsync(Ct);
        Assert.Equal(("a", "retain", "pump", "3 rows, 2 predictions, 0 models"), (line.Actor, line.Action, line.Subject, line.Detail));

        _time.Advance(TimeSpan.FromHours(23));
        await watch.RoundAsync(Ct);
        Assert.Equal(1, watch.Status["pump"].DoneCount);
        _time.Advance(TimeSpan.FromHours(1));
        await watch.RoundAsync(Ct);
        Assert.Equal((2, new Removed(4, 3)), (watch.Status["pump"].DoneCount, watch.Status["pump"].Total));
    }

    [Fact]
    public async Task The_champion_challengers_and_the_newest_other_models_stay()
    {
        var models = new List<ModelRecord>();
        for (byte i = 0; i < 6; i++)
        {
            models.Add(await _store.Models.AddAsync("pump", new[] { i }, "{}", Ct));
            _time.Advance(TimeSpan.FromHours(1));
        }
        var other = await _store.Models.AddAsync("hose", new byte[] { 9 }, "{}", Ct);
        await _store.Models.PromoteAsync(models[0].Id, "ann", Ct);
        await _store.Models.PromoteAsync(models[2].Id, "ann", Ct);
        await _store.Models.MarkAsync(models[1].Id, ModelState.Challenger, Ct);
        var watch = Instance("a");
        await watch.RoundAsync(Ct);

        Assert.Equal(3, watch.Status["pump"].Total.Models);
        Assert.Equal([models[5].Id, models[2].Id, models[1].Id], (await _store.Models.ListAsync("pump", Ct)).Select(m => m.Id));
        Assert.Equal([other], await _store.Models.ListAsync("hose", Ct));
    }

    [Fact]
    public async Task A_kind_without_a_limit_is_kept()
    {
        await FillAsync("pump", days: 5);
        await Instance("a", Options with { Limits = Options.Limits with { History = null } }).RoundAsync(Ct);
        Assert.Equal((5, 3), (await RowsAsync("pump"), await PredictionsAsync("pump")));
    }

    [Fact]
    public async Task Of_several_instances_one_does_it_and_all_know_when()
    {
        await FillAsync("pump", days: 5);
        RetentionWatch[] instances = [.. Enumerable.Range(0, 4).Select(i => Instance($"i{i}"))];
        await Task.WhenAll(instances.Select(i => Task.Run(() => i.RoundAsync(Ct), Ct)));
        foreach (var instance in instances) await instance.RoundAsync(Ct);

        Assert.Equal(1, instances.Sum(i => i.Status["pump"].DoneCount));
        Assert.Equal(3, instances.Sum(i => i.Status["pump"].Total.Rows));
        Assert.All(instances, i => Assert.Equal(RampFleet.Start, i.Status["pump"].LastDone));
        Assert.Null(await _store.Models.FindLeaseAsync("retention/pump", Ct));
    }

    [Fact]
    public async Task A_service_that_was_down_when_it_was_due_does_it_at_once_and_one_that_was_not_waits()
    {
        await Instance("before").RoundAsync(Ct);
        await FillAsync("pump", days: 5);
        _time.Advance(TimeSpan.FromHours(12));
        var early = Instance("after");
        await early.RoundAsync(Ct);
        Assert.Equal((0, RampFleet.Start), (early.Status["pump"].DoneCount, early.Status["pump"].LastDone));

        _time.Advance(TimeSpan.FromDays(7));
        var late = Instance("later");
        await late.RoundAsync(Ct);
        Assert.Equal(5, late.Status["pump"].Total.Rows);
    }

    [Fact]
    public async Task An_instance_that_was_killed_at_it_stands_in_the_way_no_longer_than_its_lease_lasts()
    {
        await _store.Models.TryLeaseAsync("retention/pump", "killed", HeldLease.Duration, Ct);
        var watch = Instance("a");
        await watch.RoundAsync(Ct);
        Assert.Equal((0, 1), (watch.Status["pump"].DoneCount, watch.Status["fan"].DoneCount));
        _time.Advance(HeldLease.Duration);
        await watch.RoundAsync(Ct);
        Assert.Equal(1, watch.Status["pump"].DoneCount);
    }

    [Fact]
    public async Task A_store_that_refuses_is_counted_and_asked_again()
    {
        var refusing = new RefusingStore(_store) { Refused = "pump" };
        await FillAsync("pump", days: 5);
        var watch = new RetentionWatch(refusing, Options, ["pump", "fan"], _time, NullLogger.Instance, "a");
        await Assert.ThrowsAsync<StoreException>(() => watch.RoundAsync(Ct));
        Assert.Equal((1, 0), (watch.Status["pump"].FailedCount, watch.Status["pump"].DoneCount));
        Assert.Equal(1, watch.Status["fan"].DoneCount);

        refusing.Refused = "";
        await watch.RoundAsync(Ct);
        Assert.Equal((1, 1, new Removed(3, 2)), (watch.Status["pump"].FailedCount, watch.Status["pump"].DoneCount, watch.Status["pump"].Total));
    }

    [Fact]
    public async Task It_has_its_metrics()
    {
        await FillAsync("pump", days: 5);
        var watch = Instance("a");
        var registry = Metrics.NewCustomRegistry();
        _ = new RetentionMetrics(registry, watch);
        Assert.Contains("servimon_predict_retention_last_success_timestamp_seconds{profile=\"pump\"} 0\n", await TextAsync(registry));
        await watch.RoundAsync(Ct);
        var text = await TextAsync(registry);
        Assert.Contains("servimon_predict_retention_removed_total{profile=\"pump\",kind=\"history\"} 3\n", text);
        Assert.Contains("servimon_predict_retention_removed_total{profile=\"pump\",kind=\"predictions\"} 2\n", text);
        Assert.Contains("servimon_predict_retention_runs_total{profile=\"pump\",outcome=\"done\"} 1\n", text);
        Assert.Contains("servimon_predict_retention_runs_total{profile=\"fan\",outcome=\"failed\"} 0\n", text);
        Assert.Contains(FormattableString.Invariant($"servimon_predict_retention_last_success_timestamp_seconds{{profile=\"pump\"}} {RampFleet.Start.ToUnixTimeSeconds()}\n"), text);
    }

    [Fact]
    public void Predictions_have_to_be_there_when_their_horizon_has_passed()
    {
        Assert.Empty(RetentionOptions.None.Check([LiveFleets.Profile]));
        Assert.Empty(Options.Check([LiveFleets.Profile]));
        var problem = Assert.Single((Options with { Limits = Options.Limits with { Predictions = LiveFleets.Profile.LongestHorizon } }).Check([LiveFleets.Profile]));
        Assert.Equal("retention.predictions", problem.Where);
        Assert.Contains("before they are resolved", problem.What);
    }

    private RetentionWatch Instance(string name, RetentionOptions? options = null) => new(_store, options ?? Options, ["pump", "fan"], _time, NullLogger.Instance, name);

    /// <summary>A row and a prediction at noon of each of some days past.</summary>
    private async Task FillAsync(string profile, int days)
    {
        for (var day = 1; day <= days; day++)
        {
            var at = RampFleet.Start.AddDays(-day).AddHours(12);
            await _store.History.AppendAsync(profile, [new AssetRows("a", ["m"], [at.UtcTicks], [day])], Ct);
            await _store.Log.AppendPredictionsAsync(profile, [new LoggedPrediction("a", at, "m", PredictionState.Ready, PredictionBasis.Prior, 0, [new(TimeSpan.FromHours(1), 0.5)], "", at)], Ct);
        }
    }

    private async Task<long> RowsAsync(string profile) => (await _store.History.ListAssetsAsync(profile, Ct)).Sum(a => a.RowCount);

    private async Task<int> PredictionsAsync(string profile) => await _store.Log.ReadPredictionsAsync(new LogQuery { Profile = profile }, Ct).CountAsync(Ct);

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream, Ct);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>A store that does not remove rows of one profile.</summary>
    private sealed class RefusingStore(IStore store) : IStore, IHistoryStore
    {
        public string Refused { get; set; } = "";

        public string Place => store.Place;

        public IHistoryStore History => this;

        public IIncidentStore Incidents => store.Incidents;

        public IModelRegistry Models => store.Models;

        public ILogStore Log => store.Log;

        public Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default) =>
            profile == Refused ? throw new StoreException(StoreFault.Locked, "it is locked") : store.History.DeleteBeforeAsync(profile, cutoff, ct);

        public Task<AppendCount> AppendAsync(string profile, IReadOnlyList<AssetRows> rows, CancellationToken ct = default) => store.History.AppendAsync(profile, rows, ct);

        public IAsyncEnumerable<AssetRows> ReadAsync(HistoryQuery query, CancellationToken ct = default) => store.History.ReadAsync(query, ct);

        public Task<IReadOnlyList<AssetExtent>> ListAssetsAsync(string profile, CancellationToken ct = default) => store.History.ListAssetsAsync(profile, ct);

        public Task<IReadOnlyList<string>> ListMetricsAsync(string profile, CancellationToken ct = default) => store.History.ListMetricsAsync(profile, ct);

        public Task<long> DeleteAssetAsync(string profile, string asset, CancellationToken ct = default) => store.History.DeleteAssetAsync(profile, asset, ct);

        public void Dispose()
        {
            // The store is the test's.
        }
    }
}
