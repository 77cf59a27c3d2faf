using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests;

/// <summary>The whole service in this process: Kafka in, answers over gRPC out.</summary>
public sealed class PredictServiceApiTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly MockCluster _cluster = new();
    private EmbeddedStore _store = null!;
    private RunningService _service = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private V1.PredictionService.PredictionServiceClient Predictions => new(_service.Channel);

    private V1.ModelService.ModelServiceClient Models => new(_service.Channel);

    public async ValueTask InitializeAsync()
    {
        _store = EmbeddedStore.Open(_folder.Path);
        _service = await RunningService.StartAsync(Options(0, 0), _store, new StandingClock());
    }

    [Fact]
    public async Task Assets_that_samples_were_produced_for_are_told_and_others_are_not_found()
    {
        Produce("broker-1", "broker-2");
        await UntilAsync(async () => (await Predictions.ListPredictionsAsync(new(), cancellationToken: Token)).Predictions.Count(p => p.Time.ToDateTimeOffset() >= LastStep) == 2);

        var listed = (await Predictions.ListPredictionsAsync(new() { Profile = "broker" }, cancellationToken: Token)).Predictions;
        Assert.Equal([("broker", "broker-1"), ("broker", "broker-2")], listed.Select(p => (p.Profile, p.Asset)));
        var got = (await Predictions.GetPredictionAsync(new() { Asset = "broker-2" }, cancellationToken: Token)).Prediction;
        Assert.Equal((V1.PredictionState.NoModel, LastStep), (got.State, got.Time.ToDateTimeOffset()));
        Assert.Equal(listed[1], got);

        var (code, reason, status) = await ApiHost.FailureOf(async () => await Predictions.GetPredictionAsync(new() { Asset = "broker-3" }, cancellationToken: Token));
        Assert.Equal((StatusCode.NotFound, "ASSET_NOT_FOUND"), (code, reason));
        Assert.Equal("there is no asset 'broker-3'; nearest: broker-1, broker-2", status.Message);

        var json = await _service.Http.GetFromJsonAsync<JsonElement>("/v1/profiles/broker/predictions/broker-1", Token);
        Assert.Equal("PREDICTION_STATE_NO_MODEL", json.GetProperty("prediction").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Training_on_demand_runs_and_tells_its_end()
    {
        var run = (await Models.StartTrainingAsync(new() { Profile = "broker", Actor = "test" }, cancellationToken: Token)).Run;
        using var call = Models.WatchTraining(new() { RunId = run.RunId }, cancellationToken: Token);
        var last = run;
        await foreach (var change in call.ResponseStream.ReadAllAsync(Token)) last = change.Run;
        Assert.Equal((V1.TrainingState.Failed, "profile: there is no history of 'broker' to train on"), (last.State, last.Message));
    }

    [Fact]
    public async Task Pushed_samples_go_the_way_of_all_samples()
    {
        var samples = new V1.SampleService.SampleServiceClient(_service.Channel);
        var request = new V1.PushSamplesRequest();
        foreach (var metric in new[] { "cpu", "requests_total", "queue" })
        {
            var series = new V1.LabelledSeries { Metric = metric, Labels = { ["instance"] = "broker-7" }, BaseTimeUnixNanos = LiveFleets.Start.ToUnixTimeSeconds() * 1_000_000_000 };
            for (var step = 0; step < 50; step++)
            {
                series.TimeOffsetNanos.Add(step * 2_000_000_000L);
                series.Value.Add(step);
            }
            request.Series.Add(series);
        }
        var response = await samples.PushSamplesAsync(request, cancellationToken: Token);
        Assert.Equal(150, response.AcceptedCount);
        await UntilAsync(async () => (await Predictions.ListPredictionsAsync(new() { AssetPrefix = "broker-7" }, cancellationToken: Token)).Predictions
            .Any(p => p.Time.ToDateTimeOffset() == LastStep));
        Assert.Contains("servimon_predict_samples_accepted_total 150", await _service.Http.GetStringAsync("/metrics", Token));

        // What is pushed twice counts once: of the six steps that are open still, 18 samples are there already, and the others come too late.
        Assert.Equal(150, (await samples.PushSamplesAsync(request, cancellationToken: Token)).AcceptedCount);
        await UntilAsync(async () => (await _service.Http.GetStringAsync("/metrics", Token)).Contains("servimon_predict_samples_dropped_total{reason=\"duplicate\"} 18", StringComparison.Ordinal));
        Assert.Contains("servimon_predict_samples_accepted_total 150", await _service.Http.GetStringAsync("/metrics", Token));

        var health = new Health.HealthClient(_service.Channel);
        foreach (var service in new[] { "", V1.PredictionService.Descriptor.FullName, V1.ModelService.Descriptor.FullName, V1.SampleService.Descriptor.FullName })
            await UntilAsync(async () => (await health.CheckAsync(new() { Service = service }, cancellationToken: Token)).Status == HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task Without_a_topic_for_them_pushed_samples_are_refused_and_health_says_so()
    {
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource<IReadOnlyList<string>>();
        var running = PredictService.RunAsync(Options(0, 0) with { Kafka = null, Schedules = [] }, [LiveFleets.Profile], store, new StandingClock(), NullLoggerFactory.Instance, listening.SetResult, stop.Token);
        using var channel = GrpcChannel.ForAddress((await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), Token))[1]);
        var (code, reason, status) = await ApiHost.FailureOf(async () => await new V1.SampleService.SampleServiceClient(channel).PushSamplesAsync(
            new() { Batches = { new V1.SampleBatch { Profile = "broker", Asset = "broker-1" } } }, cancellationToken: Token));
        Assert.Equal((StatusCode.FailedPrecondition, "PUSH_NOT_CONFIGURED"), (code, reason));
        Assert.Contains("kafka.topics", status.Message);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing,
            (await new Health.HealthClient(channel).CheckAsync(new() { Service = V1.SampleService.Descriptor.FullName }, cancellationToken: Token)).Status);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
    }

    [Fact]
    public async Task A_port_that_is_taken_and_a_schedule_that_cannot_be_kept_are_wrong_input()
    {
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        async Task<Problem> ProblemOf(ServiceOptions options) => Assert.Single((await Assert.ThrowsAsync<InputException>(() => PredictService.RunAsync(
            options, [LiveFleets.Profile], store, new StandingClock(), NullLoggerFactory.Instance, _ => { }, Token))).Problems);
        var (http, grpc) = (_service.Http.BaseAddress!.Port, new Uri($"http://{_service.Channel.Target}").Port);

        Assert.Equal("http.port", (await ProblemOf(Options(http, 0))).Where);
        Assert.Equal("grpc.port", (await ProblemOf(Options(0, grpc))).Where);
        Assert.Equal("here", (await ProblemOf(Options(0, 0) with { Schedules = [new RetrainingSchedule("here", "broken", "0 30 2 * * ?")] })).Where);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _store.Dispose();
        _cluster.Dispose();
        _folder.Dispose();
    }

    /// <summary>The last step that is closed when 50 samples have come, one every 2 s: it ends 10 s of lateness before the newest.</summary>
    private static DateTimeOffset LastStep => LiveFleets.Start.AddSeconds(86);

    private ServiceOptions Options(int http, int grpc) => new()
    {
        Profiles = ["broker"],
        Http = new ListenOptions("127.0.0.1", http),
        Grpc = new ListenOptions("127.0.0.1", grpc),
        Schedules = [new RetrainingSchedule("training.schedules.0", "broker", "0 0 0 1 1 ? 2099")],
        Kafka = new KafkaOptions { Servers = _cluster.Servers, Topics = [new TopicOptions("metrics", "prometheus-json"), new TopicOptions("pushed", "servimon")], RetireAfter = TimeSpan.FromDays(3650) },
    };

    private void Produce(params string[] assets)
    {
        for (var step = 0; step < 50; step++)
            foreach (var asset in assets)
                foreach (var metric in new[] { "cpu", "requests_total", "queue" }) _cluster.Produce("metrics", 0, LiveFleets.Json(asset, metric, 2 * step, step));
        _cluster.Flush();
    }

    /// <summary>Stands where the samples end, so that they are not stale; its timers run.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => LiveFleets.Start.AddSeconds(100);
    }

    private static async Task UntilAsync(Func<Task<bool>> isDone)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await isDone()) return;
            await Task.Delay(50, Token);
        }
        Assert.Fail("not done after 30 s");
    }
}
