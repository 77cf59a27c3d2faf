using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage;

/// <summary>What became of an asset's history, incidents and maintenance.</summary>
public sealed record AssetChange(long Rows, long Incidents, long Maintenance);

/// <summary>Renames assets and takes them out, over any of the stores.</summary>
/// <remarks>Predictions that were given stay under the name that they were given for.</remarks>
public static class AssetNames
{
    /// <summary>The kind of the maintenance window that a retired asset is in for good.</summary>
    public const string RetiredKind = "retired";

    /// <summary>
    /// Gives an asset another name: history, incidents and maintenance. Copied first and removed last, so that nothing is lost when it is stopped
    /// midway; it is then repeated with <paramref name="merge"/>.
    /// </summary>
    /// <param name="merge">True to add to an asset of the new name that is there already; where both have a value at one time, the renamed one's wins.</param>
    /// <exception cref="InputException">When there is no such asset, or there is one of the new name.</exception>
    public static async Task<AssetChange> RenameAsync(
        IHistoryStore history, IIncidentStore incidents, string profile, string from, string to, bool merge, CancellationToken ct = default)
    {
        var extents = await history.ListAssetsAsync(profile, ct).ConfigureAwait(false);
        if (from == to) throw new InputException("TO", "is the name that the asset has");
        if (extents.All(e => e.Asset != from)) throw new InputException("FROM", $"there is no asset '{from}' of '{profile}' in the store");
        if (!merge && extents.Any(e => e.Asset == to)) throw new InputException("TO", $"there is an asset '{to}' of '{profile}' already; --merge adds to it");
        long rows = 0;
        await foreach (var piece in history.ReadAsync(new HistoryQuery { Profile = profile, Assets = [from] }, ct).ConfigureAwait(false))
        {
            await history.AppendAsync(profile, [new AssetRows(to, piece.Metrics, piece.Ticks, piece.Values)], ct).ConfigureAwait(false);
            rows += piece.Count;
        }
        var query = new IntervalQuery { Profile = profile, Assets = [from] };
        var failed = await incidents.ListIncidentsAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        var planned = await incidents.ListMaintenanceAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        await incidents.AddIncidentsAsync(profile, [.. failed.Select(i => i with { Asset = to })], ct).ConfigureAwait(false);
        await incidents.AddMaintenanceAsync(profile, [.. planned.Select(m => m with { Asset = to })], ct).ConfigureAwait(false);
        await RemoveIntervalsAsync(incidents, profile, from, failed, planned, ct).ConfigureAwait(false);
        await history.DeleteAssetAsync(profile, from, ct).ConfigureAwait(false);
        return new AssetChange(rows, failed.Count, planned.Count);
    }

    /// <summary>
    /// Takes an asset out of service: it is in maintenance for good from a time on, so that it is neither predicted nor counted as healthy. What it has
    /// lived through still trains.
    /// </summary>
    /// <param name="at">Null for its last row.</param>
    /// <exception cref="InputException">When there is no such asset.</exception>
    public static async Task<DateTimeOffset> RetireAsync(
        IHistoryStore history, IIncidentStore incidents, string profile, string asset, DateTimeOffset? at, CancellationToken ct = default)
    {
        var extent = await FindAsync(history, profile, asset, ct).ConfigureAwait(false);
        var from = at ?? extent.Last + TimeSpan.FromMilliseconds(1);
        await incidents.AddMaintenanceAsync(profile, [new MaintenanceWindow(asset, from, null, RetiredKind)], ct).ConfigureAwait(false);
        return from;
    }

    /// <summary>Removes an asset with its history, incidents and maintenance.</summary>
    /// <exception cref="InputException">When there is no such asset.</exception>
    public static async Task<AssetChange> RemoveAsync(IHistoryStore history, IIncidentStore incidents, string profile, string asset, CancellationToken ct = default)
    {
        await FindAsync(history, profile, asset, ct).ConfigureAwait(false);
        var query = new IntervalQuery { Profile = profile, Assets = [asset] };
        var failed = await incidents.ListIncidentsAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        var planned = await incidents.ListMaintenanceAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        await RemoveIntervalsAsync(incidents, profile, asset, failed, planned, ct).ConfigureAwait(false);
        return new AssetChange(await history.DeleteAssetAsync(profile, asset, ct).ConfigureAwait(false), failed.Count, planned.Count);
    }

    private static async Task<AssetExtent> FindAsync(IHistoryStore history, string profile, string asset, CancellationToken ct) =>
        (await history.ListAssetsAsync(profile, ct).ConfigureAwait(false)).FirstOrDefault(e => e.Asset == asset)
        ?? throw new InputException("ASSET", $"there is no asset '{asset}' of '{profile}' in the store");

    private static async Task RemoveIntervalsAsync(
        IIncidentStore incidents, string profile, string asset, List<Incident> failed, List<MaintenanceWindow> planned, CancellationToken ct)
    {
        foreach (var incident in failed) await incidents.RemoveIncidentAsync(profile, asset, incident.Start, ct).ConfigureAwait(false);
        foreach (var window in planned) await incidents.RemoveMaintenanceAsync(profile, asset, window.Start, ct).ConfigureAwait(false);
    }
}
