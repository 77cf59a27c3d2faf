using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The service as a process: its configuration and what it answers.</summary>
public sealed class ServeVerbTests : IDisposable
{
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
    public void Ports_that_are_taken_are_told_by_key_and_nothing_is_written()
    {
        using TcpListener http = new(IPAddress.Loopback, 0), grpc = new(IPAddress.Loopback, 0);
        http.Start();
        grpc.Start();
        var (httpPort, grpcPort) = (((IPEndPoint)http.LocalEndpoint).Port, ((IPEndPoint)grpc.LocalEndpoint).Port);
        var config = Config("127.0.0.1:1", "taken", grpcPort, httpPort);
        var lines = Servimon.Run("serve", "--config", config).Expect(ExitCode.WrongInput).ErrorLines;
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"servimon: http.port: cannot listen on 127.0.0.1:{httpPort}: ", lines[0]);
        Assert.StartsWith($"servimon: grpc.port: cannot listen on 127.0.0.1:{grpcPort}: ", lines[1]);
        Assert.False(Directory.Exists(Path.Combine(_folder, "taken")));
        Servimon.Run("serve", "--check", "--config", config).Expect(ExitCode.Done);
    }

    [Fact]
    public void Stopped_it_leaves_its_group_so_that_the_next_one_need_not_wait_for_its_session_to_end()
    {
        // Whoever waited for the first one's session would wait for ten minutes, and no test does. The mock cluster lets members wait even then.
        RealCluster.SkipWithout();
        using var cluster = new RealCluster();
        var config = Config(cluster.Servers, cluster.Group("left"), session: TimeSpan.FromMinutes(10), topic: cluster.Topic("metrics"));
        for (var run = 0; run < 2; run++)
        {
            for (var step = 20 * run; step < 20 * (run + 1); step++) cluster.Produce("metrics", step % 4, Json("broker-1", "cpu", 2 * step, 50));
            cluster.Flush();
            using var service = Servimon.Running(new Dictionary<string, string>(), "serve", "--config", config);
            service.Until(() => Saved(cluster.Group("left")) == 20 * (run + 1), $"run {run} has not read everything");
            service.End(signal: 15).Expect(ExitCode.Done);
        }
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

    /// <summary>Sum of the saved offsets.</summary>
    private long Saved(string name)
    {
        var folder = Path.Combine(_folder, name);
        if (!File.Exists(Path.Combine(folder, EmbeddedStore.FileName))) return 0;
        using var store = EmbeddedStore.Open(folder);
        return store.Log.ReadStatesAsync($"live/{name}").ToBlockingEnumerable(CancellationToken.None)
            .Where(s => s.Key.StartsWith("offset/", StringComparison.Ordinal)).Sum(s => new StateReader(s.Body.Span).Long());
    }

    private string Config(string servers, string name, int grpcPort = 0, int httpPort = 0, TimeSpan? session = null, string topic = "metrics")
    {
        var profile = Path.Combine(_folder, "broker.yaml");
        File.WriteAllText(profile, BrokerProfile.Yaml);
        var file = Path.Combine(_folder, $"{name}.json");
        var milliseconds = (session ?? TimeSpan.FromSeconds(4)).TotalMilliseconds;
        File.WriteAllText(file, $$"""
            {
              "store": {"path": "{{Path.Combine(_folder, name)}}"}, "profiles": ["{{profile}}"], "http": {"port": {{httpPort}}}, "grpc": {"port": {{grpcPort}}},
              "kafka": {
                "servers": "{{servers}}", "group": "{{name}}", "save_every": "200ms", "retire_after": "3650d",
                "topics": [{"topic": "{{topic}}", "format": "prometheus-json"}],
                "settings": {"session.timeout.ms": "{{milliseconds}}", "max.poll.interval.ms": "{{Math.Max(300_000, milliseconds)}}", "heartbeat.interval.ms": "200"}
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
