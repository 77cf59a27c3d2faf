using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest.Rekeying;

/// <summary>
/// Brings the messages of several partitions into one order, by time. A backlog comes partition by partition, megabytes at a time; taken as it comes, the samples of
/// one partition would close steps that belong to the samples of the next.
/// </summary>
/// <remarks>
/// The oldest first message goes next, once every partition has one or has been read to its end. A partition that has neither is waited for, but not for ever: the
/// brokers that have it may be down.
/// </remarks>
/// <param name="patience">How long such a partition is waited for.</param>
/// <param name="most">Messages that may wait; with more it is not waited for.</param>
internal sealed class PartitionMerge(TimeSpan patience, int most, TimeProvider time)
{
    private readonly Dictionary<SourcePartition, Lane> _lanes = [];
    private long? _waitsSince;

    /// <summary>Messages that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Partitions without a message that is known.</summary>
    public IEnumerable<SourcePartition> Empty => _lanes.Where(l => l.Value.Waiting.Count == 0).Select(l => l.Key);

    public void Assign(SourcePartition source) => _lanes[source] = new Lane();

    /// <summary>Forgets a partition and what waits of it.</summary>
    public void Revoke(SourcePartition source)
    {
        if (_lanes.Remove(source, out var lane)) Count -= lane.Waiting.Count;
    }

    /// <summary>Adds the next message of its partition; of one that is not assigned it is passed over.</summary>
    public void Add(KeyedMessage message)
    {
        if (!_lanes.TryGetValue(message.Source, out var lane)) return;
        lane.Waiting.Enqueue(message);
        Count++;
    }

    /// <summary>Tells whether a partition has been read to its end.</summary>
    public void SetAtEnd(SourcePartition source, bool isAtEnd)
    {
        if (_lanes.TryGetValue(source, out var lane)) lane.IsAtEnd = isAtEnd;
    }

    /// <summary>The next message in order; null when there is none, or an older one may still come.</summary>
    public KeyedMessage? TryTake()
    {
        Lane? oldest = null;
        var isMissing = false;
        foreach (var lane in _lanes.Values)
            if (lane.Waiting.Count == 0) isMissing |= !lane.IsAtEnd;
            else if (oldest is null || lane.Waiting.Peek().Ticks < oldest.Waiting.Peek().Ticks) oldest = lane;
        if (oldest is null || !isMissing) _waitsSince = null;
        else if (Count < most && time.GetElapsedTime(_waitsSince ??= time.GetTimestamp()) < patience) return null;
        if (oldest is null) return null;
        Count--;
        return oldest.Waiting.Dequeue();
    }

    private sealed class Lane
    {
        public Queue<KeyedMessage> Waiting { get; } = [];

        public bool IsAtEnd { get; set; }
    }
}
