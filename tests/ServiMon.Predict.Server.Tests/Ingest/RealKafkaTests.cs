using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>The consumer against a real Apache Kafka; skipped, with the reason, where there is none.</summary>
[Collection(nameof(RealCluster))]
public sealed class RealKafkaIngestTests() : KafkaIngestContract(Open())
{
    internal static RealCluster Open()
    {
        RealCluster.SkipWithout();
        return new RealCluster();
    }
}

/// <summary>What only a real Apache Kafka does: forget groups, remove old messages, be restarted with what it had.</summary>
[Collection(nameof(RealCluster))]
public sealed class RealKafkaTests : IDisposable
{
    private static readonly TopicOptions Topic = new("metrics", "prometheus-json");

    private readonly RealCluster _cluster = RealKafkaIngestTests.Open();
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task A_group_that_the_brokers_forgot_goes_on_where_its_state_is()
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        await ReadAsync(store, 0, 50);
        await _cluster.ForgetAsync("g");
        var live = await ReadAsync(store, 50, 60);
        Assert.Equal((30, 30), (live.Status.Messages, live.Fleet.Counts.Accepted));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(180)]
    public async Task What_the_group_is_said_to_have_read_changes_nothing(long next)
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        await ReadAsync(store, 0, 50);
        _cluster.Commit("g", "metrics", 0, next);
        var live = await ReadAsync(store, 50, 60);
        Assert.Equal((30, 30), (live.Status.Messages, live.Fleet.Counts.Accepted));
    }

    [Fact]
    public async Task Messages_that_were_removed_before_they_were_read_are_counted()
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        await ReadAsync(store, 0, 50);
        Produce(50, 100);
        await _cluster.RemoveBeforeAsync("metrics", 0, 240);
        using var live = new LiveHarness(_cluster, store, Topic);
        await live.Until(() => live.Status.Messages == 60, "what was left");
        Assert.Equal(90, live.Status.Missed);
        Assert.Equal(60, live.Fleet.Counts.Accepted);
    }

    [Fact]
    public async Task A_topic_that_was_made_anew_is_read_from_its_beginning()
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        await ReadAsync(store, 0, 50);
        await _cluster.MakeAnewAsync("metrics");
        var live = await ReadAsync(store, 50, 60);
        Assert.Equal((30, 30, 0), (live.Status.Messages, live.Fleet.Counts.Accepted, live.Status.Missed));
        live = await ReadAsync(store, 60, 70);
        Assert.Equal((30, 30), (live.Status.Messages, live.Fleet.Counts.Accepted));
    }

    [Fact]
    public async Task A_topic_that_is_made_later_is_read_then()
    {
        using var store = EmbeddedStore.Open(_folder.Path);
        var lines = new KeptLines();
        using var live = new LiveHarness(_cluster, store, Topic with { Topic = _cluster.NameOf("metrics") }, "g", lines);
        await live.Until(() => lines.Any(l => l.Contains(_cluster.NameOf("metrics"), StringComparison.Ordinal)), "said that there is no such topic");
        Assert.False(live.Status.IsConnected);
        Produce(0, 10);
        await live.Until(() => live.Status.Messages == 30, "what was produced");
        Assert.Single(lines, l => l.Contains("not available", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_broker_that_is_restarted_is_read_on_and_nothing_counts_twice()
    {
        Assert.SkipUnless(RealCluster.CanRestart, "the broker cannot be restarted: set SERVIMON_KAFKA_RESTART to a command that does it, or run Docker");
        using var store = EmbeddedStore.Open(_folder.Path);
        using var live = new LiveHarness(_cluster, store, Topic);
        Produce(0, 50);
        await live.Until(() => live.Status.Messages == 150, "the first part");
        await RealCluster.RestartAsync();
        Produce(50, 60);
        await live.Until(() => live.Status.Messages == 180 && live.Status.IsConnected, "the second part");
        await live.StopAsync();
        Assert.Equal(180, live.Fleet.Counts.Accepted);
        Assert.Equal(54, live.Fleet.Counts.Steps);
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _folder.Dispose();
    }

    /// <summary>Produces steps and reads until they have come.</summary>
    private async Task<LiveHarness> ReadAsync(EmbeddedStore store, int from, int to)
    {
        Produce(from, to);
        using var live = new LiveHarness(_cluster, store, Topic);
        await live.Until(() => live.Status.Messages == 3 * (to - from), "all messages");
        await live.StopAsync();
        return live;
    }

    private void Produce(int from, int to)
    {
        for (var step = from; step < to; step++)
            foreach (var metric in new[] { "cpu", "requests_total", "queue" }) _cluster.Produce("metrics", 0, LiveFleets.Json("a", metric, 2 * step, step));
        _cluster.Flush();
    }
}
