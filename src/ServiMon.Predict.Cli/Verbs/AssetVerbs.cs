using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon assets list|rename|retire|remove</c>: the assets that the store has history of.</summary>
internal static class AssetVerbs
{
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "The profile, by its name");
    private static readonly Option<bool> Merge = OptionKinds.Flag("--merge", "Add to an asset of the new name that is there already");
    private static readonly Option<DateTimeOffset?> At = OptionKinds.Time("--at", "From when on [default: right after the last row]");
    private static readonly Argument<string> Asset = new("ASSET") { Description = "The asset's name, as assets list prints it" };
    private static readonly Argument<string> Old = new("FROM") { Description = "The asset's name, as assets list prints it" };
    private static readonly Argument<string> New = new("TO") { Description = "The name that it gets" };

    public static Command Create()
    {
        var list = new Command("list", "List assets with first and last row") { Profile };
        VerbRun.Bind(list, ListAsync);
        var rename = new Command("rename", "Give an asset another name: history, incidents and maintenance; predictions stay as they were given") { Old, New, Profile, Merge };
        VerbRun.Bind(rename, RenameAsync);
        var retire = new Command("retire", "Take an asset out of service: not predicted any more, nor healthy; its past still trains") { Asset, Profile, At };
        VerbRun.Bind(retire, RetireAsync);
        var remove = new Command("remove", "Remove an asset with its history, incidents and maintenance") { Asset, Profile };
        VerbRun.Bind(remove, RemoveAsync);
        return new Command("assets", "List, rename, retire and remove assets of the store") { list, rename, retire, remove };
    }

    private static async Task ListAsync(VerbRun run)
    {
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var extents = await store.History.ListAssetsAsync(run.Required(Profile), run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(extents));
        else if (extents.Count == 0) run.Out.WriteLine($"no assets of '{run.Required(Profile)}' yet; servimon import csv brings some");
        else
            TextTable.Write(run, ["asset", "rows", "first", "last"], extents.Select(e => new[]
            {
                e.Asset, e.RowCount.ToString(CultureInfo.InvariantCulture), ModelsVerbs.Time(e.First), ModelsVerbs.Time(e.Last),
            }));
    }

    private static async Task RenameAsync(VerbRun run)
    {
        var (from, to, profile) = (run.Parsed.GetRequiredValue(Old), run.Parsed.GetRequiredValue(New), run.Required(Profile));
        if (string.IsNullOrWhiteSpace(to)) throw new InputException("TO", "is empty; name the asset");
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var change = await AssetNames.RenameAsync(store.History, store.Incidents, profile, from, to, run.Value(Merge), run.Stop);
        await ToldAsync(run, store, "rename", from, $"to {to}", change);
    }

    private static async Task RetireAsync(VerbRun run)
    {
        var (asset, profile) = (run.Parsed.GetRequiredValue(Asset), run.Required(Profile));
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var at = await AssetNames.RetireAsync(store.History, store.Incidents, profile, asset, run.Value(At), run.Stop);
        await store.Log.AppendAuditAsync(new AuditLine(TimeProvider.System.GetUtcNow(), ModelsVerbs.Actor, "retire", asset, profile), run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Asset = asset, Profile = profile, From = at }));
        else run.Out.WriteLine($"{asset} is retired from {ModelsVerbs.Time(at)} on");
    }

    private static async Task RemoveAsync(VerbRun run)
    {
        var (asset, profile) = (run.Parsed.GetRequiredValue(Asset), run.Required(Profile));
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        await ToldAsync(run, store, "remove", asset, $"of {profile}", await AssetNames.RemoveAsync(store.History, store.Incidents, profile, asset, run.Stop));
    }

    private static async Task ToldAsync(VerbRun run, IStore store, string action, string asset, string detail, AssetChange change)
    {
        await store.Log.AppendAuditAsync(new AuditLine(TimeProvider.System.GetUtcNow(), ModelsVerbs.Actor, action, asset, detail), run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Asset = asset, Action = action, change.Rows, change.Incidents, change.Maintenance }));
        else run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{asset}: {action} {detail}, {change.Rows} rows, {change.Incidents} incidents, {change.Maintenance} maintenance windows"));
    }
}
