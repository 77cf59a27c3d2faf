using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>
/// The service as a process that is killed (signal 9) again and again. <c>SERVIMON_KILLS</c> says how often, by default twice;
/// <c>SERVIMON_KILL_SEED</c> chooses other moments.
/// </summary>
public sealed class ServeKillTests : IDisposable
{
    private readonly TestCluster _cluster;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-kill-");

    public ServeKillTests() : this(new MockCluster()) { }

    private ServeKillTests(TestCluster cluster) => _cluster = cluster;

    [Fact]
    public Task Killed_at_random_moments_it_loses_no_sample_and_counts_none_twice() => KillAsync();

    [Fact]
    public async Task Killed_while_it_reads_a_real_Kafka_it_loses_no_sample_and_counts_none_twice()
    {
        RealCluster.SkipWithout();
        using var real = new ServeKillTests(new RealCluster());
        await real.KillAsync();
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task KillAsync()
    {
        var (kills, seed) = (Number("SERVIMON_KILLS", 2), Number("SERVIMON_KILL_SEED", 11));
        using var producing = new CancellationTokenSource();
        var producer = ProduceAsync(new Random(seed), producing.Token);
        for (var i = 0; i < kills; i++)
        {
            var moments = new Random(seed + i);
            using var service = Servimon.Running(new Dictionary<string, string>(), "serve", "--config", Config("killed"));
            // One in four dies while it starts, or before it is given partitions; the others some time after they have saved.
            var isEarly = moments.Next(4) == 0;
            var before = Saved("killed");
            if (!isEarly) service.Until(() => Saved("killed") > before, $"nothing was saved before kill {i + 1}");
            await Task.Delay(moments.Next(isEarly ? 5000 : 1500), CancellationToken.None);
            Assert.Equal(137, service.End(signal: 9).Code);
        }
        await producing.CancelAsync();
        var produced = await producer;
        _cluster.Flush();

        Drain("killed", produced);
        Drain("undisturbed", produced);
        Assert.Equal(await ContentAsync("undisturbed"), await ContentAsync("killed"));
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Two metrics of one asset a partition, until stopped.</summary>
    /// <returns>Messages produced.</returns>
    private async Task<long> ProduceAsync(Random random, CancellationToken stop)
    {
        var step = 0;
        for (; !stop.IsCancellationRequested; step++)
        {
            for (var asset = 0; asset < 4; asset++)
            {
                _cluster.Produce("metrics", asset, Json($"a{asset}", "cpu", 2 * step, 50 + 20 * random.NextDouble()));
                _cluster.Produce("metrics", asset, Json($"a{asset}", "requests_total", 2 * step, 100.0 * step));
            }
            await Task.Delay(20, CancellationToken.None);
        }
        return 8L * step;
    }

    /// <summary>Runs until everything that was produced is saved, and ends it as an operator does.</summary>
    private void Drain(string name, long messages)
    {
        var ended = Servimon.Signalled(15, () => Saved(name) == messages, "serve", "--config", Config(name));
        ended.Expect(0);
        Assert.True(Saved(name) == messages, $"{Saved(name)} of {messages} messages were saved\n{ended.Out}\n{ended.Error}");
    }

    /// <summary>Sum of the saved offsets.</summary>
    private long Saved(string name)
    {
        var folder = Path.Combine(_folder.FullName, name);
        if (!File.Exists(Path.Combine(folder, EmbeddedStore.FileName))) return 0;
        using var store = EmbeddedStore.Open(folder);
        return store.Log.ReadStatesAsync($"live/{_cluster.Group(name)}").ToBlockingEnumerable(CancellationToken.None)
            .Where(s => s.Key.StartsWith("offset/", StringComparison.Ordinal)).Sum(s => new StateReader(s.Body.Span).Long());
    }

    /// <summary>Offsets and the state of assets, and every row of history, as digests.</summary>
    private async Task<string> ContentAsync(string name)
    {
        using var store = EmbeddedStore.Open(Path.Combine(_folder.FullName, name));
        using var states = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rows = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (stateCount, rowCount) = (0, 0L);
        await foreach (var state in store.Log.ReadStatesAsync($"live/{_cluster.Group(name)}", TestContext.Current.CancellationToken))
        {
            stateCount++;
            states.AppendData(Encoding.UTF8.GetBytes(state.Key));
            states.AppendData(state.Body.Span);
        }
        // Pieces are as long as they were written: what counts is what they hold.
        foreach (var asset in await store.History.ListAssetsAsync("broker", TestContext.Current.CancellationToken))
        {
            rows.AppendData(Encoding.UTF8.GetBytes(asset.Asset));
            await foreach (var piece in store.History.ReadAsync(new HistoryQuery { Profile = "broker", Assets = [asset.Asset], Metrics = ["cpu", "requests_total"] }, TestContext.Current.CancellationToken))
                for (var row = 0; row < piece.Count; row++, rowCount++)
                {
                    rows.AppendData(BitConverter.GetBytes(piece.Ticks[row]));
                    rows.AppendData(MemoryMarshal.AsBytes(piece.Row(row)));
                }
        }
        return $"{stateCount} states {Convert.ToHexStringLower(states.GetHashAndReset())}, {rowCount} rows {Convert.ToHexStringLower(rows.GetHashAndReset())}";
    }

    private string Config(string name)
    {
        var profile = Path.Combine(_folder.FullName, "broker.yaml");
        if (!File.Exists(profile)) File.WriteAllText(profile, BrokerProfile.Yaml);
        var file = Path.Combine(_folder.FullName, $"{name}.json");
        File.WriteAllText(file, $$"""
            {
              "store": {"path": "{{Path.Combine(_folder.FullName, name)}}"}, "profiles": ["{{profile}}"], "http": {"port": 0}, "grpc": {"port": 0},
              "kafka": {
                "servers": "{{_cluster.Servers}}", "group": "{{_cluster.Group(name)}}", "save_every": "200ms", "retire_after": "3650d",
                "dead_letter_topic": "", "topics": [{"topic": "{{_cluster.Topic("metrics")}}", "format": "prometheus-json"}],
                "settings": {"session.timeout.ms": "{{_cluster.LeastSession.TotalMilliseconds}}", "heartbeat.interval.ms": "200"}
              }
            }
            """);
        return file;
    }

    private static byte[] Json(string instance, string metric, int seconds, double value)
    {
        var time = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp":"{{time}}","value":"{{value}}","name":"{{metric}}","labels":{"__name__":"{{metric}}","instance":"{{instance}}"} }"""));
    }
}
