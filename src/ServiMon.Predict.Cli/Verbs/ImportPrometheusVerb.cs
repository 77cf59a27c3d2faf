using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Server.Import;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon import prometheus</c>: the history that a Prometheus has of a profile's metrics.</summary>
internal static class ImportPrometheusVerb
{
    private static readonly Option<string> Url = OptionKinds.RequiredPath("--url", "U", "Address of the Prometheus, such as http://localhost:9090");
    private static readonly Option<string> Profile = OptionKinds.RequiredPath("--profile", "P", "Profile: a path, or a name in models/");
    private static readonly Option<TimeSpan?> Since = OptionKinds.Span("--since", "How far back to begin, such as 30d [default: 30d]");
    private static readonly Option<DateTimeOffset?> From = OptionKinds.Time("--from", "First time, instead of --since");
    private static readonly Option<DateTimeOffset?> To = OptionKinds.Time("--to", "Last time [default: now]");
    private static readonly Option<double?> Rate = OptionKinds.PositiveNumber("--rate", "N", "Requests a second at most [default: 10]");
    private static readonly Option<string?> TokenFile = OptionKinds.OptionalPath("--token-file", "FILE", "A file with the bearer token to send");
    private static readonly Option<bool> Again = OptionKinds.Flag("--again", "Ask for what was imported before, too");

    public static Command Create()
    {
        var command = new Command("prometheus", "Import from a Prometheus; the same import again goes on where it was, after an interruption or a day later")
        {
            Url, Profile, Since, From, To, Rate, TokenFile, Again,
        };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var profile = ProfileFiles.Read(run.Required(Profile));
        if (!Uri.TryCreate(run.Required(Url), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new InputException("--url", $"'{run.Required(Url)}' is no address; write it like http://localhost:9090");
        var to = run.Value(To) ?? TimeProvider.System.GetUtcNow();
        var from = run.Value(From) ?? to - (run.Value(Since) ?? TimeSpan.FromDays(30));
        if (from >= to) throw new InputException("--from", "is not before --to");
        var options = new PrometheusOptions { Url = url, Token = Token(run.Value(TokenFile)), RequestsPerSecond = run.Value(Rate) is { } rate ? Math.Min(rate, 1000) : 10 };
        using var store = await ChosenStore.OpenOrMakeAsync(run.Settings, run.Stop);
        var import = new PrometheusImport(store.History, store.Log, options, TimeProvider.System, run.Settings.Seed);
        var done = await run.WithProgress(bars => import.RunAsync(
            profile, from, to, run.Value(Again), bars.For<double>(share => ($"{profile.Name}: from Prometheus", share)), run.Stop));
        if (run.Json)
        {
            run.Out.WriteLine(JsonText.Indented(new { Profile = profile.Name, Store = store.Place, Assets = done.AssetCount, done.Rows, Values = done.ValueCount, done.From, done.To, Retries = done.RetryCount, done.Notes }));
            return;
        }
        foreach (var note in done.Notes) run.Out.WriteLine(note);
        run.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{profile.Name}: {Counted.Of(done.AssetCount, "asset")}, {ImportVerb.Count(done.Rows, "rows")}, {Counted.Of(done.ValueCount, "value")} in {store.Place}"));
    }

    private static string? Token(string? file)
    {
        if (file is null) return null;
        if (!File.Exists(file)) throw new InputException("--token-file", $"{file}: no such file");
        return File.ReadAllText(file).Trim();
    }
}
