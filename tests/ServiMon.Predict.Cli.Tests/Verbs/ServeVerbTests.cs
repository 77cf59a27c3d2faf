using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ServiMon.Predict.Server.Tests.Ingest;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The service as a process: its configuration and what it answers.</summary>
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
