using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Statistics;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon models list|show|promote|rollback</c>: what is in the registry, and which of it is used.</summary>
internal static class ModelsVerbs
{
    private static readonly Option<string?> Profile = OptionKinds.OptionalPath("--profile", "P", "Only models of this profile, by its name");
    private static readonly Option<string> RolledBack = OptionKinds.RequiredPath("--profile", "P", "The profile, by its name");
    private static readonly Argument<string> Id = new("ID") { Description = "The model's id, as models list prints it" };

    /// <summary>Who changes champions, for the record.</summary>
    internal static string Actor => $"{Environment.UserName}@{Environment.MachineName}";

    public static Command Create()
    {
        var list = new Command("list", "List models, newest first") { Profile };
        VerbRun.Bind(list, ListAsync);
        var show = new Command("show", "Show one model: where it comes from and how good it was") { Id };
        VerbRun.Bind(show, ShowAsync);
        var promote = new Command("promote", "Make a model the champion of its profile; a running service takes it up without a restart") { Id };
        VerbRun.Bind(promote, PromoteAsync);
        var rollback = new Command("rollback", "Take the last promotion of a profile back") { RolledBack };
        VerbRun.Bind(rollback, RollbackAsync);
        return new Command("models", "Look into the registry and choose champions") { list, show, promote, rollback };
    }

    private static async Task ListAsync(VerbRun run)
    {
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var models = await store.Models.ListAsync(run.Value(Profile), run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(models.Select(Listed)));
        else if (models.Count == 0) run.Out.WriteLine("no models yet; servimon train makes one");
        else
            TextTable.Write(run, ["id", "profile", "state", "created", "bytes"], models.Select(m => new[]
            {
                m.Id, m.Profile, Text(m.State), Time(m.Created), m.Size.ToString(CultureInfo.InvariantCulture),
            }));
    }

    private static async Task ShowAsync(VerbRun run)
    {
        var id = run.Parsed.GetRequiredValue(Id);
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        var model = await FindAsync(store, id, run.Stop);
        var bundle = await store.Models.LoadBundleAsync(id, run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(Shown(model, bundle)));
        else
            run.Out.WriteLine($"{model.Id}: {Text(model.State)}, created {Time(model.Created)}, {model.Size} bytes, SHA-256 {model.Sha256}\n\n{bundle.Card}");
    }

    private static async Task PromoteAsync(VerbRun run)
    {
        var id = run.Parsed.GetRequiredValue(Id);
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        await FindAsync(store, id, run.Stop);
        // A bundle that cannot be loaded must not become champion.
        await store.Models.LoadBundleAsync(id, run.Stop);
        await ChangedAsync(run, store, "promote", await store.Models.PromoteAsync(id, Actor, run.Stop));
    }

    private static async Task RollbackAsync(VerbRun run)
    {
        using var store = await ChosenStore.OpenExistingAsync(run.Settings, run.Stop);
        ModelRecord champion;
        try
        {
            champion = await store.Models.RollbackAsync(run.Required(RolledBack), Actor, run.Stop);
        }
        catch (InputException e)
        {
            throw new InputException("--profile", e.Problems[0].What);
        }
        await ChangedAsync(run, store, "rollback", champion);
    }

    private static async Task ChangedAsync(VerbRun run, IStore store, string action, ModelRecord champion)
    {
        await store.Log.AppendAuditAsync(new AuditLine(TimeProvider.System.GetUtcNow(), Actor, action, champion.Id, ""), run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(Listed(champion)));
        else run.Out.WriteLine($"{champion.Id} is the champion of '{champion.Profile}'");
    }

    private static async Task<ModelRecord> FindAsync(IStore store, string id, CancellationToken stop)
    {
        if (await store.Models.FindAsync(id, stop) is { } model) return model;
        var ids = (await store.Models.ListAsync(null, stop)).Select(m => m.Id).ToList();
        throw new InputException("ID", $"there is no model '{id}' in {store.Place}{Spelling.Hint(id, ids)}");
    }

    private static object Listed(ModelRecord m) => new
    {
        m.Id, m.Profile, State = Text(m.State), Created = Time(m.Created), m.Sha256, m.Size, Summary = JsonNode.Parse(m.SummaryJson),
    };

    private static object Shown(ModelRecord m, ModelBundle bundle) => new
    {
        m.Id, m.Profile, State = Text(m.State), Created = Time(m.Created), m.Sha256, m.Size, Summary = JsonNode.Parse(m.SummaryJson),
        Metrics = bundle.Distributions is { } known ? known.Metrics.Select((name, i) => Distribution(name, known[i])) : [],
    };

    private static object Distribution(string metric, QuantileSketch sketch) => new
    {
        Metric = metric, Steps = sketch.Count,
        Quantiles = sketch.Count == 0 ? []
            : MetricDistributions.Levels.ToDictionary(l => l.ToString(CultureInfo.InvariantCulture), sketch.Quantile),
    };

    private static string Text(ModelState state) => state.ToString().ToLowerInvariant();

    internal static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
