using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The demo as a process: its broker and service inside it, asked from outside. Its temporary folder is this test's own.</summary>
public sealed class DemoVerbTests : IDisposable
{
    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("servimon-demo-tests-");

    private Dictionary<string, string> Environment => new() { ["TMPDIR"] = _temporary.FullName };

    [Fact]
    public void It_ends_when_asked_to_even_while_it_is_still_learning()
    {
        var ended = Servimon.RunIn(_temporary.FullName, Environment, "demo", "--for", "3s").Expect(ExitCode.Done);

        Assert.StartsWith("Training on 7 days of 42 simulated assets", ended.Out, StringComparison.Ordinal);
        Assert.Contains("ended after 3 s, as asked, before the models were trained", ended.Out, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Interrupted_it_ends_cleanly_after_answering_from_the_start()
    {
        Signals.SkipUnlessHeard(Signals.Interrupt);
        using var demo = Servimon.Running(Environment, "demo", "--json");
        var service = JsonDocument.Parse(demo.LineWith("\"kind\":\"service\"")).RootElement;
        using var http = new HttpClient();

        Assert.Contains("servimon_predict_assets", await http.GetStringAsync($"{service.GetProperty("http").GetString()}/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var ended = demo.End(Signals.Interrupt).Expect(ExitCode.Interrupted);

        Assert.Contains("stopped before the end", ended.Error, StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Recorded_runs_are_predicted_from_kafka_and_whoever_asks_is_answered_even_on_other_ports()
    {
        using var taken = Taken(5080);
        using var takenToo = Taken(5081);
        using var demo = Servimon.Running(Environment, "demo", "--recorded", "--json", "--for", "170s");
        var service = JsonDocument.Parse(demo.LineWith("\"kind\":\"service\"")).RootElement;
        var (web, grpc) = (service.GetProperty("http").GetString()!, service.GetProperty("grpc").GetString()!);
        Ended? asked = null;
        demo.Until(() => (asked = Servimon.Run("predict", "--asset", "kafka-run-07", "--url", grpc, "--json")).Code == ExitCode.Done && asked.Out.Contains("\"ready\"", StringComparison.Ordinal),
            "predict has not told of kafka-run-07 that it is ready");
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync($"{web}/metrics", TestContext.Current.CancellationToken);
        var health = await http.GetStringAsync($"{web}/health", TestContext.Current.CancellationToken);
        var json = await http.GetStringAsync($"{web}/v1/profiles/recorded-kafka/predictions/kafka-run-07", TestContext.Current.CancellationToken);
        var ended = demo.End().Expect(ExitCode.Done);
        var lines = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var boards = lines.Where(l => l.GetProperty("kind").GetString() == "board").ToList();

        Assert.StartsWith("Training on 14 Kafka runs (8 failed) and 13 Cassandra runs (8 failed); replayed: every third run in name order, 6 Kafka runs (5 failed) and 6 Cassandra runs (4 failed)", ended.Error, StringComparison.Ordinal);
        Assert.Contains("port 5080 is taken", ended.Error, StringComparison.Ordinal);
        Assert.Contains("port 5081 is taken", ended.Error, StringComparison.Ordinal);
        Assert.Contains($"predict --asset kafka-run-03 --watch --url {grpc}", ended.Error, StringComparison.Ordinal);
        Assert.Contains("servimon_predict_failure_probability_ratio{profile=\"recorded-kafka\",asset=\"kafka-run-07\",horizon=\"120s\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("servimon_predict_samples_dropped_total{reason=\"ahead\"} 0", metrics, StringComparison.Ordinal);
        Assert.Contains("\"serving\"", health, StringComparison.Ordinal);
        Assert.Contains("\"probabilities\"", json, StringComparison.Ordinal);
        Assert.Equal("summary", lines[^1].GetProperty("kind").GetString());
        Assert.Equal(12, lines[^1].GetProperty("assets").GetArrayLength());
        Assert.Equal(9, lines[^1].GetProperty("counts").GetProperty("incidents").GetInt32());
        Assert.All(boards, b => Assert.All(b.GetProperty("assets").EnumerateArray(), a =>
            Assert.Equal(a.GetProperty("state").GetString() == "ready", a.GetProperty("probability").EnumerateObject().Any())));
        AssertNothingIsLeft();
    }

    public void Dispose() => _temporary.Delete(recursive: true);

    private void AssertNothingIsLeft() => Assert.DoesNotContain(_temporary.GetFileSystemInfos(), f => f.Name.StartsWith("servimon", StringComparison.Ordinal));

    /// <summary>Takes a port, unless somebody else has it: taken it is either way.</summary>
    private static TcpListener? Taken(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
