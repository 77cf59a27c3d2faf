using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests;

/// <summary>The whole way in one service: history, training over gRPC or by schedule, a champion, samples pushed over gRPC, a probability on the board.</summary>
public sealed class TrainingToBoardTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MockCluster _cluster = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_trained_over_grpc_becomes_champion_and_gives_ready_predictions() => await RunAsync([], async channel =>
    {
        var models = new V1.ModelService.ModelServiceClient(channel);
        var run = (await models.StartTrainingAsync(new() { Profile = "slow-pump", Actor = "test" }, cancellationToken: Token)).Run;
        using var call = models.WatchTraining(new() { RunId = run.RunId }, cancellationToken: Token);
        await foreach (var change in call.ResponseStream.ReadAllAsync(Token)) run = change.Run;
        Assert.True(run is { State: V1.TrainingState.Succeeded, Promoted: true }, run.Message);
        var listed = (await models.ListModelsAsync(new() { Profile = "slow-pump" }, cancellationToken: Token)).Models;
        Assert.Equal((run.ModelId, V1.ModelState.Champion), (listed.Single().ModelId, listed.Single().State));
        await ReadyAsync(channel, run.ModelId);
    });

    [Fact]
    public async Task A_schedule_trains_inside_the_running_service() => await RunAsync([new RetrainingSchedule("here", "slow-pump", "* * * * * ?")], async channel =>
    {
        var models = new V1.ModelService.ModelServiceClient(channel);
        V1.TrainingRun? done = null;
        await UntilAsync(async () => (done = (await models.ListTrainingRunsAsync(new() { Profile = "slow-pump" }, cancellationToken: Token)).Runs
            .FirstOrDefault(r => r.State == V1.TrainingState.Succeeded)) is not null);
        Assert.Equal(("schedule", true), (done!.Actor, done.Promoted));
    });

    /// <summary>Pushes an hour of samples of a new pump and waits for its probability.</summary>
    private static async Task ReadyAsync(GrpcChannel channel, string model)
    {
        var start = RampFleet.Start.AddHours(24);
        var batch = new V1.SampleBatch { Profile = "slow-pump", Asset = "pump-99", Metrics = { "temperature", "flow" }, BaseTimeUnixNanos = start.ToUnixTimeSeconds() * 1_000_000_000 };
        for (var minute = 0; minute < 60; minute += 2)
            for (var metric = 0u; metric < 2; metric++)
            {
                batch.TimeOffsetNanos.Add(minute * 60_000_000_000L);
                batch.MetricIndex.Add(metric);
                batch.Value.Add(metric == 0 ? 41 : 7);
            }
        var predictions = new V1.PredictionService.PredictionServiceClient(channel);
        var samples = new V1.SampleService.SampleServiceClient(channel);
        V1.Prediction? seen = null;
        await UntilAsync(async () =>
        {
            // The champion is looked at from time to time; samples that are there already do no harm.
            await samples.PushSamplesAsync(new() { Batches = { batch } }, cancellationToken: Token);
            seen = (await predictions.ListPredictionsAsync(new() { AssetPrefix = "pump-99" }, cancellationToken: Token)).Predictions.FirstOrDefault();
            if (seen is { State: V1.PredictionState.Ready }) return true;
            batch.BaseTimeUnixNanos += 3_600_000_000_000;
            return false;
        });
        Assert.Equal(model, seen!.ModelId);
        Assert.Equal([600, 1800], seen.Probabilities.Select(p => p.Horizon.Seconds));
        Assert.All(seen.Probabilities, p => Assert.InRange(p.Probability, 0, 1));
    }

    private async Task RunAsync(RetrainingSchedule[] schedules, Func<GrpcChannel, Task> test)
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        await RampFleet.StoreAsync(store, "slow-pump", 6, (0, 24), Token);
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource<IReadOnlyList<string>>();
        var options = new ServiceOptions
        {
            Profiles = ["slow-pump"], Http = new ListenOptions("127.0.0.1", 0), Grpc = new ListenOptions("127.0.0.1", 0), LookEvery = TimeSpan.FromMilliseconds(200),
            Schedules = [.. schedules],
            Kafka = new KafkaOptions
            {
                Servers = _cluster.Servers, Topics = [new TopicOptions("pushed", "servimon")], SaveEvery = TimeSpan.FromMilliseconds(200), RetireAfter = TimeSpan.FromDays(36500),
            },
        };
        var running = PredictService.RunAsync(options, [RampFleet.Profiles["slow-pump"]], store, TimeProvider.System, NullLoggerFactory.Instance, listening.SetResult, stop.Token);
        await (await Task.WhenAny(listening.Task, running)).WaitAsync(TimeSpan.FromSeconds(60), Token);
        using (var channel = GrpcChannel.ForAddress((await listening.Task)[1])) await test(channel);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(120), CancellationToken.None);
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (await isDone()) return;
            await Task.Delay(100, Token);
        }
        Assert.Fail("not done after 120 s");
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _folder.Dispose();
    }
}
