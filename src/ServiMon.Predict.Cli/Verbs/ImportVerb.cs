using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon import csv|prometheus</c>: history, incidents and maintenance into the embedded store.</summary>
internal static class ImportVerb
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Samples, CSV (also .gz), wide or long", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<string?> Incidents = OptionKinds.OptionalPath("--incidents", "F", "Incidents, CSV: asset,start,end,kind");
    private static readonly Option<string?> Maintenance = OptionKinds.OptionalPath("--maintenance", "F", "Planned down times, CSV: asset,start,end,kind");
    private static readonly Option<bool> SkipBadRows = OptionKinds.Flag("--skip-bad-rows", "Count bad rows and go on");

    public static Command Create()
    {
        var csv = new Command("csv", "Import CSV files; an interrupted import is simply repeated and goes on where it was, and doing it again changes nothing")
        {
            Files, Profile, Incidents, Maintenance, SkipBadRows,
        };
        VerbRun.Bind(csv, RunAsync);
        return new Command("import", "Put history into the store") { csv, ImportPrometheusVerb.Create(), ImportCassandraVerb.Create() };
    }

    private static async Task RunAsync(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Required(Profile));
        var done = await run.WithProgress(bars => new CsvImport(run.Settings, profile, run.Value(SkipBadRows), bars, run.Stop)
            .RunAsync(run.Parsed.GetRequiredValue(Files), run.Value(Incidents), run.Value(Maintenance)));
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { Profile = profile.Name, Store = ChosenStore.Place(run.Settings), done.Assets, done.Rows, done.Incidents, done.Maintenance, done.Notes }));
            return;
        }
        foreach (var note in done.Notes) run.Out.WriteLine(note);
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile.Name}: {done.Assets} assets, {Count(done.Rows, "rows")}, {Count(done.Incidents, "incidents")}, {Count(done.Maintenance, "maintenance windows")} in {ChosenStore.Place(run.Settings)}"));
    }

    internal static string Count(AppendCount count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count.Added} new {what}{(count.Replaced > 0 ? $" ({count.Replaced} were there)" : "")}");
}
