using System.Collections.Concurrent;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>How reading goes. Written by the thread that reads, read by any.</summary>
public sealed class IngestStatus
{
    private readonly long[] _faults = new long[Enum.GetValues<MessageFault>().Length];
    private long _messages;
    private long _deadLetters;
    private long _lostDeadLetters;
    private long _saves;
    private long _failedSaves;
    private long _missed;
    private long _scattered;
    private long _delayTicks;
    private volatile bool _isConnected;
    private volatile bool _isSaving = true;

    /// <summary>True when partitions are assigned and a broker answers.</summary>
    public bool IsConnected { get => _isConnected; internal set => _isConnected = value; }

    /// <summary>False while the store refuses to take state.</summary>
    public bool CanSave { get => _isSaving; internal set => _isSaving = value; }

    /// <summary>Messages read, with faults and without.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Malformed messages that the dead-letter topic has taken.</summary>
    public long DeadLetters => Volatile.Read(ref _deadLetters);

    /// <summary>Malformed messages that it has not.</summary>
    public long LostDeadLetters => Volatile.Read(ref _lostDeadLetters);

    /// <summary>Messages that the brokers had removed before they were read.</summary>
    public long Missed => Volatile.Read(ref _missed);

    /// <summary>Assets whose samples came from more than one partition.</summary>
    public long Scattered => Volatile.Read(ref _scattered);

    public long Saves => Volatile.Read(ref _saves);

    public long FailedSaves => Volatile.Read(ref _failedSaves);

    /// <summary>From the newest event time of the last message to when it was read.</summary>
    public TimeSpan Delay => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));

    /// <summary>Messages that wait in each assigned partition, as last known.</summary>
    public ConcurrentDictionary<SourcePartition, long> Lag { get; } = new();

    public long Faults(MessageFault fault) => Volatile.Read(ref _faults[(int)fault]);

    internal void CountMessage(MessageFault fault)
    {
        Volatile.Write(ref _messages, _messages + 1);
        if (fault != MessageFault.None) Interlocked.Increment(ref _faults[(int)fault]);
    }

    internal void CountMissed(long messages) => Volatile.Write(ref _missed, _missed + messages);

    internal void CountScattered() => Volatile.Write(ref _scattered, _scattered + 1);

    internal void CountDeadLetter(bool isTaken) => Interlocked.Increment(ref isTaken ? ref _deadLetters : ref _lostDeadLetters);

    internal void CountSave(bool isDone)
    {
        Interlocked.Increment(ref isDone ? ref _saves : ref _failedSaves);
        CanSave = isDone;
    }

    internal void Delayed(TimeSpan delay) => Volatile.Write(ref _delayTicks, delay.Ticks);
}
