using Grpc.Core;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>The whole service on a real Apache Kafka: samples pushed over gRPC come back through the topic.</summary>
[Collection(nameof(RealCluster))]
public sealed class RealKafkaServiceTests : IAsyncLifetime
{
    private readonly RealCluster _cluster = RealKafkaIngestTests.Open();
    private readonly TestFolder _folder = new();
    private EmbeddedStore _store = null!;
    private RunningService _service = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = EmbeddedStore.Open(_folder.Path);
        var options = new ServiceOptions
        {
            Profiles = ["broker"],
            Http = new ListenOptions("127.0.0.1", 0),
            Grpc = new ListenOptions("127.0.0.1", 0),
            Kafka = new KafkaOptions
            {
                Servers = _cluster.Servers, Group = _cluster.Group("service"), Topics = [new TopicOptions(_cluster.Topic("pushed"), SampleFormats.Own)],
                DeadLetterTopic = _cluster.Topic("dead"), RetireAfter = TimeSpan.FromDays(3650), SaveEvery = TimeSpan.FromMilliseconds(200),
            },
        };
        _service = await RunningService.StartAsync(options, _store);
    }

    [Fact]
    public async Task Pushed_samples_are_scored_once()
    {
        for (var step = 0; step < 50; step += 10) Assert.Equal(30, (await PushAsync(step, 10)).AcceptedCount);
        await UntilAsync("servimon_predict_samples_accepted_total 150");
        await UntilAsync("servimon_predict_steps_scored_total 44");
    }

    [Fact]
    public async Task What_is_acknowledged_while_the_broker_is_restarted_counts_once()
    {
        Assert.SkipUnless(RealCluster.CanRestart, "the broker cannot be restarted: set SERVIMON_KAFKA_RESTART to a command that does it, or run Docker");
        await PushAsync(0, 1);
        await UntilAsync("servimon_predict_samples_accepted_total 3");
        var restarting = RealCluster.RestartAsync();
        var step = 1;
        for (; !restarting.IsCompleted || step < 50; step++)
            while (true)
                try
                {
                    await PushAsync(step, 1);
                    break;
                }
                catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded)
                {
                    // Not acknowledged: pushed again.
                    await Task.Delay(100, Token);
                }
        await restarting;
        await UntilAsync($"servimon_predict_samples_accepted_total {3 * step}");
        await UntilAsync($"servimon_predict_steps_scored_total {step - 6}");
        await UntilAsync("servimon_predict_ingest_up 1");
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _store.Dispose();
        _cluster.Dispose();
        _folder.Dispose();
    }

    private async Task<V1.PushSamplesResponse> PushAsync(int from, int count)
    {
        var batch = new V1.SampleBatch { Profile = "broker", Asset = "b-1", BaseTimeUnixNanos = LiveFleets.Start.ToUnixTimeSeconds() * 1_000_000_000, Metrics = { "cpu", "requests_total", "queue" } };
        for (var step = from; step < from + count; step++)
            for (var metric = 0u; metric < 3; metric++)
            {
                batch.TimeOffsetNanos.Add(step * 2_000_000_000L);
                batch.MetricIndex.Add(metric);
                batch.Value.Add(step);
            }
        return await new V1.SampleService.SampleServiceClient(_service.Channel).PushSamplesAsync(new V1.PushSamplesRequest { Batches = { batch } }, cancellationToken: Token);
    }

    private async Task UntilAsync(string part)
    {
        var text = "";
        for (var i = 0; i < 600; i++)
        {
            text = await _service.Http.GetStringAsync("/metrics", Token);
            if (text.Contains($"{part}\n", StringComparison.Ordinal)) return;
            await Task.Delay(50, Token);
        }
        Assert.Fail($"after 30 s not yet '{part}' but: {text}");
    }
}
