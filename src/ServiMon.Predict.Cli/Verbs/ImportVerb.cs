using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon import csv</c>: history, incidents and maintenance into the embedded store.</summary>
internal static class ImportVerb
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Samples, CSV (also .gz), wide or long", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<string?> Incidents = OptionKinds.OptionalPath("--incidents", "F", "Incidents, CSV: asset,start,end,kind");
    private static readonly Option<string?> Maintenance = OptionKinds.OptionalPath("--maintenance", "F", "Planned down times, CSV: asset,start,end,kind");
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count bad rows and go on");

    public static Command Create()
    {
        var csv = new Command("csv", "Import CSV files; doing it again changes nothing, so that an interrupted import is simply repeated")
        {
            Files, Profile, Incidents, Maintenance, SkipBadRows,
        };
        VerbRun.Bind(csv, RunAsync);
        return new Command("import", "Put history into the store") { csv };
    }

    private sealed record Imported(AppendCount Rows, AppendCount Incidents, AppendCount Maintenance, int Assets, IReadOnlyList<string> Notes);

    private static async Task RunAsync(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Required(Profile));
        var done = await run.WithProgress(bars => ImportAsync(run, profile, bars));
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { Profile = profile.Name, Store = run.Settings.StorePath, done.Assets, done.Rows, done.Incidents, done.Maintenance, done.Notes }));
            return;
        }
        foreach (var note in done.Notes) run.Out.WriteLine(note);
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile.Name}: {done.Assets} assets, {Count(done.Rows, "rows")}, {Count(done.Incidents, "incidents")}, {Count(done.Maintenance, "maintenance windows")} in {run.Settings.StorePath}"));
    }

    private static string Count(AppendCount count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count.Added} new {what}{(count.Replaced > 0 ? $" ({count.Replaced} were there)" : "")}");

    /// <summary>Everything is read and judged before anything is stored.</summary>
    private static async Task<Imported> ImportAsync(VerbRun run, Profile profile, ProgressBars bars)
    {
        var paths = run.Parsed.GetRequiredValue(Files);
        var problems = new InputProblems();
        var assets = new HashSet<string>();
        SampleReadResult? only = null;
        foreach (var path in paths)
        {
            if (problems.Try(() => ReadSamples(run, profile, path, bars)) is not { } read) continue;
            assets.UnionWith(read.History.Assets.Select(a => a.Asset));
            if (paths.Length == 1) only = read;
        }
        var known = assets.ToHashSet();
        if (File.Exists(Path.Combine(run.Settings.StorePath, Storage.Embedded.EmbeddedStore.FileName)))
            using (var store = StoreFolder.OpenExisting(run.Settings.StorePath))
                known.UnionWith((await store.History.ListAssetsAsync(profile.Name, run.Stop)).Select(a => a.Asset));
        var notes = new List<string>();
        IntervalReadOptions Options(string file) => new()
        {
            KnownAssets = assets.Count > 0 ? known : null, Composite = profile.Composite, SkipBadRows = run.Value(SkipBadRows),
            OnSkipped = counts => notes.Add(FleetFiles.Skipped(file, counts)),
        };
        var incidents = run.Value(Incidents) is { } file ? problems.Try(() => IncidentFile.Read(file, Options(file), run.Stop)) : [];
        var maintenance = run.Value(Maintenance) is { } windows ? problems.Try(() => MaintenanceFile.Read(windows, Options(windows), run.Stop)) : [];
        problems.ThrowIfAny();

        using var target = StoreFolder.OpenOrMake(run.Settings.StorePath);
        var rows = default(AppendCount);
        foreach (var path in paths)
        {
            // Several files are read twice, so that only one of them is in memory at a time.
            var read = only ?? ReadSamples(run, profile, path, ProgressBars.None);
            if (read.SkippedCount > 0) notes.Add(FleetFiles.Skipped(path, read.Skipped));
            if (read.InfiniteCount > 0) notes.Add($"{path}: {read.InfiniteCount} infinite values count as missing");
            rows += await StoredFleet.AppendAsync(target.History, profile.Name, read.History, bars, run.Stop);
        }
        return new Imported(
            rows, await target.Incidents.AddIncidentsAsync(profile.Name, incidents!, run.Stop),
            await target.Incidents.AddMaintenanceAsync(profile.Name, maintenance!, run.Stop), assets.Count, notes);
    }

    private static SampleReadResult ReadSamples(VerbRun run, Profile profile, string path, ProgressBars bars) => SampleFile.Read(
        path, new SampleReadOptions { SkipBadRows = run.Value(SkipBadRows), Identity = profile.Identity }, bars.ForCsv(path), run.Stop);
}
