using System.Globalization;

namespace ServiMon.Predict.Storage;

/// <summary>What retention removed.</summary>
/// <param name="Rows">Rows of history.</param>
/// <param name="Predictions">Predictions; their outcomes went with them.</param>
public readonly record struct Removed(long Rows, long Predictions);

/// <summary>Removes what is no longer kept: once by hand, or again and again by the service.</summary>
public static class Retention
{
    /// <summary>Removes what is older than asked from a store in use, and notes it in the audit trail when there was any. Incidents, models and the audit trail are kept.</summary>
    /// <param name="history">How long rows of history are kept; null for ever.</param>
    /// <param name="predictions">How long predictions and their outcomes are kept; null for ever.</param>
    /// <param name="now">What is older is counted from here.</param>
    /// <exception cref="StoreException">When the store does not answer; what was removed stays removed.</exception>
    public static async Task<Removed> RetainAsync(
        this IStore store, string profile, TimeSpan? history, TimeSpan? predictions, DateTimeOffset now, string actor, CancellationToken ct = default)
    {
        var removed = new Removed(
            history is { } rows ? await store.History.DeleteBeforeAsync(profile, Before(now, rows), ct).ConfigureAwait(false) : 0,
            predictions is { } given ? await store.Log.DeleteBeforeAsync(profile, Before(now, given), ct).ConfigureAwait(false) : 0);
        if (removed != default)
            await store.Log.AppendAuditAsync(new AuditLine(now, actor, "retain", profile,
                string.Create(CultureInfo.InvariantCulture, $"{removed.Rows} rows, {removed.Predictions} predictions")), ct).ConfigureAwait(false);
        return removed;
    }

    private static DateTimeOffset Before(DateTimeOffset now, TimeSpan kept) => now - DateTimeOffset.MinValue > kept ? now - kept : DateTimeOffset.MinValue;
}
