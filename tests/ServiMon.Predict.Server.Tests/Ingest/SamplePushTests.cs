using System.Text;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Ingest;

namespace ServiMon.Predict.Server.Tests.Ingest;

public sealed class SamplePushTests : IDisposable
{
    private readonly MockCluster _cluster = new();

    private static V1.PushSamplesRequest Request(string asset = "rack-1/b-1") => new()
    {
        Batches =
        {
            new V1.SampleBatch
            {
                Profile = "broker", Asset = asset, Metrics = { "cpu" }, BaseTimeUnixNanos = LiveFleets.Start.ToUnixTimeSeconds() * 1_000_000_000, TimeOffsetNanos = { 0, 1 }, MetricIndex = { 0, 0 }, Value = { 1, double.NaN },
            },
        },
    };

    private static SamplePush Push(string servers, long mostWaiting = 1 << 20) => new(
        new KafkaOptions { Servers = servers, Topics = [new TopicOptions("pushed", "servimon")] }, new TopicOptions("pushed", "servimon"), new IngestBounds(),
        () => [LiveFleets.WithoutModel()], TimeProvider.System, mostWaiting);

    [Fact]
    public async Task What_is_acknowledged_is_on_the_topic_under_the_root_of_the_asset()
    {
        using var push = Push(_cluster.Servers);
        var receipt = await push.TakeAsync(Request(), TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (receipt.Accepted, receipt.Dropped["not_finite"]));
        Assert.Equal((1, 1, 0), (push.Taken, push.Dropped, push.Failed));
        var message = Assert.Single(_cluster.ReadAll("pushed"));
        Assert.Equal("rack-1", Encoding.UTF8.GetString(message.Key!));
        var batch = V1.SampleBatch.Parser.ParseFrom(message.Value);
        Assert.Equal(("rack-1/b-1", 1.0), (batch.Asset, batch.Value.Single()));
    }

    [Fact]
    public async Task A_full_queue_says_when_to_come_back()
    {
        using var push = Push("127.0.0.1:1", mostWaiting: 100);
        using var leave = new CancellationTokenSource();
        var waiting = push.TakeAsync(Request(), leave.Token);
        var thrown = await Assert.ThrowsAsync<OverloadException>(() => push.TakeAsync(Request(), TestContext.Current.CancellationToken));
        Assert.True(thrown.RetryAfter > TimeSpan.Zero);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Samples_that_no_broker_takes_are_not_acknowledged()
    {
        using var push = Push("127.0.0.1:1");
        await Assert.ThrowsAsync<BrokersDownException>(() => push.TakeAsync(Request(), TestContext.Current.CancellationToken));
        Assert.Equal((0, 0, 2), (push.Taken, push.Dropped, push.Failed));
    }

    public void Dispose() => _cluster.Dispose();
}
