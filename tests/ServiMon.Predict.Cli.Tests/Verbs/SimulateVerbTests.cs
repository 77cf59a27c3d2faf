using System.Text.Json;
using ServiMon.Predict.Server.Tests.Ingest;

namespace ServiMon.Predict.Cli.Verbs;

public sealed class SimulateVerbTests(SmallFleet small) : IClassFixture<SmallFleet>
{
    [Fact]
    public void Each_kind_has_its_folder_and_one_seed_gives_the_same_bytes()
    {
        foreach (var (name, seed) in new[] { ("one", "4"), ("again", "4"), ("other", "5") })
            Servimon.Run("simulate", "--fleet", "observatory", "--days", "0.1", "--assets", "1", "--seed", seed, "--out", small.At(name)).Expect(ExitCode.Done);

        Assert.Equal(["cassandra-node", "host", "kafka-broker", "telescope-drive"], Directory.EnumerateDirectories(small.At("one")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in new[] { "samples.csv", "incidents.csv", "maintenance.csv", "truth.csv" })
            Assert.Equal(File.ReadAllText(small.At(Path.Combine("one", "host", file))), File.ReadAllText(small.At(Path.Combine("again", "host", file))));
        Assert.NotEqual(File.ReadAllText(small.At(Path.Combine("one", "host", "samples.csv"))), File.ReadAllText(small.At(Path.Combine("other", "host", "samples.csv"))));
        Assert.Equal("asset,time,horizon_seconds,probability", File.ReadLines(small.At(Path.Combine("one", "host", "truth.csv"))).First());
    }

    [Fact]
    public void An_unknown_fleet_lists_those_there_are_and_writes_nothing()
    {
        var target = small.At("unknown");
        var ended = Servimon.Run("simulate", "--fleet", "navy", "--days", "1", "--out", target).Expect(ExitCode.WrongInput);

        Assert.Equal("servimon: --fleet: 'navy' is not one of observatory, no-precursor, brokers, drives, telescopes", ended.ErrorLines[0]);
        Assert.False(Path.Exists(target));
    }

    [Fact]
    public void Files_need_a_length_and_a_folder_and_kafka_needs_a_broker_and_a_topic_for_each_kind()
    {
        Assert.Equal(
            [
                "servimon: --days: is missing; give a length in days, or --kafka for a fleet that lives on",
                "servimon: --out: is missing; give a folder, or --kafka to produce to Kafka",
                "servimon: --topic: means something with --kafka only",
            ],
            Servimon.Run("simulate", "--fleet", "brokers", "--topic", "t").Expect(ExitCode.WrongInput).ErrorLines[..3]);
        Assert.StartsWith("servimon: --bootstrap: is missing", Servimon.Run("simulate", "--fleet", "brokers", "--kafka").Expect(ExitCode.WrongInput).ErrorLines[0], StringComparison.Ordinal);
        Assert.StartsWith("servimon: --topic: 't' is for several kinds of assets",
            Servimon.Run("simulate", "--fleet", "observatory", "--kafka", "--bootstrap", "127.0.0.1:1", "--topic", "t").Expect(ExitCode.WrongInput).ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void On_kafka_each_kind_has_its_topic_and_no_time_lies_ahead()
    {
        using var cluster = new MockCluster();
        var ended = Servimon.Run("simulate", "--fleet", "observatory", "--assets", "1", "--kafka", "--bootstrap", cluster.Servers, "--days", "0.02", "--speed", "1000", "--for", "5s", "--json").Expect(ExitCode.Done);
        var messages = cluster.ReadAll("telemetry.host");
        var counts = JsonDocument.Parse(ended.Out).RootElement;

        Assert.InRange(counts.GetProperty("steps").GetInt32(), 28, 30);
        Assert.Equal(0, counts.GetProperty("lost").GetInt32());
        Assert.All(messages, m => Assert.Equal("dc-1/host-1", System.Text.Encoding.UTF8.GetString(m.Key!)));
        Assert.All(messages, m => Assert.True(JsonDocument.Parse(m.Value).RootElement.GetProperty("timestamp").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow()));
        Assert.True(messages.Count > 28, $"{messages.Count} messages");
    }

    [Fact]
    public void A_broker_that_is_not_there_is_told_and_what_was_not_taken_is_a_failure()
    {
        var ended = Servimon.Run("simulate", "--fleet", "brokers", "--assets", "1", "--kafka", "--bootstrap", "127.0.0.1:1", "--for", "1s").Expect(ExitCode.Failed);

        Assert.Contains("no broker answers at 127.0.0.1:1", ended.Error, StringComparison.Ordinal);
        Assert.Contains("messages were not taken", ended.Error, StringComparison.Ordinal);
    }
}
