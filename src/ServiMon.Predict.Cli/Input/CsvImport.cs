using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ServiMon.Predict.Cli.Configuration;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Input;

/// <summary>What an import did.</summary>
internal sealed record Imported(AppendCount Rows, AppendCount Incidents, AppendCount Maintenance, int Assets, IReadOnlyList<string> Notes);

/// <summary>CSV files into a store, with memory bounded by one piece of a file.</summary>
/// <remarks>
/// Files are read twice: first everything is judged, so that nothing is stored of bad ones; then stored piece by piece. The store remembers how far a
/// file got, so that an import that was interrupted goes on there.
/// </remarks>
internal sealed class CsvImport(Settings settings, Profile profile, bool skipBadRows, ProgressBars bars, CancellationToken stop)
{
    /// <summary>Lines in a piece: at 20 metrics 32 MB. Long enough that files in order of time fill blocks, assets being many.</summary>
    public const int ChunkRows = 200_000;

    /// <summary>Scope of what the store remembers of unfinished imports.</summary>
    private const string Scope = "import";

    private readonly List<string> _notes = [];
    private readonly DistinctRows _distinct = new();

    public async Task<Imported> RunAsync(IReadOnlyList<string> samples, string? incidents, string? maintenance)
    {
        var problems = new InputProblems();
        var assets = new HashSet<string>();
        foreach (var path in samples)
            if (problems.Try(() => Judge(path)) is { } totals) assets.UnionWith(totals.Assets);
        var known = assets.ToHashSet();
        if (ChosenStore.MayExist(settings))
            using (var there = await ChosenStore.OpenExistingAsync(settings, stop))
                known.UnionWith((await there.History.ListAssetsAsync(profile.Name, stop)).Select(a => a.Asset));
        IntervalReadOptions Options(string file) => new()
        {
            KnownAssets = assets.Count > 0 ? known : null, Composite = profile.Composite, SkipBadRows = skipBadRows,
            OnSkipped = counts => _notes.Add(FleetFiles.Skipped(file, counts)),
        };
        var failed = incidents is { } file ? problems.Try(() => IncidentFile.Read(file, Options(file), stop)) : [];
        var planned = maintenance is { } windows ? problems.Try(() => MaintenanceFile.Read(windows, Options(windows), stop)) : [];
        problems.ThrowIfAny();

        using var store = await ChosenStore.OpenOrMakeAsync(settings, stop);
        var rows = default(AppendCount);
        foreach (var path in samples) rows += await StoreAsync(store, path);
        // What an earlier piece had added was not there before.
        if (_distinct.Count is { } distinct) rows = rows with { Replaced = distinct - rows.Added };
        return new Imported(
            rows, await store.Incidents.AddIncidentsAsync(profile.Name, failed!, stop),
            await store.Incidents.AddMaintenanceAsync(profile.Name, planned!, stop), assets.Count, _notes);
    }

    /// <summary>Reads a file to its end and keeps nothing.</summary>
    private SampleTotals Judge(string path)
    {
        var totals = new SampleTotals();
        foreach (var chunk in SampleFile.ReadChunks(path, ReadOptions, ChunkRows, totals, bars.ForCsv(path), stop))
        {
            stop.ThrowIfCancellationRequested();
            _distinct.LookAt(chunk);
        }
        if (totals.Skipped.Count > 0) _notes.Add(FleetFiles.Skipped(path, totals.Skipped));
        if (totals.InfiniteCount > 0) _notes.Add($"{path}: {totals.InfiniteCount} infinite values count as missing");
        return totals;
    }

    private async Task<AppendCount> StoreAsync(IStore store, string path)
    {
        var key = KeyOf(path);
        var done = await store.Log.FindStateAsync(Scope, key, stop) is { } state ? long.Parse(Encoding.ASCII.GetString(state.Body.Span), CultureInfo.InvariantCulture) : 0;
        if (done > 0) _notes.Add(string.Create(CultureInfo.InvariantCulture, $"{path}: goes on after {done} lines that an interrupted import had stored"));
        var count = default(AppendCount);
        var totals = new SampleTotals();
        var receiver = bars.For<CsvProgress>(p => ($"storing {Path.GetFileName(path)}", p.BytesTotal > 0 ? p.BytesRead / (double)p.BytesTotal : 1));
        foreach (var chunk in SampleFile.ReadChunks(path, ReadOptions, ChunkRows, totals, receiver, stop))
        {
            if (totals.RowCount <= done) continue;
            count += await store.History.AppendAsync(profile.Name, chunk, stop);
            _distinct.Add(chunk);
            // Rows first: repeating a piece changes nothing, leaving one out would.
            await store.Log.PutStatesAsync(Scope, [new StateSnapshot(key, Encoding.ASCII.GetBytes(totals.RowCount.ToString(CultureInfo.InvariantCulture)))], stop);
        }
        await store.Log.DeleteStatesAsync(Scope, [key], stop);
        return count;
    }

    private SampleReadOptions ReadOptions => new() { SkipBadRows = skipBadRows, Identity = profile.Identity };

    /// <summary>The same file, not changed since, read in the same way.</summary>
    private string KeyOf(string path)
    {
        var file = new FileInfo(path);
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n{profile.Name}\n{string.Join('/', profile.Identity)}\n{skipBadRows}\n{ChunkRows}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
