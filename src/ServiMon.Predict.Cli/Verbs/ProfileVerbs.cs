using System.CommandLine;
using System.Globalization;
using System.Text;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage.Csv;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon profile init|check</c>: drafts a profile from data, or validates one.</summary>
internal static class ProfileVerbs
{
    private static readonly Option<string> Samples = OptionKinds.RequiredPath("--samples", "F", "Samples, CSV (also .gz)");
    private static readonly Option<string?> Out = OptionKinds.OptionalPath("--out", "F", "File to write [default: standard output]");
    private static readonly Argument<string> Checked = new("P") { Description = "Profile: a path, or a name in models/" };

    public static Command Create()
    {
        var init = new Command("init", "Draft a commented profile from data") { Samples, Out };
        VerbRun.Bind(init, InitAsync);
        var check = new Command("check", "Validate a profile, listing every error") { Checked };
        VerbRun.Bind(check, run =>
        {
            Check(run);
            return Task.CompletedTask;
        });
        return new Command("profile", "Draft or validate a profile") { init, check };
    }

    private static async Task InitAsync(VerbRun run)
    {
        var path = run.Required(Samples);
        var read = await run.WithProgress(bars => Task.FromResult(SampleFile.Read(path, null, bars.ForCsv(path), run.Stop)));
        var step = SampleLook.StepOf(read.History) ?? throw new InputException(path, "no asset has two rows: the step cannot be told");
        var draft = ProfileDraft.Write(SampleLook.NameOf(path), step, read.History.Metrics, SampleLook.StatisticsOf(read.History));
        if (run.Value(Out) is { } target) AtomicText.Write(target, draft);
        else if (!run.Json) run.Out.Write(draft);
        if (run.Json) run.Out.WriteLine(JsonText.Indented(new { Profile = SampleLook.NameOf(path), StepSeconds = step.TotalSeconds, Draft = draft }));
        else if (run.Value(Out) is { } written) run.Out.WriteLine($"drafted from {read.History.Metrics.Count} columns: {written}; check the guesses, then: servimon profile check {written}");
    }

    private static void Check(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Parsed.GetRequiredValue(Checked));
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { profile.Name, Ok = true, Horizons = profile.Horizons.Select(h => h.Text), Metrics = profile.Metrics.Length }));
            return;
        }
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ok: {profile.Name}, step {DurationText.Format(profile.Step)}, horizons {string.Join(" ", profile.Horizons.Select(h => h.Text))}, {profile.Metrics.Length} metrics{(profile.InferMetrics ? " and those inferred from the data" : "")}"));
    }
}
