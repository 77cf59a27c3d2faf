using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>
/// The latest prediction of every asset: scoring writes it; gRPC, gauges and the terminal read it. Reading takes no lock. Writers of
/// different assets do not wait for each other.
/// </summary>
public sealed class PredictionBoard
{
    private readonly ConcurrentDictionary<AssetKey, Slot> _slots = new();
    private readonly Lock _membership = new();
    private ImmutableArray<PredictionWatch> _watches = [];
    private AssetKey[]? _sortedKeys;
    private long _membershipVersion;

    /// <param name="maxWatches">Most subscriptions at one time. Default 1000, range 1 to 100,000.</param>
    public PredictionBoard(int maxWatches = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxWatches, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxWatches, 100_000);
        MaxWatches = maxWatches;
    }

    public int MaxWatches { get; }

    /// <summary>Assets that have a prediction.</summary>
    public int Count => _slots.Count;

    /// <summary>Subscriptions that are open.</summary>
    public int WatchCount => _watches.Length;

    /// <summary>
    /// Shows a prediction and tells the subscriptions. One for an earlier step than that shown is not taken; one for the same step is, so
    /// that a change of model is seen at once.
    /// </summary>
    /// <returns>False when a later one is shown already.</returns>
    public bool Put(AssetPrediction prediction)
    {
        while (true)
        {
            if (!_slots.TryGetValue(prediction.Key, out var slot)) slot = AddSlot(prediction.Key);
            lock (slot)
            {
                if (slot.IsRemoved) continue;
                if (slot.Latest is { } shown && shown.Time > prediction.Time) return false;
                slot.Latest = prediction;
            }
            Tell(prediction.Key);
            return true;
        }
    }

    /// <summary>Takes an asset off the board: it is retired, or its partition went to another instance.</summary>
    /// <returns>False when it was not there.</returns>
    public bool Remove(AssetKey key)
    {
        Slot? slot;
        lock (_membership)
        {
            if (!_slots.TryRemove(key, out slot)) return false;
            ForgetOrder();
        }
        lock (slot)
        {
            slot.IsRemoved = true;
            slot.Latest = null;
        }
        Tell(key);
        return true;
    }

    public bool TryGet(AssetKey key, [NotNullWhen(true)] out AssetPrediction? prediction)
    {
        prediction = _slots.TryGetValue(key, out var slot) ? slot.Latest : null;
        return prediction is not null;
    }

    /// <summary>The assets by profile and name as of some moment between call and return.</summary>
    public ReadOnlySpan<AssetKey> Keys
    {
        get
        {
            if (Volatile.Read(ref _sortedKeys) is { } sorted) return sorted;
            var version = Volatile.Read(ref _membershipVersion);
            AssetKey[] keys = [.. _slots.Keys];
            Array.Sort(keys);
            lock (_membership)
                if (version == _membershipVersion) _sortedKeys = keys;
            return keys;
        }
    }

    /// <summary>Every prediction shown, by profile and name. Each asset's is the latest; they are not of one moment.</summary>
    public IReadOnlyList<AssetPrediction> Snapshot()
    {
        var keys = Keys;
        var list = new List<AssetPrediction>(keys.Length);
        foreach (var key in keys)
            if (TryGet(key, out var prediction)) list.Add(prediction);
        return list;
    }

    /// <summary>
    /// Subscribes to some assets. What is shown of them now comes first, then every change; a reader slower than the changes gets the
    /// newest of each asset and no backlog. Dispose it to end the subscription.
    /// </summary>
    /// <param name="wanted">Which assets: called at most once for each change, from any thread.</param>
    /// <returns>Null when <see cref="MaxWatches"/> are open.</returns>
    public PredictionWatch? TryWatch(Func<AssetKey, bool> wanted)
    {
        var watch = new PredictionWatch(this, wanted);
        lock (_membership)
        {
            if (_watches.Length >= MaxWatches) return null;
            _watches = _watches.Add(watch);
        }
        // A change between here and the subscription is offered twice and read once.
        Interlocked.MemoryBarrier();
        foreach (var key in Keys) watch.Offer(key);
        return watch;
    }

    internal void Close(PredictionWatch watch)
    {
        lock (_membership) _watches = _watches.Remove(watch);
    }

    private Slot AddSlot(AssetKey key)
    {
        lock (_membership)
        {
            var slot = _slots.GetOrAdd(key, _ => new Slot());
            ForgetOrder();
            return slot;
        }
    }

    private void ForgetOrder()
    {
        _membershipVersion++;
        _sortedKeys = null;
    }

    private void Tell(AssetKey key)
    {
        // Either this sees a new subscription, or the subscription sees what was just shown.
        Interlocked.MemoryBarrier();
        foreach (var watch in _watches) watch.Offer(key);
    }

    /// <summary>The place of one asset. Written under its lock, read without.</summary>
    private sealed class Slot
    {
        private AssetPrediction? _latest;

        public bool IsRemoved { get; set; }

        public AssetPrediction? Latest
        {
            get => Volatile.Read(ref _latest);
            set => Volatile.Write(ref _latest, value);
        }
    }
}
