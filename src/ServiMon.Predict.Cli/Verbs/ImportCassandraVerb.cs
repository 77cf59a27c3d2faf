using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon import cassandra</c>: history from a table of the user's, as a mapping in the configuration says (full build).</summary>
internal static class ImportCassandraVerb
{
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<DateTimeOffset?> From = OptionKinds.Time("--from", "First time");
    private static readonly Option<DateTimeOffset?> To = OptionKinds.Time("--to", "Last time, exclusive [default: now]");

    public static Command Create()
    {
        From.Required = true;
        var command = new Command("cassandra", "Import history from a Cassandra table of your own: cassandra.mapping in the configuration (full build)") { Profile, From, To };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Required(Profile));
        var (from, to) = (run.Value(From)!.Value, run.Value(To) ?? TimeProvider.System.GetUtcNow());
        if (from >= to) throw new InputException("--from", string.Create(CultureInfo.InvariantCulture, $"{from:u} is not before --to, {to:u}"));
        var (rows, assets) = await run.WithProgress(bars => CopyAsync(run, profile.Name, from, to, bars));
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Profile = profile.Name, rows.Added, rows.Replaced, Assets = assets }));
        else run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{profile.Name}: {rows.Added} rows of {assets} assets added, {rows.Replaced} were there already"));
    }

    /// <summary>What was copied stays when told to stop; doing it again changes nothing.</summary>
    private static async Task<(AppendCount Rows, int Assets)> CopyAsync(VerbRun run, string profile, DateTimeOffset from, DateTimeOffset to, ProgressBars bars)
    {
        var count = default(AppendCount);
        var assets = new HashSet<string>(StringComparer.Ordinal);
        IStore? store = null;
        try
        {
            await OptionalParts.CopyMappedAsync(run.Settings.Cassandra, from, to, async piece =>
            {
                // Opened when there is something to keep: wrong input leaves no store behind.
                store ??= await ChosenStore.OpenOrMakeAsync(run.Settings, run.Stop);
                count += await store.History.AppendAsync(profile, [piece], run.Stop);
                assets.Add(piece.Asset);
            }, (asset, share) => bars.Report($"{profile}: {asset}", share), run.Stop);
        }
        finally
        {
            store?.Dispose();
        }
        return (count, assets.Count);
    }
}
