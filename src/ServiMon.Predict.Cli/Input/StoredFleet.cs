using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Input;

/// <summary>A fleet as it lies in the store, to and fro.</summary>
internal static class StoredFleet
{
    /// <summary>Rows in one append: few enough to show progress and to stop soon, enough for full blocks.</summary>
    private const int RowsPerAppend = 16_384;

    /// <summary>Appends all rows, asset after asset. What was appended stays when told to stop; doing it again changes nothing.</summary>
    public static async Task<AppendCount> AppendAsync(
        IHistoryStore store, string profile, FleetHistory history, ProgressBars bars, CancellationToken stop)
    {
        var count = default(AppendCount);
        long done = 0, all = Math.Max(1, history.RowCount);
        foreach (var asset in history.Assets)
            for (var from = 0; from < asset.Count; from += RowsPerAppend)
            {
                stop.ThrowIfCancellationRequested();
                var to = Math.Min(asset.Count, from + RowsPerAppend);
                count += await store.AppendAsync(profile, [Piece(asset, from, to)], stop);
                done += to - from;
                bars.Report($"{profile}: storing", done / (double)all);
            }
        return count;
    }

    /// <summary>Reads all that is known of a profile's fleet before a time.</summary>
    /// <exception cref="InputException">When the store has no rows of the profile.</exception>
    public static async Task<FleetRecord> ReadAsync(
        EmbeddedStore store, Profile profile, DateTimeOffset? until, ProgressBars bars, CancellationToken stop)
    {
        var extents = await store.History.ListAssetsAsync(profile.Name, stop);
        var metrics = await store.History.ListMetricsAsync(profile.Name, stop);
        var pieces = extents.ToDictionary(e => e.Asset, _ => new List<AssetRows>());
        long done = 0, all = Math.Max(1, extents.Sum(e => e.RowCount));
        await foreach (var piece in store.History.ReadAsync(new HistoryQuery { Profile = profile.Name, Metrics = metrics, To = until }, stop))
        {
            pieces[piece.Asset].Add(piece);
            bars.Report($"{profile.Name}: reading", (done += piece.Count) / (double)all);
        }
        bars.Report($"{profile.Name}: reading", 1);
        var assets = extents.Where(e => pieces[e.Asset].Count > 0).Select(e => Joined(e.Asset, metrics, pieces[e.Asset])).ToList();
        if (assets.Count == 0)
            throw new InputException("--profile", $"the store {store.Folder} has no history of '{profile.Name}'{(extents.Count > 0 ? " before --until" : "")}; import some: servimon import csv FILE --profile {profile.Name}");
        var query = new IntervalQuery { Profile = profile.Name, To = until };
        var fleet = new FleetRecord(
            new FleetHistory(metrics, assets),
            await store.Incidents.ListIncidentsAsync(query, stop).ToListAsync(stop), await store.Incidents.ListMaintenanceAsync(query, stop).ToListAsync(stop));
        return RuleIncidents.AddTo(fleet, ProfileInference.Complete(profile, metrics));
    }

    private static AssetRows Piece(AssetRows asset, int from, int to) => from == 0 && to == asset.Count
        ? asset
        : new AssetRows(asset.Asset, asset.Metrics, asset.Ticks[from..to], asset.Values[(from * asset.Metrics.Count)..(to * asset.Metrics.Count)]);

    private static AssetRows Joined(string asset, IReadOnlyList<string> metrics, List<AssetRows> pieces) => pieces.Count == 1
        ? pieces[0]
        : new AssetRows(asset, metrics, [.. pieces.SelectMany(p => p.Ticks)], [.. pieces.SelectMany(p => p.Values)]);
}
