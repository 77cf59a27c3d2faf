using System.Text;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>The consumer against librdkafka's mock cluster.</summary>
public sealed class MockKafkaIngestTests() : KafkaIngestContract(new MockCluster())
{
    /// <summary>The mock keeps only the newest megabytes of a partition.</summary>
    [Fact]
    public async Task Messages_that_brokers_deleted_before_they_were_read_are_counted()
    {
        const int count = 12_000;
        await SaveOffsetAsync(0);
        for (var i = 0; i < count; i++) Cluster.Produce("metrics", 0, new byte[1900]);
        Cluster.Flush();
        using var live = new LiveHarness(Cluster, Store("a"), Topic);
        await live.Until(() => live.Status.Messages + live.Status.Missed == count, "every message read or known to be gone");
        Assert.InRange(live.Status.Missed, 1, count - 1);
    }
}

/// <summary>What the consumer does, whatever brokers it reads from.</summary>
public abstract class KafkaIngestContract : IDisposable
{
    private protected static readonly TopicOptions Topic = new("metrics", "prometheus-json");

    private readonly TestCluster _cluster;
    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-ingest-").FullName;
    private readonly Dictionary<string, EmbeddedStore> _stores = [];

    private protected KafkaIngestContract(TestCluster cluster) => _cluster = cluster;

    private protected TestCluster Cluster => _cluster;

