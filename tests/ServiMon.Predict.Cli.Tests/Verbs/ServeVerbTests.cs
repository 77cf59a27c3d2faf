using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The service as a process: its configuration, its end by SIGTERM and by kill -9.</summary>
public sealed class ServeVerbTests : IDisposable
{
    private const string Profile = """
        profile: broker
        step: 2s
        horizons: [30s, 60s]
        lateness: 10s
        identity: [instance]
        metrics:
          cpu: {kind: gauge, group: pressure, limit: 100}
          requests_total: {kind: counter, group: throughput}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-serve-").FullName;

    [Fact]
    public void Check_says_that_a_configuration_is_valid_and_writes_nothing()
    {
        var ended = Servimon.Run("serve", "--check", "--config", Config("127.0.0.1:1", "store"), "--store", Path.Combine(_folder, "store")).Expect(0);
        Assert.Contains("broker", ended.Out);
        Assert.False(Directory.Exists(Path.Combine(_folder, "store")));
    }

    [Fact]
    public void Everything_that_is_wrong_is_listed()
    {
        var config = Path.Combine(_folder, "bad.json");
        File.WriteAllText(config, """{"profiles": ["no-such"], "kafka": {"servers": "", "topics": [{"topic": "m", "format": "xml"}]}, "http": {"port": "x"}}""");
        var ended = Servimon.Run("serve", "--config", config).Expect(2);
        Assert.Equal(3, ended.ErrorLines.Length);
        Assert.All(ended.ErrorLines, line => Assert.StartsWith($"servimon: {config}: ", line));

        File.WriteAllText(config, """{"profiles": ["no-such"]}""");
        Assert.Contains("'no-such' is neither a file nor a profile", Assert.Single(Servimon.Run("serve", "--config", config).Expect(2).ErrorLines));
    }

    [Fact]
    public async Task Killed_at_random_moments_it_loses_no_sample_and_counts_none_twice()
    {
        // Two kills in the suite; SERVIMON_KILLS=20 for a longer run. The group takes some seconds to notice that a member died.
        var kills = int.Parse(Environment.GetEnvironmentVariable("SERVIMON_KILLS") ?? "2", CultureInfo.InvariantCulture);
        using var cluster = new MockCluster();
        var random = new Random(11);
        using var producing = new CancellationTokenSource();
        var produced = 0;
        var producer = Task.Run(async () =>
        {
            for (var step = 0; !producing.IsCancellationRequested; step++)
            {
                for (var asset = 0; asset < 4; asset++)
                {
                    cluster.Produce("metrics", asset, Json($"a{asset}", "cpu", 2 * step, 50 + 20 * random.NextDouble()));
                    cluster.Produce("metrics", asset, Json($"a{asset}", "requests_total", 2 * step, 100.0 * step));
                }
                produced += 8;
                await Task.Delay(10, CancellationToken.None);
            }
        }, CancellationToken.None);
        var moments = new Random(kills);
        for (var i = 0; i < kills; i++)
            Assert.NotEqual(0, Servimon.Killed(TimeSpan.FromMilliseconds(7000 + moments.Next(4000)), "serve", "--config", Config(cluster.Servers, "killed")).Code);
        await producing.CancelAsync();
        await producer;
        cluster.Flush();

        Drain(cluster.Servers, "killed", produced);
        Drain(cluster.Servers, "undisturbed", produced);
        Assert.Equal(await DigestAsync("undisturbed"), await DigestAsync("killed"));
    }

    [Fact]
    public void What_it_predicts_is_told_to_who_asks_over_grpc()
    {
        using var cluster = new MockCluster();
        for (var step = 0; step < 50; step++) cluster.Produce("metrics", 0, Json("broker-1", "cpu", 2 * step, 50));
        cluster.Flush();
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var url = $"http://127.0.0.1:{port}";
        Ended Ask(string asset) => Servimon.Run("predict", "--asset", asset, "--url", url);
        Ended? known = null, unknown = null;
        Servimon.Signalled(15, () =>
        {
            if ((known = Ask("broker-1")).Code == ExitCode.Done) unknown = Ask("broker-2");
            return unknown is not null;
        }, "serve", "--config", Config(cluster.Servers, "asked", port)).Expect(0);
        Assert.StartsWith("broker-1 (broker): ", known!.Out);
        Assert.Equal("servimon: --asset: there is no asset 'broker-2'; nearest: broker-1", unknown!.Expect(ExitCode.WrongInput).ErrorLines[0]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Runs until everything that was produced is saved, and ends it as an operator does.</summary>
    private void Drain(string servers, string name, long messages)
    {
        var ended = Servimon.Signalled(15, () => Saved(name) == messages, "serve", "--config", Config(servers, name));
        ended.Expect(0);
        Assert.True(Saved(name) == messages, $"{Saved(name)} of {messages} messages were saved\n{ended.Out}\n{ended.Error}");
    }

    private long Saved(string name)
    {
        var folder = Path.Combine(_folder, name);
        if (!File.Exists(Path.Combine(folder, EmbeddedStore.FileName))) return 0;
        using var store = EmbeddedStore.Open(folder);
        return store.Log.ReadStatesAsync($"live/{name}").ToBlockingEnumerable(CancellationToken.None)
            .Where(s => s.Key.StartsWith("offset/", StringComparison.Ordinal)).Sum(s => new StateReader(s.Body.Span).Long());
    }

    private async Task<string> DigestAsync(string name)
    {
        using var store = EmbeddedStore.Open(Path.Combine(_folder, name));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0;
        await foreach (var state in store.Log.ReadStatesAsync($"live/{name}", TestContext.Current.CancellationToken))
        {
            count++;
            hash.AppendData(Encoding.UTF8.GetBytes(state.Key));
            hash.AppendData(state.Body.Span);
        }
        var rows = await store.History.ListAssetsAsync("broker", TestContext.Current.CancellationToken);
        return $"{count} {Convert.ToHexStringLower(hash.GetHashAndReset())} {string.Join(' ', rows.Select(r => $"{r.Asset}:{r.RowCount}"))}";
    }

    private string Config(string servers, string name, int grpcPort = 0)
    {
        var profile = Path.Combine(_folder, "broker.yaml");
        File.WriteAllText(profile, Profile);
        var file = Path.Combine(_folder, $"{name}.json");
        File.WriteAllText(file, $$"""
            {
              "store": {"path": "{{Path.Combine(_folder, name)}}"}, "profiles": ["{{profile}}"], "http": {"port": 0}, "grpc": {"port": {{grpcPort}}},
              "kafka": {
                "servers": "{{servers}}", "group": "{{name}}", "save_every": "200ms", "retire_after": "3650d",
                "topics": [{"topic": "metrics", "format": "prometheus-json"}],
                "settings": {"session.timeout.ms": "4000", "heartbeat.interval.ms": "200"}
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
