using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon models list|show</c>: what is in the registry.</summary>
internal static class ModelsVerbs
{
    private static readonly Option<string?> Profile = OptionKinds.OptionalPath("--profile", "P", "Only models of this profile, by its name");
    private static readonly Argument<string> Id = new("ID") { Description = "The model's id, as models list prints it" };

    public static Command Create()
    {
        var list = new Command("list", "List models, newest first") { Profile };
        VerbRun.Bind(list, ListAsync);
        var show = new Command("show", "Show one model: where it comes from and how good it was") { Id };
        VerbRun.Bind(show, ShowAsync);
        return new Command("models", "Look into the registry") { list, show };
    }

    private static async Task ListAsync(VerbRun run)
    {
        using var store = StoreFolder.OpenExisting(run.Settings.StorePath);
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
        using var store = StoreFolder.OpenExisting(run.Settings.StorePath);
        var model = await store.Models.FindAsync(id, run.Stop);
        if (model is null)
        {
            var ids = (await store.Models.ListAsync(null, run.Stop)).Select(m => m.Id).ToList();
            throw new InputException("ID", $"there is no model '{id}' in {store.Folder}{NearestName.Suggest(id, ids)}");
        }
        var bundle = await BundleFiles.LoadAsync(store, id, run.Stop);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(Listed(model)));
        else
            run.Out.WriteLine($"{model.Id}: {Text(model.State)}, created {Time(model.Created)}, {model.Size} bytes, SHA-256 {model.Sha256}\n\n{bundle.Card}");
    }

    private static object Listed(ModelRecord m) => new
    {
        m.Id, m.Profile, State = Text(m.State), Created = Time(m.Created), m.Sha256, m.Size, Summary = JsonNode.Parse(m.SummaryJson),
    };

    private static string Text(ModelState state) => state.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
