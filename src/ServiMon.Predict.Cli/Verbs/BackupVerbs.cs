using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Configuration;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon backup</c>, <c>restore</c> and <c>retain</c>: copies of the embedded store, and what is no longer kept in it.</summary>
internal static class BackupVerbs
{
    private static readonly Option<string> To = OptionKinds.RequiredPath("--to", "DIR", "Folder of the backup, which must not be there yet");
    private static readonly Option<string> From = OptionKinds.RequiredPath("--from", "DIR", "Folder of a backup");
    private static readonly Option<string?> Profile = OptionKinds.OptionalPath("--profile", "P", "The profile whose data are removed, by its name");
    private static readonly Option<TimeSpan?> History = OptionKinds.Span("--history", "Keep samples of this long, such as 400d");
    private static readonly Option<TimeSpan?> Predictions = OptionKinds.Span("--predictions", "Keep predictions and their outcomes of this long");

    private static readonly Option<int?> Models = OptionKinds.WholeNumber("--models", "Keep this many of the newest models beside the champion and challengers", 0, 10_000);

    public static Command Backup()
    {
        var backup = new Command("backup", "Copy the whole store as of one moment, while it is in use") { To };
        VerbRun.Bind(backup, async run =>
        {
            using var store = StoreFolder.OpenExisting(EmbeddedFolder(run));
            Print(run, await store.BackupAsync(run.Required(To), run.Stop));
        });
        return backup;
    }

    public static Command Restore()
    {
        var restore = new Command("restore", "Check a backup and put it in the place of --store, which must not hold a store") { From };
        VerbRun.Bind(restore, run =>
        {
            Print(run, EmbeddedBackup.Restore(run.Required(From), EmbeddedFolder(run)));
            return Task.CompletedTask;
        });
        return restore;
    }

    public static Command Retain()
    {
        var retain = new Command("retain", "Remove what is not to be kept from the store, while it is in use; incidents and the audit trail stay")
        {
            Profile, History, Predictions, Models,
        };
        VerbRun.Bind(retain, RetainAsync);
        return retain;
    }

    private static async Task RetainAsync(VerbRun run)
    {
        if (run.Value(Profile) is not { } profile) throw new InputException("--profile", "is missing: the name of the profile whose data are removed");
        var limits = new RetentionLimits(run.Value(History), run.Value(Predictions), run.Value(Models));
        if (!limits.IsAny) throw new InputException("--history", "none of --history, --predictions and --models says how much is kept");
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var removed = await store.RetainAsync(profile, limits, TimeProvider.System.GetUtcNow(), ModelsVerbs.Actor, run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Profile = profile, removed.Rows, removed.Predictions, removed.Models }));
        else run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{profile}: {removed.Rows} rows, {removed.Predictions} predictions and {removed.Models} models removed; their room is used again"));
    }

    /// <exception cref="InputException">The settings choose other stores, which have ways of their own.</exception>
    private static string EmbeddedFolder(VerbRun run) => run.Settings.StoreKind == StoreKind.Embedded
        ? run.Settings.StorePath
        : throw new InputException("store.kind", "is cassandra, and backup and restore copy the embedded store; snapshots of Cassandra: docs/formats/cassandra-store.md");

    private static void Print(VerbRun run, BackupReport report)
    {
        if (run.Json) run.Out.WriteLine(JsonText.Indented(report));
        else run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Folder}: {report.Bytes} bytes, {report.ModelCount} models"));
    }
}
