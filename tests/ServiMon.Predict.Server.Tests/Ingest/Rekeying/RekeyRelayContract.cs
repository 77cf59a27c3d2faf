using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Rekeying;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest.Rekeying;

/// <summary>Against librdkafka's mock cluster.</summary>
public sealed class MockRekeyRelayTests() : RekeyRelayContract(new MockCluster());

/// <summary>Against a real Apache Kafka; skipped, with the reason, where there is none.</summary>
[Collection(nameof(RealCluster))]
public sealed class RealKafkaRekeyRelayTests() : RekeyRelayContract(RealKafkaIngestTests.Open());

/// <summary>What giving keys does, whatever brokers it reads from and produces to.</summary>
public abstract class RekeyRelayContract : IDisposable
{
    private const int Partitions = 4;
    private static readonly string[] Assets = ["rack-1/b-1", "rack-1/b-2", "rack-2/b-3"];

    private readonly TestCluster _cluster;
    private readonly TestFolder _folder = new();
    private readonly EmbeddedStore _store;

    private protected RekeyRelayContract(TestCluster cluster)
    {
        _cluster = cluster;
        _store = EmbeddedStore.Open(_folder.Path);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _cluster.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Samples_that_lie_in_all_partitions_come_out_under_their_asset_in_order_of_time()
    {
        // Partition by partition, as a backlog is read: each has every fourth sample of the whole time.
        Produce(0, 240);
        _cluster.Produce("raw", 1, "{\"no sample"u8.ToArray());
        _cluster.Flush();
        using (var relay = new Running(this, "a"))
        {
            await relay.UntilAsync(s => s.Samples == 240 * Assets.Length && s.Malformed == 1 && s.Lag == 0, "all samples have keys");
            Assert.True(relay.Status.IsActive);
        }
        Check(240);
        Assert.Equal("{\"no sample", Encoding.UTF8.GetString(Assert.Single(_cluster.ReadAll("servimon-dead-letter")).Value));

        // The next goes on where the first ended.
        Produce(240, 300);
        using (var relay = new Running(this, "b"))
            await relay.UntilAsync(s => s.Samples == 60 * Assets.Length && s.Lag == 0, "the new samples have keys");
        Check(300);
    }

    [Fact]
    public async Task One_instance_does_it_and_another_takes_over()
    {
        Produce(0, 40);
        using var second = new Running(this, "b", start: false);
        using (var first = new Running(this, "a"))
        {
            await first.UntilAsync(s => s.Samples == 40 * Assets.Length, "the first has done it");
            second.Start();
            await Task.Delay(TimeSpan.FromSeconds(1), Ct);
            Assert.False(second.Status.IsActive);
        }
        Produce(40, 80);
        await second.UntilAsync(s => s.Samples == 40 * Assets.Length, "the second goes on");
        Check(80);
    }

    [Fact]
    public async Task What_is_produced_twice_changes_nothing_that_is_scored()
    {
        Produce(0, 40);
        using (var first = new Running(this, "a")) await first.UntilAsync(s => s.Samples == 40 * Assets.Length, "all have keys");
        var once = await ScoredAsync("once", 1);
        // As a crash before the offsets were committed leaves it: all of it comes again.
        using (var second = new Running(this, "b", group: "h")) await second.UntilAsync(s => s.Samples == 40 * Assets.Length, "all have keys again");
        Assert.Equal(2 * 40 * Assets.Length, _cluster.ReadAll("keyed").Sum(m => V1.SampleBatch.Parser.ParseFrom(m.Value).Value.Count));
        var twice = await ScoredAsync("twice", 2);
        Assert.Equal(Assets.Length, once.Count);
        Assert.Equal(once, twice);
    }

    [Fact]
    public async Task A_service_scores_a_topic_without_keys_by_way_of_one_that_has_them()
    {
        Produce(0, 240);
        var options = new ServiceOptions
        {
            Http = new ListenOptions("127.0.0.1", 0), Grpc = new ListenOptions("127.0.0.1", 0), Kafka = Options, Profiles = ["broker"],
        };
        await using var service = await RunningService.StartAsync(options, _store);
        var text = "";
        for (var i = 0; i < 600 && !text.Contains($"servimon_predict_samples_accepted_total {240 * Assets.Length}\n", StringComparison.Ordinal); i++)
        {
            await Task.Delay(100, Ct);
            text = await service.Http.GetStringAsync("/metrics", Ct);
        }
        Assert.Contains($"servimon_predict_samples_accepted_total {240 * Assets.Length}\n", text);
        Assert.Contains("servimon_predict_samples_dropped_total{reason=\"late\"} 0\n", text);
        Assert.Contains("servimon_predict_scattered_assets_total 0\n", text);
        Assert.Contains($"servimon_predict_rekey_samples_total{{topic=\"{_cluster.Topic("raw")}\"}} {240 * Assets.Length}\n", text);
        Assert.Contains($"servimon_predict_rekey_active{{topic=\"{_cluster.Topic("raw")}\"}} 1\n", text);
    }

    private KafkaOptions Options => OptionsOf("g");

    private KafkaOptions OptionsOf(string group) => new()
    {
        Servers = _cluster.Servers, Group = _cluster.Group(group), DeadLetterTopic = _cluster.Topic("servimon-dead-letter"),
        Topics = [new TopicOptions(_cluster.Topic("raw"), "prometheus-json", RekeyTo: _cluster.Topic("keyed")), new TopicOptions(_cluster.Topic("keyed"), SampleFormats.Own)],
        Settings = new Dictionary<string, string> { ["session.timeout.ms"] = "6000", ["heartbeat.interval.ms"] = "200" }.ToImmutableDictionary(),
    };

    private void Produce(int from, int to)
    {
        for (var partition = 0; partition < Partitions; partition++)
            for (var second = from + partition; second < to; second += Partitions)
                foreach (var asset in Assets) _cluster.Produce("raw", partition, LiveFleets.Json(asset, "cpu", second, second));
        _cluster.Flush();
    }

    /// <summary>The rows that scoring the second topic leaves, by asset.</summary>
    private async Task<Dictionary<string, string>> ScoredAsync(string group, int times)
    {
        using var folder = new TestFolder();
        using var store = EmbeddedStore.Open(folder.Path);
        using (var live = new LiveHarness(_cluster, store, new TopicOptions("keyed", SampleFormats.Own), group))
        {
            var counts = live.Fleet.Counts;
            await live.Until(() => counts.Accepted + counts.Dropped(DropReason.Late) + counts.Dropped(DropReason.Duplicate) == times * 40 * Assets.Length, "all samples read");
            await live.StopAsync();
        }
        var rows = new Dictionary<string, string>();
        await foreach (var asset in store.History.ReadAsync(new HistoryQuery { Profile = "broker" }, Ct))
            rows[asset.Asset] = string.Join(' ', Enumerable.Range(0, asset.Count).SelectMany(i => asset.Row(i).ToArray().Prepend(asset.Ticks[i])));
        return rows;
    }

    /// <summary>Each sample is there once, in order, under the root of its asset.</summary>
    private void Check(int count)
    {
        var messages = _cluster.ReadAll("keyed").ConvertAll(m => (Key: Encoding.UTF8.GetString(m.Key!), Batch: V1.SampleBatch.Parser.ParseFrom(m.Value)));
        Assert.All(messages, m => Assert.Equal(m.Batch.Asset[..m.Batch.Asset.IndexOf('/')], m.Key));
        foreach (var asset in Assets)
            Assert.Equal(Enumerable.Range(0, count).Select(i => (double)i), messages.Where(m => m.Batch.Asset == asset).SelectMany(m => m.Batch.Value));
    }

    /// <summary>One instance.</summary>
    private sealed class Running : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly RekeyRelay _relay;
        private Task _running = Task.CompletedTask;

        public Running(RekeyRelayContract test, string instance, bool start = true, string group = "g")
        {
            var options = test.OptionsOf(group);
            _relay = new RekeyRelay(options, options.Topics[0], [LiveFleets.WithoutModel()], new IngestBounds(), test._store.Models, new IngestStatus(), Status, TimeProvider.System,
                NullLogger.Instance, instance);
            if (start) Start();
        }

        public RekeyStatus Status { get; } = new("raw");

        public void Start() => _running = _relay.RunAsync(_stop.Token);

        public async Task UntilAsync(Func<RekeyStatus, bool> condition, string what)
        {
            for (var i = 0; i < 600 && !condition(Status); i++) await Task.Delay(50, Ct);
            Assert.True(condition(Status), $"after 30 s not yet: {what}; {Status.Messages} messages, {Status.Samples} samples, lag {Status.Lag}");
        }

        public void Dispose()
        {
            _stop.Cancel();
            _running.Wait(CancellationToken.None);
            _stop.Dispose();
        }
    }
}
