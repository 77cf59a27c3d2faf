using System.Collections;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Tests.Configuration;

public sealed class ServiceOptionsReaderTests : IDisposable
{
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("servimon-options-").FullName, "servimon.json");

    [Fact]
    public void The_file_comes_first_and_the_environment_last()
    {
        var options = Read("""
            {
              "store": {"path": "elsewhere"}, // not the service's
              "profiles": ["host", "models/broker.yaml"],
              "kafka": {
                "servers": "a:9092,b:9092", "save_every": "10s", "settings": {"security.protocol": "ssl"},
                "topics": [{"topic": "m", "format": "influx", "time_unit": "ms"}, {"topic": "n", "format": "servimon", "profile": "host"}, {"topic": "o", "format": "otlp-proto", "rekey_to": "n"}]
              },
              "bounds": {"assets": 7}, "retention": {"history": "400d", "models": 20}, "grpc": {"address": "::1"},
              "training": {"schedules": [{"profile": "host", "cron": "0 30 2 * * ?"}, {"profile": "broker", "cron": "0 0 3 * * ?", "seed": 7, "keep_candidate": true}]}
            }
            """, ("SERVIMON__KAFKA__SAVE_EVERY", "1s"), ("SERVIMON__HTTP__PORT", "0"), ("SERVIMON__STORE__PATH", "x"), ("OTHER", "y"));

        Assert.Equal(["host", "models/broker.yaml"], options.Profiles);
        Assert.Equal(TimeSpan.FromSeconds(1), options.Kafka!.SaveEvery);
        Assert.Equal("ssl", options.Kafka.Settings["security.protocol"]);
        Assert.Equal([("m", "influx", null, TimeUnit.Milliseconds), ("n", "servimon", "host", (TimeUnit?)null), ("o", "otlp-proto", null, null)],
            options.Kafka.Topics.Select(t => (t.Topic, t.Format, t.Profile, t.Unit)));
        Assert.Equal(["m", "n"], options.Kafka.Scored.Select(t => t.Topic));
        Assert.Equal("n", Assert.Single(options.Kafka.Rekeyed).RekeyTo);
        Assert.Equal(new ListenOptions("127.0.0.1", 0), options.Http);
        Assert.Equal(new ListenOptions("::1", 5081), options.Grpc);
        Assert.Equal([new("training.schedules.0", "host", "0 30 2 * * ?"), new("training.schedules.1", "broker", "0 0 3 * * ?", 7, true)], options.Schedules);
        Assert.Equal(7, options.Bounds.Assets);
        Assert.Equal(new RetentionOptions(new RetentionLimits(TimeSpan.FromDays(400), null, 20), TimeSpan.FromDays(1)), options.Retention);
    }

    [Fact]
    public void Every_problem_is_listed_with_its_place()
    {
        var problems = Assert.Throws<InputException>(() => Read("""
            {
              "kafka": {"server": "a:9092", "save_every": "1ms", "push_topic": "elsewhere", "topics": [{"topic": "", "format": "xml"}, {"topic": "m", "format": "servimon", "time_unit": "s"}]},
              "bounds": {"assets": 0, "ahead": "2d"}, "http": {"address": "nowhere", "port": 70000}, "metrics": {"assets": "many"},
              "grpc": {"port": 5080}, "api": {"max_page_size": 0, "unary_limit": "1h"}, "breaches": {"per_second": -1}, "outcomes": {"look_back": "x"}, "retention": {"history": "1h", "models": -1}, "training": {"schedules": [{"profile": "host", "seed": 0, "often": true}]}
            }
            """, ("SERVIMON__KAFKA__GROUP", ""))).Problems.Select(p => p.ToString().Replace(_file, "f", StringComparison.Ordinal)).ToList();

        Assert.Equal(23, problems.Count);
        Assert.Contains("f: retention.models: '-1' is not a whole number from 0 to 10000", problems);
        Assert.Contains("f: retention.history: '1h' is not a span of time from 1d to 3650d", problems);
        Assert.Contains("f: kafka.server: unknown key; did you mean 'kafka.servers'?", problems);
        Assert.Contains("kafka.servers: is missing or empty; give brokers as host:port, joined by commas", problems);
        Assert.Contains("SERVIMON__KAFKA__GROUP: is empty; give the consumer group's name", problems);
        Assert.Contains("f: kafka.save_every: '1ms' is not a span of time from 100ms to 10m", problems);
        Assert.Contains("f: kafka.topics.0.format: 'xml' is no format; allowed: prometheus-json, telegraf-json, influx, otlp-proto, otlp-json, remote-write, servimon", problems);
        Assert.Contains("f: kafka.topics.1.time_unit: 's' cannot be used; allowed: s, ms, us, ns, with telegraf-json and influx", problems);
        Assert.Contains("f: bounds.assets: '0' is not a whole number from 1 to 10000000", problems);
        Assert.Contains("f: kafka.push_topic: 'elsewhere' is no topic of format servimon in kafka.topics, so that what is pushed would never be read", problems);
        Assert.Contains("f: api.unary_limit: '1h' is not a span of time from 100ms to 10m", problems);
        Assert.Contains("f: grpc.port: 5080 is http.port too; gRPC needs a port of its own", problems);
        Assert.Contains("f: training.schedules.0.seed: '0' is not a whole number from 1 to 2147483647", problems);
        Assert.Contains(problems, p => p.StartsWith("f: training.schedules.0.often: unknown key; ", StringComparison.Ordinal));
        Assert.Contains("f: http.address: 'nowhere' is no IP address and not localhost", problems);
        Assert.Contains("profiles: names no profile; give at least one, a path or the name of a file in models/", problems);
    }

    [Theory]
    [InlineData("[]", "f: is no JSON object")]
    [InlineData("{\n\"kafka\": }", "f:2: is not JSON")]
    public void A_file_that_is_no_object_is_a_problem(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<InputException>(() => Read(json)).Problems.Select(p => p.ToString().Replace(_file, "f", StringComparison.Ordinal)));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    private ServiceOptions Read(string json, params (string Name, string Value)[] variables)
    {
        File.WriteAllText(_file, json);
        return ServiceOptionsReader.Read(_file, new Hashtable(variables.ToDictionary(v => v.Name, v => v.Value)));
    }
}
