using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using ServiMon.Predict.Cli.Demo;
using ServiMon.Predict.Cli.Terminal;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary><c>servimon predict</c>: asks a running service about an asset.</summary>
internal static class PredictVerb
{
    private const string DefaultUrl = "http://127.0.0.1:5081";

    /// <summary>A service that answers at all answers sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly Option<string> Asset = OptionKinds.RequiredPath("--asset", "A", "The asset, by its name");
    private static readonly Option<string?> Profile = OptionKinds.OptionalPath("--profile", "P", "Its profile, by its name; needed when several have such an asset");
    private static readonly Option<bool> Watch = OptionKinds.Flag("--watch", "Go on with every change until interrupted");
    private static readonly Option<string?> Url = OptionKinds.OptionalPath("--url", "U", $"Where the service speaks gRPC [default: {DefaultUrl}]");

    public static Command Create()
    {
        var command = new Command("predict", "Ask a running service about an asset") { Asset, Profile, Watch, Url };
        VerbRun.Bind(command, RunAsync);
        return command;
    }

    private static async Task RunAsync(VerbRun run)
    {
        var url = run.Value(Url) ?? DefaultUrl;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new InputException("--url", $"'{url}' is no address; expected one such as {DefaultUrl}");
        using var channel = GrpcChannel.ForAddress(address);
        var client = new V1.PredictionService.PredictionServiceClient(channel);
        try
        {
            var first = await AskAsync(run, client);
            if (run.Value(Watch)) await WatchAsync(run, client, first);
            else if (run.Json) run.Out.WriteLine(JsonText.Indented(Object(first)));
            else
                foreach (var line in Lines(first)) run.Out.WriteLine(line);
        }
        catch (RpcException e)
        {
            throw Translated(e, url, run.Stop);
        }
    }

    private static async Task<V1.Prediction> AskAsync(VerbRun run, V1.PredictionService.PredictionServiceClient client)
    {
        var request = new V1.GetPredictionRequest { Asset = run.Required(Asset), Profile = run.Value(Profile) ?? "" };
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + Patience;
        return (await client.GetPredictionAsync(request, deadline: deadline, cancellationToken: run.Stop)).Prediction;
    }

    private static async Task WatchAsync(VerbRun run, V1.PredictionService.PredictionServiceClient client, V1.Prediction first)
    {
        using var call = client.WatchPredictions(new V1.WatchPredictionsRequest { Profile = first.Profile, Assets = { first.Asset } }, cancellationToken: run.Stop);
        await foreach (var change in call.ResponseStream.ReadAllAsync(run.Stop))
        {
            if (change.Prediction is { } prediction) run.Out.WriteLine(run.Json ? JsonText.OneLine(Object(prediction)) : Line(prediction));
            else run.Out.WriteLine(run.Json ? JsonText.OneLine(new { change.Removed.Profile, change.Removed.Asset, State = "removed" }) : $"{change.Removed.Asset} is not predicted any more");
            await run.Out.FlushAsync(run.Stop);
        }
    }

    private static Exception Translated(RpcException e, string url, CancellationToken stop) => e.StatusCode switch
    {
        _ when stop.IsCancellationRequested => new OperationCanceledException(stop),
        StatusCode.NotFound => new InputException("--asset", e.Status.Detail),
        StatusCode.InvalidArgument => new InputException("--profile", e.Status.Detail),
        StatusCode.Unavailable => new IOException($"there is no service at {url}, or it does not answer; servimon serve starts one"),
        StatusCode.DeadlineExceeded => new IOException($"the service at {url} did not answer within {Patience.TotalSeconds} s"),
        _ => new IOException($"the service at {url} says {e.StatusCode}: {e.Status.Detail}"),
    };

    private static IEnumerable<string> Lines(V1.Prediction p)
    {
        yield return $"{p.Asset} ({p.Profile}): {State(p)}, at {Time(p)}{(p.ModelId.Length > 0 ? $", by {p.ModelId}" : "")}";
        foreach (var at in p.Probabilities) yield return $"  fails within {Span(at)}: {BoardTable.Percent(at.Probability)}";
        foreach (var driver in p.Drivers) yield return $"  {Reason(driver)}";
    }

    private static string Line(V1.Prediction p) => string.Join("  ",
    [
        Time(p), p.Asset, State(p), .. p.Probabilities.Select(at => $"{Span(at)} {BoardTable.Percent(at.Probability)}"), .. p.Drivers.Take(1).Select(Reason),
    ]);

    private static object Object(V1.Prediction p) => new
    {
        p.Profile, p.Asset, Time = Time(p), State = Word(p.State), Basis = p.Basis == V1.PredictionBasis.Unspecified ? null : Word(p.Basis),
        Probabilities = p.Probabilities.Select(at => new { Horizon = Span(at), at.Probability }), Drivers = p.Drivers.Select(d => new { d.Group, d.Share, d.Detail }), Model = p.ModelId,
    };

    private static string State(V1.Prediction p) =>
        Word(p.State).Replace('_', ' ') + (p.Basis == V1.PredictionBasis.Unspecified ? "" : $" ({Word(p.Basis)})");

    /// <summary>A state or basis as it is spelt everywhere: out_of_distribution.</summary>
    private static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Reason(V1.Driver d) =>
        string.Create(CultureInfo.InvariantCulture, $"{d.Group}{(d.Share > 0 ? $" {d.Share * 100:0} %" : "")}{(d.Detail.Length > 0 ? $": {d.Detail}" : "")}");

    private static string Span(V1.HorizonProbability at) => DurationText.Format(at.Horizon.ToTimeSpan());

    private static string Time(V1.Prediction p) => p.Time.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
