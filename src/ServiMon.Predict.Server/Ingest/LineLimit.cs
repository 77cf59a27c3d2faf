namespace ServiMon.Predict.Server.Ingest;

/// <summary>Lets one line of a kind through in a span of time and counts the others.</summary>
/// <param name="every">Default of callers: 1 min.</param>
internal sealed class LineLimit(TimeProvider time, TimeSpan every)
{
    private readonly Dictionary<string, (long Last, long Suppressed)> _kinds = [];
    private readonly Lock _gate = new();

    /// <summary>True when a line may be written now; <paramref name="suppressed"/> were left out since the last.</summary>
    public bool TryWrite(string kind, out long suppressed)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_kinds.TryGetValue(kind, out var seen) && time.GetElapsedTime(seen.Last, now) < every)
            {
                _kinds[kind] = (seen.Last, seen.Suppressed + 1);
                suppressed = 0;
                return false;
            }
            suppressed = seen.Suppressed;
            _kinds[kind] = (now, 0);
            return true;
        }
    }
}
