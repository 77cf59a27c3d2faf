using System.Globalization;
using System.Runtime.CompilerServices;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>Who did what: a partition for each month. Two lines that are alike are two lines.</summary>
internal sealed class AuditTable(CqlSession session, LogPartitions partitions, TimeProvider time)
{
    private const string What = "audit";

    private readonly string _writer = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}");
    private long _written = time.GetUtcNow().UtcTicks;

    public async Task AppendAsync(AuditLine line, CancellationToken ct)
    {
        await partitions.ListAsync(What, "", Month(line.At), ct).ConfigureAwait(false);
        await session.ExecuteAsync(Traffic.Log, ct, "INSERT INTO audit (bucket, ticks, written, writer, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            Month(line.At), line.At.UtcTicks, Next(), _writer, line.Actor, line.Action, line.Subject, line.Detail).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<AuditLine> ReadAsync(DateTimeOffset? from, DateTimeOffset? to, [EnumeratorCancellation] CancellationToken ct)
    {
        var months = await partitions.BucketsAsync(What, "", from is { } f ? Month(f) : 0, to is { } t ? Month(t) : int.MaxValue, ct).ConfigureAwait(false);
        foreach (var month in months)
            await foreach (var r in session.StreamAsync(Traffic.Log, ct, "SELECT ticks, actor, action, subject, detail FROM audit WHERE bucket = ? AND ticks >= ? AND ticks < ?",
                month, from?.UtcTicks ?? 0, to?.UtcTicks ?? long.MaxValue).ConfigureAwait(false))
                yield return new AuditLine(new DateTimeOffset(r.GetValue<long>(0), TimeSpan.Zero),
                    r.GetValue<string>(1), r.GetValue<string>(2), r.GetValue<string>(3), r.GetValue<string>(4));
    }

    /// <summary>The time of writing, or one more than the last: two lines of one process never have the same.</summary>
    private long Next()
    {
        while (true)
        {
            var last = Volatile.Read(ref _written);
            var next = Math.Max(last + 1, time.GetUtcNow().UtcTicks);
            if (Interlocked.CompareExchange(ref _written, next, last) == last) return next;
        }
    }

    private static int Month(DateTimeOffset at) => at.UtcDateTime.Year * 12 + at.UtcDateTime.Month - 1;
}
