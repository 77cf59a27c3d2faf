using System.Globalization;

namespace ServiMon.Predict.Storage;

/// <summary>What retention removed.</summary>
/// <param name="Rows">Rows of history.</param>
/// <param name="Predictions">Predictions; their outcomes went with them.</param>
/// <param name="Models">Models with their bundles.</param>
public readonly record struct Removed(long Rows, long Predictions, int Models = 0)
{
    public static Removed operator +(Removed a, Removed b) => new(a.Rows + b.Rows, a.Predictions + b.Predictions, a.Models + b.Models);
}

/// <summary>How much of a profile is kept; null for everything.</summary>
/// <param name="History">Age of rows of history.</param>
/// <param name="Predictions">Age of predictions and their outcomes.</param>
/// <param name="Models">Newest models beside the champion and challengers, which always stay. Not below zero.</param>
public sealed record RetentionLimits(TimeSpan? History, TimeSpan? Predictions, int? Models)
{
    public bool IsAny => History is not null || Predictions is not null || Models is not null;
}

/// <summary>Removes what is no longer kept: once by hand, or again and again by the service.</summary>
public static class Retention
{
    /// <summary>Removes what is beyond the limits from a store in use, and notes it in the audit trail when there was any. Incidents and the audit trail are kept.</summary>
    /// <param name="now">Ages are counted from here.</param>
    /// <exception cref="StoreException">When the store does not answer; what was removed stays removed.</exception>
    public static async Task<Removed> RetainAsync(
        this IStore store, string profile, RetentionLimits limits, DateTimeOffset now, string actor, CancellationToken ct = default)
    {
        var removed = new Removed(
            limits.History is { } rows ? await store.History.DeleteBeforeAsync(profile, Before(now, rows), ct).ConfigureAwait(false) : 0,
            limits.Predictions is { } given ? await store.Log.DeleteBeforeAsync(profile, Before(now, given), ct).ConfigureAwait(false) : 0,
            limits.Models is { } count ? await DeleteModelsAsync(store.Models, profile, count, ct).ConfigureAwait(false) : 0);
        if (removed != default)
            await store.Log.AppendAuditAsync(new AuditLine(now, actor, "retain", profile,
                string.Create(CultureInfo.InvariantCulture, $"{removed.Rows} rows, {removed.Predictions} predictions, {removed.Models} models")), ct).ConfigureAwait(false);
        return removed;
    }

    private static async Task<int> DeleteModelsAsync(IModelRegistry registry, string profile, int kept, CancellationToken ct)
    {
        var models = await registry.ListAsync(profile, ct).ConfigureAwait(false);
        var removed = 0;
        foreach (var model in models.Where(m => m.State is ModelState.Candidate or ModelState.Retired).Skip(kept))
            try
            {
                if (await registry.DeleteAsync(model.Id, ct).ConfigureAwait(false)) removed++;
            }
            catch (InputException)
            {
                // It came into use between the two looks.
            }
        return removed;
    }

    private static DateTimeOffset Before(DateTimeOffset now, TimeSpan kept) => now - DateTimeOffset.MinValue > kept ? now - kept : DateTimeOffset.MinValue;
}