    [Fact]
    public async Task Samples_become_predictions_rows_and_log_lines()
    {
        var store = Store("a");
        Produce(0, 100, [0, 1], shuffle: false);
        using var live = new LiveHarness(_cluster, store, Topic);
        await live.Until(() => live.Fleet.Counts.Accepted == 600, "600 samples");
        await live.StopAsync();

        var log = await store.Log.ReadPredictionsAsync(new LogQuery { Profile = "broker" }, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        // The last ten seconds, and the half step before them, wait for later samples: six of 100 steps of each asset.
        Assert.Equal(188, log.Count);
        Assert.Equal(188, live.Fleet.Counts.Steps);
        Assert.Contains(log, p => p.State == Hazard.PredictionState.Ready && p.Basis == Hazard.PredictionBasis.Learned && p.Probabilities.Count == 2);
        var rows = await store.History.ListAssetsAsync("broker", TestContext.Current.CancellationToken);
        Assert.Equal([("a0", 94L), ("a1", 94L)], rows.Select(r => (r.Asset, r.RowCount)));
        Assert.Equal(0, live.Status.Scattered);
    }

    [Fact]
    public async Task What_is_malformed_is_put_aside_with_its_reason_and_stops_nothing()
    {
        _cluster.Produce("metrics", 0, Encoding.UTF8.GetBytes("not json"), "key"u8.ToArray());
        _cluster.Produce("metrics", 1, new byte[3000]);
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 0, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "unknown", 0, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 1e6, double.NaN));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 1, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 1, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 60, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 55, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 2, 1));
        _cluster.Produce("metrics", 1, LiveFleets.Json("a0", "cpu", 1e10, 1));
        _cluster.Flush();
        using var live = new LiveHarness(_cluster, Store("a"), Topic);
        await live.Until(() => live.Status.Messages == 11, "11 messages");
        await live.Until(() => live.Status.DeadLetters == 2, "2 dead letters");

        Assert.Equal([1, 1], new[] { live.Status.Faults(MessageFault.Syntax), live.Status.Faults(MessageFault.TooLarge) });
        var counts = live.Fleet.Counts;
        Assert.Equal(4, counts.Accepted);
        Assert.Equal(1, counts.OutOfOrder);
        foreach (var reason in new[] { DropReason.UnknownSeries, DropReason.NotFinite, DropReason.Duplicate, DropReason.Late, DropReason.Ahead })
            Assert.Equal(1, counts.Dropped(reason));
        var letters = _cluster.ReadAll("servimon-dead-letter");
        var first = letters.Single(l => l.Value.Length == 8);
        Assert.Equal("key", Encoding.UTF8.GetString(first.Key!));
        Assert.Equal([_cluster.Topic("metrics"), "0", "0", "prometheus-json", "syntax"], first.Headers.Select(h => Encoding.UTF8.GetString(h.GetValueBytes())));
        Assert.Equal("too_large", Encoding.UTF8.GetString(letters.Single(l => l.Value.Length == 3000).Headers.GetLastBytes("servimon-reason")));
    }

    [Fact]
    public async Task A_flood_of_another_format_is_put_aside_whole_and_said_in_few_lines()
    {
        for (var i = 0; i < 3000; i++)
        {
            _cluster.Produce("metrics", i % 4, Encoding.UTF8.GetBytes($"cpu,instance=a0 value={i} {i}"));
            if (i % 100 == 0) _cluster.Produce("metrics", 0, LiveFleets.Json("a0", "cpu", i / 50, 1));
        }
        _cluster.Flush();
        var lines = new KeptLines();
        // No more than 50 dead letters wait for the brokers: a flood is larger than any queue.
        using var live = new LiveHarness(_cluster, Store("a"), Topic, "g", lines, ("queue.buffering.max.messages", "50"));
        await live.Until(() => live.Status.DeadLetters == 3000, "all dead letters");
        await live.Until(() => live.Fleet.Counts.Accepted == 30, "all samples");
        Assert.Equal((0, 3000), (live.Status.LostDeadLetters, live.Status.Faults(MessageFault.Syntax)));
        // One a minute.
        Assert.InRange(lines.Count(l => l.Contains("put aside", StringComparison.Ordinal)), 1, 5);
    }

    [Fact]
    public async Task An_asset_that_comes_from_several_partitions_is_told_once()
    {
        for (var step = 0; step < 20; step++)
        {
            _cluster.Produce("metrics", step % 4, LiveFleets.Json("scattered", "cpu", 2 * step, 1));
            _cluster.Produce("metrics", 1, LiveFleets.Json("whole", "cpu", 2 * step, 1));
        }
        _cluster.Flush();
        var lines = new KeptLines();
        using var live = new LiveHarness(_cluster, Store("a"), Topic, "g", lines);
        await live.Until(() => live.Status.Messages == 40, "all messages");
        Assert.Equal(1, live.Status.Scattered);
        Assert.Contains("asset scattered comes from", Assert.Single(lines, l => l.Contains("comes from", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_format_brings_the_same_samples_to_the_same_predictions()
    {
        var random = new Random(3);
        var samples = Enumerable.Range(0, 50).SelectMany(step => new[]
        {
            (Metric: "cpu", Seconds: 2 * step, Value: Math.Round(50 + 20 * random.NextDouble(), 3)), ("requests_total", 2 * step, step * 100 + random.Next(10)), ("queue", 2 * step, random.Next(5)),
        }).ToList();
        var logs = new Dictionary<string, List<string>>();
        foreach (var format in SampleFormats.Names)
        {
            foreach (var (metric, seconds, value) in samples) _cluster.Produce(format, 2, SampleMessages.Of(format, "a", metric, seconds, value));
            _cluster.Flush();
            var store = Store(format);
            using var live = new LiveHarness(_cluster, store, new TopicOptions(format, format), $"group-{format}");
            await live.Until(() => live.Status.Messages == samples.Count, $"all messages of {format}");
            await live.StopAsync();
            Assert.Equal(samples.Count, live.Fleet.Counts.Accepted);
            logs[format] = await LogAsync(store);
        }
        Assert.Equal(44, logs[SampleFormats.Own].Count);
        foreach (var (format, log) in logs) Assert.True(logs[SampleFormats.Own].SequenceEqual(log), $"{format}: {log.FirstOrDefault()} ...");
    }

    [Fact]
    public async Task A_topic_that_was_made_anew_is_read_from_its_beginning()
    {
        await SaveOffsetAsync(5000);
        Produce(0, 100, [0], shuffle: false);
        using var live = new LiveHarness(_cluster, Store("a"), Topic);
        await live.Until(() => live.Fleet.Counts.Accepted == 300, "300 samples");
        Assert.Equal(0, live.Status.Missed);
        await live.StopAsync();
        Assert.Equal(300, await SavedOffsetAsync());
    }

    [Fact]
    public async Task Restarts_in_mid_stream_end_in_the_state_of_an_undisturbed_run()
    {
        Produce(0, 200, [0, 1], shuffle: true);
        var undisturbed = Store("undisturbed");
        using (var live = new LiveHarness(_cluster, undisturbed, Topic, "undisturbed"))
        {
            await live.Until(() => live.Status.Messages == 1200, "all messages");
            await live.StopAsync();
        }
        var broken = Store("broken");
        var abrupt = new AbruptStore(broken.Log);
        var read = 0L;
        for (var run = 0; read < 1200 && run < 40; run++)
        {
            // Runs end in turn as at SIGTERM and as at kill -9: nothing that is written after the moment of death arrives.
            abrupt.Revive();
            using var live = new LiveHarness(_cluster, abrupt, broken, Topic, "broken");
            var most = 50 + 97 * run;
            await live.Until(() => live.Status.Messages >= most || abrupt.NextOffsets() == 1200, "some messages");
            if (run % 2 == 0) abrupt.Die();
            await live.StopAsync();
            read = abrupt.NextOffsets();
        }
        Assert.Equal(1200, read);
        Assert.Equal(await LiveHarness.DigestAsync(undisturbed.Log, "undisturbed"), await LiveHarness.DigestAsync(broken.Log, "broken"));
        Assert.Equal(await LogAsync(undisturbed), await LogAsync(broken));
    }

    [Fact]
    public async Task Two_consumers_share_the_partitions_and_hand_assets_over_whole()
    {
        var alone = Store("alone");
        Produce(0, 100, [0, 1, 2, 3], shuffle: false);
        var shared = Store("shared");
        using var first = new LiveHarness(_cluster, shared, Topic);
        await first.Until(() => first.Status.Messages == 1200, "the first part");
        using var second = new LiveHarness(_cluster, shared, Topic);
        await second.Until(() => second.Fleet.Count == 2 && first.Fleet.Count == 2, "two assets each");
        Produce(100, 200, [0, 1, 2, 3], shuffle: false);
        await second.Until(() => first.Status.Messages + second.Status.Messages == 2400, "the second part");
        await first.StopAsync();
        await second.StopAsync();

        using var single = new LiveHarness(_cluster, alone, Topic, "alone");
        await single.Until(() => single.Status.Messages == 2400, "everything again");
        await single.StopAsync();
        Assert.Equal(await LiveHarness.DigestAsync(alone.Log, "alone"), await LiveHarness.DigestAsync(shared.Log, "g"));
    }

    [Fact]
    public async Task A_new_champion_answers_without_a_restart()
    {
        Produce(0, 50, [0], shuffle: false);
        using var live = new LiveHarness(_cluster, Store("a"), Topic);
        var key = new AssetKey("broker", "a0");
        await live.Until(() => live.Fleet.Board.TryGet(key, out var p) && p.ModelId == "broker-1", "a prediction");
        live.Use(LiveFleets.WithModel("broker-2", 0.3));
        Produce(50, 60, [0], shuffle: false);
        await live.Until(() => live.Fleet.Board.TryGet(key, out var p) && p.ModelId == "broker-2", "a prediction of the new model");
    }

    public void Dispose()
    {
        foreach (var store in _stores.Values) store.Dispose();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What a run before would have left of partition 0 in <see cref="Store"/> "a": no asset, and where to go on.</summary>
    private protected async Task SaveOffsetAsync(long next)
    {
        var store = Store("a");
        await new ScoringStates(store.Log, store.History, store.Incidents, "g")
            .SaveAsync(new Snapshot(new Dictionary<SourcePartition, long> { [First] = next }, [], [], [], []), TestContext.Current.CancellationToken);
    }

    private async Task<long> SavedOffsetAsync()
    {
        var store = Store("a");
        var saved = await new ScoringStates(store.Log, store.History, store.Incidents, "g").LoadAsync(new HashSet<SourcePartition> { First }, TestContext.Current.CancellationToken);
        return saved.Offsets[First];
    }

    private SourcePartition First => new(_cluster.Topic("metrics"), 0);

    private protected EmbeddedStore Store(string name)
    {
        if (_stores.TryGetValue(name, out var known)) return known;
        var store = EmbeddedStore.Open(Path.Combine(_folder, name));
        _stores.Add(name, store);
        return store;
    }

    /// <summary>Three metrics each two seconds for one asset a partition.</summary>
    private void Produce(int from, int to, int[] partitions, bool shuffle)
    {
        var random = new Random(7);
        var messages = new List<(double Due, int Partition, byte[] Body)>();
        for (var step = from; step < to; step++)
            foreach (var p in partitions)
            {
                Add("cpu", 50 + 20 * random.NextDouble());
                Add("requests_total", step * 100 + random.Next(10));
                Add("queue", random.Next(5));
                void Add(string metric, double value) =>
                    messages.Add((step * 2 + (shuffle ? 8 * random.NextDouble() : 0), p, LiveFleets.Json($"a{p}", metric, step * 2, value)));
            }
        foreach (var (_, partition, body) in messages.OrderBy(m => m.Due)) _cluster.Produce("metrics", partition, body);
        _cluster.Flush();
    }

    private static async Task<List<string>> LogAsync(EmbeddedStore store) =>
        [.. await store.Log.ReadPredictionsAsync(new LogQuery { Profile = "broker" }, TestContext.Current.CancellationToken)
            .Select(p => $"{p.Asset} {p.Time:O} {p.State} {p.EvidenceDigest} {string.Join(' ', p.Probabilities.Select(h => BitConverter.DoubleToInt64Bits(h.Probability)))}")
            .ToListAsync(TestContext.Current.CancellationToken)];
}
