using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Input;

/// <summary>A fleet into the store.</summary>
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

    private static AssetRows Piece(AssetRows asset, int from, int to) => from == 0 && to == asset.Count
        ? asset
        : new AssetRows(asset.Asset, asset.Metrics, asset.Ticks[from..to], asset.Values[(from * asset.Metrics.Count)..(to * asset.Metrics.Count)]);
}
