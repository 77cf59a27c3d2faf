using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Cli.Terminal;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>A demo from start to end: service and broker, history, training, the live part, a summary; ended early by <c>--for</c> or by a signal.</summary>
internal sealed class DemoRun(VerbRun run, TimeProvider wall, TimeSpan? limit)
{
    /// <summary>How long the first table waits for the service to tell of every asset.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(3);

    private LiveBoard? _board;

    public async Task RunAsync(Func<VerbRun, CancellationToken, Task<DemoScript>> write)
    {
        using var timer = limit is { } span ? new CancellationTokenSource(span, wall) : new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, run.Stop);
        DemoScript? script = null;
        try
        {
            script = await write(run, either.Token);
            await PlayAsync(script, either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !run.Stop.IsCancellationRequested)
        {
            run.Note($"ended after {SpanText.Of(limit!.Value)}, as asked{(_board is null ? ", before the models were trained" : "")}");
        }
        finally
        {
            if (_board is not null) Summarise(script!, _board);
        }
    }

    private async Task PlayAsync(DemoScript script, CancellationToken stop)
    {
        using var folder = new DemoFolder(run.Value(GlobalOptions.Store));
        using var broker = new MockBroker();
        using var kept = new KeptLines();
        using var loggers = run.IsInteractive ? ServiceLoggers.To(kept) : ServiceLoggers.ToStandardError(LogLevel.Warning);
        var clock = new DemoClock(script.Origin);
        try
        {
            await using var service = await DemoService.StartAsync(script, folder.Store, broker, clock, loggers, run.Note, stop);
            var where = Where(script, service);
            run.Note(where[0]);
            if (run.Json) run.Out.WriteLine(JsonText.OneLine(new { Kind = "service", Http = service.HttpUrl, Grpc = service.GrpcUrl }));
            await service.DuringAsync(async ending =>
            {
                using var channel = GrpcChannel.ForAddress(service.GrpcUrl);
                var board = new LiveBoard(script, where);
                var producer = new SampleProducer(broker.Producer, script.Fleets.ToDictionary(f => f.Profile.Name, f => DemoService.TargetOf(f.Profile.Name)));
                var play = new DemoPlay(script, clock, producer, new IncidentReporter(new V1.IncidentService.IncidentServiceClient(channel), wall, run.Note), board, wall);
                await LearnAsync(script, folder, service, play, producer, ending);
                run.Note(where[1]);
                _board = board;
                using var heard = CancellationTokenSource.CreateLinkedTokenSource(ending);
                var following = board.FollowAsync(new V1.PredictionService.PredictionServiceClient(channel), clock, heard.Token);
                try
                {
                    // Where no asset has a past to get warm on, there is nothing to hear yet.
                    if (producer.MessageCount > 0) await Task.WhenAny(board.AllHeard, Task.Delay(FirstLook, wall, ending));
                    await new BoardScreen(run, wall).ShowAsync(board.View, play.PlayAsync(ending));
                }
                finally
                {
                    await heard.CancelAsync();
                    await following;
                }
            }, stop);
        }
        finally
        {
            foreach (var line in kept.Lines) Console.Error.WriteLine($"servimon: {line}");
        }
    }

    /// <summary>Stores the past, trains on it, puts the models to use, and lets the assets of the running service get warm.</summary>
    private Task LearnAsync(DemoScript script, DemoFolder folder, DemoService service, DemoPlay play, SampleProducer producer, CancellationToken stop) => run.WithProgress(async bars =>
    {
        await DemoTraining.StorePastAsync(folder.Store, script, bars, stop);
        var models = await DemoTraining.TrainAsync(folder.Store, script, run.Settings.Seed, bars, stop);
        foreach (var id in models) await folder.Store.Models.PromoteAsync(id, "demo", stop);
        await service.ScoresWithAsync(models, stop);
        play.SendPast(stop);
        await service.ReadAsync(producer.MessageCount, stop);
        return models;
    });

    private static string[] Where(DemoScript script, DemoService service)
    {
        var asset = script.Fleets[0].Live.History.Assets.Select(a => a.Asset).Order(StringComparer.Ordinal).First();
        var url = service.GrpcUrl == "http://127.0.0.1:5081" ? "" : $" --url {service.GrpcUrl}";
        return
        [
            $"look: {service.HttpUrl}/metrics (there too: /health, /v1/predictions) · gRPC {service.GrpcUrl}",
            $"ask, in another terminal: {OwnCommand.Text} predict --asset {asset} --watch{url}",
        ];
    }

    private void Summarise(DemoScript script, LiveBoard board)
    {
        if (run.Json) run.Out.WriteLine(BoardJson.Line("summary", board.View()));
        else
            foreach (var line in script.Summary(board)) run.Out.WriteLine(line);
    }
}
