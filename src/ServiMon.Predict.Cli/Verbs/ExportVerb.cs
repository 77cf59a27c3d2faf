using System.CommandLine;
using ServiMon.Predict.Cli.Export;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon export</c>: history, incidents, maintenance or predictions of a profile to CSV or Parquet.</summary>
internal static class ExportVerb
{
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<string> Output = OptionKinds.RequiredPath("--output", "FILE", "What is written: .csv, .csv.gz or .parquet");
    private static readonly Option<DateTimeOffset?> From = OptionKinds.Time("--from", "First time, inclusive");
    private static readonly Option<DateTimeOffset?> To = OptionKinds.Time("--to", "Last time, exclusive");
    private static readonly Option<string[]> Assets = new("--asset") { HelpName = "A", Description = "Only this asset; repeatable" };

    public static Command Create() => new("export", "Write parts of the store to CSV or Parquet, with bounded memory; the file appears when it is whole")
    {
        Verb("history", "Samples in the wide form: time,asset,<metric>…", (store, range, path, bars, stop) =>
            StoreTables.HistoryAsync(store, range, path, bars.For<double>(share => ($"{range.Profile}: writing", share)), stop)),
        Verb("incidents", "asset,start,end,kind", (store, range, path, _, stop) => StoreTables.IncidentsAsync(store, range, path, stop)),
        Verb("maintenance", "asset,start,end,kind", (store, range, path, _, stop) => StoreTables.MaintenanceAsync(store, range, path, stop)),
        Verb("predictions", "Predictions as they were given: asset,time,horizon_seconds,probability,state,basis,model,given",
            (store, range, path, _, stop) => StoreTables.PredictionsAsync(store, range, path, stop)),
    };

    private static Command Verb(string name, string description, Func<IStore, ExportRange, string, ProgressBars, CancellationToken, Task<long>> write)
    {
        var command = new Command(name, description) { Profile, Output, From, To, Assets };
        VerbRun.Bind(command, async run =>
        {
            var profile = ProfileFiles.Read(run.Required(Profile)).Name;
            var path = run.Required(Output);
            using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
            if (run.Value(From) >= run.Value(To)) throw new InputException("--to", "is not after --from");
            var range = new ExportRange(profile, run.Value(Assets) is { Length: > 0 } assets ? assets : null, run.Value(From), run.Value(To));
            await CheckAssetsAsync(store, range, run.Stop);
            var rows = await run.WithProgress(bars => write(store, range, path, bars, run.Stop));
            if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Profile = profile, What = name, File = path, Rows = rows }));
            else run.Out.WriteLine($"{path}: {Counted.Of(rows, "row")} of {name} of {profile}");
        });
        return command;
    }

    private static async Task CheckAssetsAsync(IStore store, ExportRange range, CancellationToken stop)
    {
        var known = (await store.History.ListAssetsAsync(range.Profile, stop)).Select(a => a.Asset).ToList();
        var unknown = (range.Assets ?? []).Except(known).ToList();
        if (unknown.Count > 0) throw new InputException([.. unknown.Select(a => new Problem("--asset", $"there is no asset '{a}' of '{range.Profile}'{Spelling.Hint(a, known)}"))]);
    }
}
