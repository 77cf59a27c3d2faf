using Grpc.Core;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>All assets of a demo as the running service sees them, heard over gRPC like anybody else would. Safe for several threads.</summary>
internal sealed class LiveBoard
{
    private readonly DemoScript _script;
    private readonly IReadOnlyList<string> _where;
    private readonly Dictionary<(string Profile, string Asset), WatchedAsset> _assets;
    private readonly HashSet<(string Profile, string Asset)> _unheard;
    private readonly TaskCompletionSource _allHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private DateTimeOffset _now;

    /// <param name="where">Lines that say where to look.</param>
    public LiveBoard(DemoScript script, IReadOnlyList<string> where)
    {
        (_script, _where, _now) = (script, where, script.Origin);
        Horizons = script.Horizons;
        _assets = script.Fleets.SelectMany(Watched).ToDictionary(a => (a.Kind, a.Asset));
        _unheard = [.. _assets.Keys];
    }

    public IReadOnlyList<Horizon> Horizons { get; }

    public IReadOnlyCollection<WatchedAsset> Assets => _assets.Values;

    /// <summary>Played time so far.</summary>
    public TimeSpan Elapsed => _now - _script.Origin;

    public AlarmCounts Counts => _assets.Values.Aggregate(default(AlarmCounts), (sum, a) => sum + a.Counts);

    /// <summary>Alarms that may still come true.</summary>
    public int OpenAlarmCount => _assets.Values.Count(a => a.HasOpenAlarm);

    /// <summary>Done when every asset was heard of once.</summary>
    public Task AllHeard => _allHeard.Task;

    /// <summary>Follows the service's predictions until stopped.</summary>
    /// <exception cref="RpcException">When the service ends before.</exception>
    public async Task FollowAsync(V1.PredictionService.PredictionServiceClient client, TimeProvider clock, CancellationToken stop)
    {
        using var call = client.WatchPredictions(new V1.WatchPredictionsRequest(), cancellationToken: stop);
        try
        {
            await foreach (var change in call.ResponseStream.ReadAllAsync(stop))
                Hear(change.Prediction is { } p ? (p.Profile, p.Asset) : (change.Removed.Profile, change.Removed.Asset), change.Prediction, clock.GetUtcNow());
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException && stop.IsCancellationRequested)
        {
            // Heard enough.
        }
    }

    /// <summary>An incident begins in the world.</summary>
    public void Fail(FleetIncident begun)
    {
        lock (_gate) _assets[(begun.Profile, begun.Incident.Asset)].Fail(begun);
    }

    /// <summary>Time passes in the world.</summary>
    public void Tick(DateTimeOffset now)
    {
        lock (_gate)
        {
            _now = now;
            foreach (var asset in _assets.Values) asset.Tick(now);
        }
    }

    public BoardView View()
    {
        lock (_gate)
            return new BoardView(
                _script.Title, _script.Clock(Elapsed), [.. Horizons.Select(h => h.Text)],
                [.. _assets.Values.Where(a => a.IsShown).Select(a => a.ToRow()).OrderBy(Rank).ThenByDescending(Risk).ThenBy(r => r.Asset, StringComparer.Ordinal)],
                Counts, [.. _where, _script.Next]);
    }

    private void Hear((string, string) key, V1.Prediction? prediction, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_assets.TryGetValue(key, out var asset)) asset.Hear(prediction, now);
            if (_unheard.Remove(key) && _unheard.Count == 0) _allHeard.SetResult();
        }
    }

    private IEnumerable<WatchedAsset> Watched(DemoFleet fleet)
    {
        var timelines = Timeline.ByAsset(fleet.Live);
        foreach (var asset in fleet.Live.History.Assets)
        {
            var end = _script.RecordsEnd ? asset.Ticks[^1] : long.MaxValue;
            yield return new WatchedAsset(asset.Asset, fleet.Profile, Horizons, end, timelines[asset.Asset].EndsInIncident(asset.Ticks[^1], fleet.Profile.Step));
        }
    }

    private static int Rank(BoardRow row) => row.State switch
    {
        PredictionState.InIncident => 0,
        PredictionState.Ready => 1,
        _ => 2,
    };

    private static double Risk(BoardRow row) => row.Probability.Where(p => !double.IsNaN(p)).DefaultIfEmpty(0).Sum();
}
