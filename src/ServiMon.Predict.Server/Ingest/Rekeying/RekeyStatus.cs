using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Ingest.Rekeying;

/// <summary>How giving keys to one topic goes. Written by the thread that does it, read by any.</summary>
internal sealed class RekeyStatus(string topic)
{
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];
    private long _messages, _malformed, _samples, _lag;
    private volatile bool _isActive;

    /// <summary>The topic without keys.</summary>
    public string Topic => topic;

    /// <summary>Whether this instance does it.</summary>
    public bool IsActive { get => _isActive; set => _isActive = value; }

    /// <summary>Messages read, malformed ones included.</summary>
    public long Messages => Volatile.Read(ref _messages);

    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Samples that the brokers have taken under their key.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Messages that have not been given keys yet, as last known.</summary>
    public long Lag { get => Volatile.Read(ref _lag); set => Volatile.Write(ref _lag, value); }

    public long Dropped(DropReason reason) => Volatile.Read(ref _dropped[(int)reason]);

    public void CountMessage(MessageFault fault)
    {
        Interlocked.Increment(ref _messages);
        if (fault != MessageFault.None) Interlocked.Increment(ref _malformed);
    }

    public void CountSamples(long count) => Interlocked.Add(ref _samples, count);

    public void CountDropped(DropReason reason) => Interlocked.Increment(ref _dropped[(int)reason]);
}
