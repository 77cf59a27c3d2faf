using Microsoft.Extensions.Logging;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>
/// Saves a fleet with its offsets from time to time. What is saved is captured on the thread that scores; writing goes on beside it, one
/// snapshot at a time. A store that refuses is asked again with the next, larger snapshot.
/// </summary>
/// <param name="next">The next offset of every partition: of the same thread as the fleet.</param>
internal sealed class StateSaver(
    LiveFleet fleet, ScoringStates states, Dictionary<SourcePartition, long> next, IngestStatus status, TimeProvider time, ILogger logger)
{
    /// <summary>Steps, and values of their metrics, that may wait for the store before reading waits too: each with some 100 MB.</summary>
    private const int MostWaiting = 200_000, MostValues = 12_000_000;

    /// <summary>Steps at which a save begins before its time.</summary>
    private const int ManyWaiting = MostWaiting / 4, ManyValues = MostValues / 4;

    /// <summary>Pause before a store that refused is asked again.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private StateWriter _writer = new();
    private readonly List<AssetKey> _forgotten = [];
    private Snapshot? _captured;
    private Task<bool> _writing = Task.FromResult(true);
    private long _last = time.GetTimestamp();

    /// <summary>True when so much waits for the store that reading must wait too.</summary>
    public bool MustWait =>
        fleet.Outbox.Count + (_captured?.StepCount ?? 0) >= MostWaiting || fleet.Outbox.ValueCount + (_captured?.ValueCount ?? 0) >= MostValues;

    /// <summary>Begins to save when the time has come, or much waits, and the last save is done.</summary>
    /// <param name="before">What must be true before offsets may be saved; asked on another thread.</param>
    /// <param name="saved">Told the offsets once they are saved, on the thread that scores.</param>
    public void SaveIfDue(TimeSpan every, Func<bool> before, Action<IReadOnlyDictionary<SourcePartition, long>> saved)
    {
        if (!_writing.IsCompleted) return;
        if (TakeSaved() is { } offsets) saved(offsets);
        if (time.GetElapsedTime(_last) < every && fleet.Outbox.Count < ManyWaiting && fleet.Outbox.ValueCount < ManyValues) return;
        _last = time.GetTimestamp();
        var snapshot = _captured = Capture();
        _writing = Task.Run(() => TrySave(snapshot, before));
    }

    /// <summary>Saves everything and waits for it; asks a store that refuses again until stopped, or until the time is over.</summary>
    /// <returns>False when that came first: the next instance goes on from what was saved before.</returns>
    public bool SaveNow(Func<bool> before, TimeSpan most, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        _writing.Wait(CancellationToken.None);
        TakeSaved();
        while (true)
        {
            _captured = Capture();
            if (TrySave(_captured, before))
            {
                fleet.Outbox.Return(_captured.Steps);
                _captured = null;
                return true;
            }
            if (stop.IsCancellationRequested || time.GetElapsedTime(began) + RetryAfter > most) return false;
            Wait(stop);
        }
    }

    /// <summary>Drops the saved state of assets that were retired, with the next save.</summary>
    public void Forget(IEnumerable<AssetKey> keys) => _forgotten.AddRange(keys);

    /// <summary>Puts the saved assets of some partitions into the fleet; asks a store that refuses again until stopped.</summary>
    public SavedStates Load(IReadOnlySet<SourcePartition> partitions, CancellationToken stop)
    {
        while (true)
            try
            {
                var began = time.GetTimestamp();
                var saved = states.LoadAsync(partitions, stop).GetAwaiter().GetResult();
                var others = saved.Assets.Where(a => !Restore(a)).ToList();
                if (saved.Assets.Count > 0) logger.Restored(saved.Assets.Count - others.Count, (long)time.GetElapsedTime(began).TotalMilliseconds);
                foreach (var profile in fleet.Profiles)
                {
                    var ofProfile = others.Where(a => a.Key.Profile == profile.Name).ToDictionary(a => a.Key.Asset);
                    if (ofProfile.Count == 0) continue;
                    foreach (var (asset, tail) in Tails(profile, [.. ofProfile.Keys], stop)) fleet.Warm(ofProfile[asset].Key, ofProfile[asset].Home, tail);
                }
                fleet.ShowRestored();
                return saved;
            }
            catch (StoreException e) when (e.IsTransient && !stop.IsCancellationRequested)
            {
                Refused(e);
                Wait(stop);
            }
    }

    /// <summary>
    /// The last rows of assets, as many as make up their evidence: twice the warm-up before the newest sample there is. Empty when the store refuses:
    /// the assets start anew then.
    /// </summary>
    public IReadOnlyDictionary<string, List<AssetRows>> Tails(LiveProfile profile, IReadOnlyList<string> assets, CancellationToken stop)
    {
        try
        {
            return states.ReadTailAsync(profile.Profile, assets, 2 * profile.Profile.WarmUp, stop).GetAwaiter().GetResult();
        }
        catch (StoreException e)
        {
            Refused(e);
            return new Dictionary<string, List<AssetRows>>();
        }
    }

    private bool Restore(SavedAsset asset)
    {
        try
        {
            return fleet.TryRestore(asset.Key, asset.Home, asset.State.Span);
        }
        catch (InvalidDataException e)
        {
            logger.DamagedState(asset.Key.Asset, e.Message);
            return false;
        }
    }

    /// <summary>The offsets of the snapshot that was written, once.</summary>
    private IReadOnlyDictionary<SourcePartition, long>? TakeSaved()
    {
        if (_captured is null || !_writing.Result) return null;
        var offsets = _captured.Offsets;
        fleet.Outbox.Return(_captured.Steps);
        _captured = null;
        return offsets;
    }

    /// <summary>What changed since the last snapshot, and what a failed one left. An asset that is gone meanwhile is not saved any more.</summary>
    private Snapshot Capture()
    {
        var failed = _captured;
        var again = failed?.Assets.Select(a => a.Key).ToHashSet() ?? [];
        var assets = new List<StateSnapshot>();
        // What is written anew every few seconds, a megabyte for a hundred assets, had better stay in the same memory. Of a save that failed some part may go on.
        if (failed is null) _writer.Clear();
        else _writer = new StateWriter();
        // Assets first: what is closed of them their composites may still take.
        foreach (var slot in fleet.Slots.Concat<FleetSlot>(fleet.Composites))
        {
            if (!slot.IsChanged && (again.Count == 0 || !again.Contains(ScoringStates.KeyOf(slot.Key)))) continue;
            if (slot.SavedWith is not { } home) continue;
            slot.ApplyClose();
            assets.Add(ScoringStates.Capture(slot, home, _writer));
            slot.IsChanged = false;
        }
        AssetKey[] forgotten = [.. (failed?.Forgotten ?? []).Concat(_forgotten).Where(k => !fleet.Has(k)).Distinct()];
        _forgotten.Clear();
        return new Snapshot(new Dictionary<SourcePartition, long>(next), assets, [.. failed?.Steps ?? [], .. fleet.Outbox.Take()], forgotten,
            [.. failed?.Failures ?? [], .. fleet.Failures.Take()]);
    }

    private bool TrySave(Snapshot snapshot, Func<bool> before)
    {
        try
        {
            if (!before()) return false;
            states.SaveAsync(snapshot, CancellationToken.None).GetAwaiter().GetResult();
            if (!status.CanSave) logger.SavesAgain();
            status.CountSave(isDone: true);
            return true;
        }
        catch (StoreException e)
        {
            Refused(e);
            return false;
        }
    }

    private void Wait(CancellationToken stop) => Task.Delay(RetryAfter, time, stop).ContinueWith(_ => { }, CancellationToken.None).Wait(CancellationToken.None);

    private void Refused(StoreException e)
    {
        if (status.CanSave) logger.CannotSave(e.Message, MostWaiting);
        status.CountSave(isDone: false);
    }
}
