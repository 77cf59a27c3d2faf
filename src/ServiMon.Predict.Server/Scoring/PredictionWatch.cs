using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>A change of what is shown of an asset.</summary>
/// <param name="Prediction">Null when the asset was taken off the board.</param>
public sealed record PredictionChange(AssetKey Key, AssetPrediction? Prediction);

/// <summary>
/// One subscription to a <see cref="PredictionBoard"/>, for one reader. Memory is bounded by the number of assets wanted: an asset waits
/// at most once, and what is read is its newest prediction at that moment.
/// </summary>
public sealed class PredictionWatch : IDisposable
{
    private readonly PredictionBoard _board;
    private readonly Func<AssetKey, bool> _wanted;
    private readonly Queue<AssetKey> _order = [];
    private readonly HashSet<AssetKey> _waiting = [];
    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _conflatedCount;

    internal PredictionWatch(PredictionBoard board, Func<AssetKey, bool> wanted)
    {
        _board = board;
        _wanted = wanted;
    }

    /// <summary>Assets that wait to be read.</summary>
    public int WaitingCount
    {
        get { lock (_gate) return _waiting.Count; }
    }

    /// <summary>Changes of an asset that came while it waited already: the reader gets the newest alone.</summary>
    public long ConflatedCount => Volatile.Read(ref _conflatedCount);

    /// <summary>What the reader wants next, if there is anything: never waits.</summary>
    public bool TryRead([NotNullWhen(true)] out PredictionChange? change)
    {
        AssetKey key;
        lock (_gate)
        {
            if (!_order.TryDequeue(out key))
            {
                change = null;
                return false;
            }
            _waiting.Remove(key);
        }
        // Looked up after the asset has left the queue: a change from here on is offered again.
        _board.TryGet(key, out var prediction);
        change = new PredictionChange(key, prediction);
        return true;
    }

    /// <summary>All changes until the subscription is disposed or the token is cancelled (then with <see cref="OperationCanceledException"/>).</summary>
    public async IAsyncEnumerable<PredictionChange> ReadAllAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        while (await _signal.Reader.WaitToReadAsync(ct).ConfigureAwait(false))
        {
            _signal.Reader.TryRead(out _);
            while (TryRead(out var change))
            {
                ct.ThrowIfCancellationRequested();
                yield return change;
            }
        }
    }

    public void Dispose()
    {
        _board.Close(this);
        _signal.Writer.TryComplete();
    }

    internal void Offer(AssetKey key)
    {
        if (!_wanted(key)) return;
        lock (_gate)
        {
            if (!_waiting.Add(key))
            {
                _conflatedCount++;
                return;
            }
            _order.Enqueue(key);
        }
        _signal.Writer.TryWrite(true);
    }
}
