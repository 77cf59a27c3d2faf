using System.Diagnostics.Metrics;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>
/// Whether history is read from as many replicas as it was written to, rather than from one: for a while after one was found to lack rows, which says that a server
/// has been down and is not up to date yet.
/// </summary>
internal sealed class StrictReading(TimeProvider time, Counter<long> rereads)
{
    /// <summary>Servers pass on what another missed at once when it is back, at a limited rate: minutes, after some hours of being down.</summary>
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    private long _since = long.MinValue;

    public bool IsOn => Interlocked.Read(ref _since) is var since && since != long.MinValue && time.GetElapsedTime(since) < Lasts;

    /// <summary>Notes that a bucket was read again because fewer rows came than had been written.</summary>
    public void Reread(bool hasFoundMore)
    {
        rereads.Add(1);
        if (hasFoundMore) Interlocked.Exchange(ref _since, time.GetTimestamp());
    }
}
