using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Export;

/// <summary>What is exported of a store.</summary>
/// <param name="Assets">Null for all.</param>
/// <param name="From">First time, inclusive; null from the beginning.</param>
/// <param name="To">Last time, exclusive; null to the end.</param>
internal sealed record ExportRange(string Profile, IReadOnlyList<string>? Assets, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>Writes parts of a store as tables, row by row.</summary>
internal static class StoreTables
{
    private static readonly TableColumn[] IntervalColumns =
        [new("asset", ColumnKind.Text), new("start", ColumnKind.Time), new("end", ColumnKind.Time), new("kind", ColumnKind.Text)];

    private static readonly TableColumn[] PredictionColumns =
    [
        new("asset", ColumnKind.Text), new("time", ColumnKind.Time), new("horizon_seconds", ColumnKind.Number), new("probability", ColumnKind.Number),
        new("state", ColumnKind.Text), new("basis", ColumnKind.Text), new("model", ColumnKind.Text), new("given", ColumnKind.Time),
    ];

    /// <summary>Samples in the wide form, asset after asset.</summary>
    public static async Task<long> HistoryAsync(IStore store, ExportRange range, string path, IProgress<double> progress, CancellationToken stop)
    {
        var metrics = await store.History.ListMetricsAsync(range.Profile, stop);
        double all = Math.Max(1, (await store.History.ListAssetsAsync(range.Profile, stop)).Where(a => range.Assets?.Contains(a.Asset) != false).Sum(a => a.RowCount));
        await using var table = await Tables.CreateAsync(path, [new("time", ColumnKind.Time), new("asset", ColumnKind.Text), .. metrics.Select(m => new TableColumn(m, ColumnKind.Number))]);
        long rows = 0;
        var query = new HistoryQuery { Profile = range.Profile, Assets = range.Assets, From = range.From, To = range.To, Metrics = metrics };
        await foreach (var piece in store.History.ReadAsync(query, stop))
        {
            for (var row = 0; row < piece.Count; row++)
            {
                table.Time(piece.Ticks[row]);
                table.Text(piece.Asset);
                for (var m = 0; m < metrics.Count; m++) table.Number(piece.Row(row)[m]);
                await table.EndRowAsync(stop);
            }
            progress.Report((rows += piece.Count) / all);
        }
        await table.CommitAsync(stop);
        return rows;
    }

    public static Task<long> IncidentsAsync(IStore store, ExportRange range, string path, CancellationToken stop) => IntervalsAsync(
        store.Incidents.ListIncidentsAsync(IntervalsOf(range), stop).Select(i => (i.Asset, i.Start, i.End, i.Kind)), path, stop);

    public static Task<long> MaintenanceAsync(IStore store, ExportRange range, string path, CancellationToken stop) => IntervalsAsync(
        store.Incidents.ListMaintenanceAsync(IntervalsOf(range), stop).Select(i => (i.Asset, i.Start, i.End, i.Kind)), path, stop);

    /// <summary>Predictions as they were given, one row for each horizon; one without horizon where there was no probability.</summary>
    public static async Task<long> PredictionsAsync(IStore store, ExportRange range, string path, CancellationToken stop)
    {
        await using var table = await Tables.CreateAsync(path, PredictionColumns);
        long rows = 0;
        var query = new LogQuery { Profile = range.Profile, Assets = range.Assets, From = range.From, To = range.To };
        await foreach (var given in store.Log.ReadPredictionsAsync(query, stop))
            foreach (var (horizon, probability) in given.Probabilities.Count == 0 ? [default] : given.Probabilities)
            {
                table.Text(given.Asset);
                table.Time(given.Time.UtcTicks);
                table.Number(horizon == default ? double.NaN : horizon.TotalSeconds);
                table.Number(horizon == default ? double.NaN : probability);
                table.Text(given.State.Text());
                table.Text(given.Basis.Text());
                table.Text(given.ModelId);
                table.Time(given.Given.UtcTicks);
                await table.EndRowAsync(stop);
                rows++;
            }
        await table.CommitAsync(stop);
        return rows;
    }

    private static IntervalQuery IntervalsOf(ExportRange range) => new() { Profile = range.Profile, Assets = range.Assets, From = range.From, To = range.To };

    private static async Task<long> IntervalsAsync(
        IAsyncEnumerable<(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind)> intervals, string path, CancellationToken stop)
    {
        await using var table = await Tables.CreateAsync(path, IntervalColumns);
        long rows = 0;
        await foreach (var (asset, start, end, kind) in intervals)
        {
            table.Text(asset);
            table.Time(start.UtcTicks);
            table.Time(end?.UtcTicks);
            table.Text(kind);
            await table.EndRowAsync(stop);
            rows++;
        }
        await table.CommitAsync(stop);
        return rows;
    }
}
