using System.Globalization;
using System.Text.RegularExpressions;
using ServiMon.Predict.House;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>
/// From exporters to profiles: the deployed configuration of Prometheus scrapes recorded exporters of a real Kafka broker and a real Cassandra node, itself,
/// and excerpts of node_exporter, blackbox_exporter and Grafana; what it hands on has to be what the profiles in models/ ask for.
/// </summary>
public sealed class ScrapedProfilesTests : IDisposable
{
    private const string NodeExporter = """
        node_cpu_seconds_total{cpu="0",mode="idle"} 100
        node_cpu_seconds_total{cpu="0",mode="user"} 50
        node_load1 0.5
        node_memory_MemTotal_bytes 8e9
        node_memory_MemAvailable_bytes 5e9
        node_filesystem_avail_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 3e10
        node_filesystem_avail_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1e9
        node_filesystem_size_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 5e10
        node_disk_io_time_seconds_total{device="vda"} 12
        node_network_receive_bytes_total{device="eth0"} 1000
        node_network_receive_bytes_total{device="lo"} 9999
        node_network_transmit_bytes_total{device="eth0"} 2000
        node_network_receive_errs_total{device="eth0"} 1
        node_network_transmit_errs_total{device="eth0"} 2
        node_hwmon_temp_celsius{chip="a",sensor="temp1"} 41

        """;

    private const string Grafana = """
        grafana_http_request_duration_seconds_bucket{status_code="200",le="0.1"} 90
        grafana_http_request_duration_seconds_bucket{status_code="200",le="+Inf"} 100
        grafana_http_request_duration_seconds_count{status_code="200"} 100
        grafana_http_request_duration_seconds_count{status_code="500"} 3
        process_open_fds 20
        process_max_fds 1000
        process_resident_memory_bytes 2e8
        process_cpu_seconds_total 5

        """;

    /// <summary>Metrics of profiles that nothing in the stack measures, or that take longer than this test, each with the reason.</summary>
    private static readonly Dictionary<string, string> NotScraped = new()
    {
        ["container_cpu_throttled_seconds_total"] = "needs cAdvisor, which the stack does not run",
        ["request_duration_p99_seconds"] = "needs a rate over buckets that grow",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-scraped-").FullName;
    private readonly StandInTargets _targets = new();
    private RunningPrometheus? _prometheus;

    [Fact]
    public async Task What_the_stack_hands_on_is_what_its_profiles_ask_for()
    {
        OutsideTool.Require("prometheus");
        var (kafka, cassandra) = (Newest("kafka", "kafka-run-01"), Newest("cassandra", "cassandra-run-01"));
        Assert.SkipUnless(kafka is not null && cassandra is not null, TestFiles.SkipReason);
        Start(await File.ReadAllTextAsync(kafka, TestContext.Current.CancellationToken), await File.ReadAllTextAsync(cassandra, TestContext.Current.CancellationToken));

        var assets = new Dictionary<string, string>
        {
            ["kafka-broker"] = "kafka-1", ["cassandra-node"] = "cassandra-1", ["host"] = "docker", ["prometheus"] = "prometheus-1", ["service"] = "grafana",
        };
        foreach (var (name, asset) in assets)
        {
            var profile = ProfileReader.Parse(SourceTree.Read($"models/{name}.yaml"), $"{name}.yaml");
            var wanted = profile.Metrics.Select(m => m.Name).Except(NotScraped.Keys).ToHashSet();
            var found = await _prometheus!.UntilAsync($$"""{__name__=~"asset:.+", servimon_profile="{{name}}"}""",
                s => wanted.IsSubsetOf(s.Select(Name)), s => $"{name}: not there: {string.Join(", ", wanted.Except(s.Select(Name)))}");
            Assert.All(found, s => Assert.Equal(asset, s.Labels["asset"]));
            // One series for each metric: several would be taken for one.
            Assert.Equal(found.Count, found.Select(Name).Distinct().Count());
            TidyTests.AssertNone($"series that {name} does not know", found.Select(Name).Where(m => profile.MetricIndex(m) < 0));
        }

        await EqualToTheRecordedRowAsync("kafka", kafka, "asset:kafka_messages_in_total", "kafka_server_brokertopicmetrics_messagesin_total");
        await EqualToTheRecordedRowAsync("kafka", kafka, "asset:kafka_request_latency_p99_seconds * 1000", "kafka_network_requestmetrics_totaltimems_produce_p99");
        await EqualToTheRecordedRowAsync("kafka", kafka, "asset:kafka_request_handler_idle_ratio * 2", "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent");
        await EqualToTheRecordedRowAsync("kafka", kafka, """asset:jvm_memory_old_gen_used_bytes{asset="kafka-1"}""", "jvm_memory_pool_old_gen_used_bytes");
        await EqualToTheRecordedRowAsync("cassandra", cassandra, "asset:cassandra_writes_total", "cassandra_clientrequest_latency_write_count");
        await EqualToTheRecordedRowAsync("cassandra", cassandra, "asset:cassandra_read_latency_p99_seconds", "cassandra_clientrequest_latency_seconds_read_p99");
        await EqualToTheRecordedRowAsync("cassandra", cassandra, "asset:cassandra_dropped_messages_total", "cassandra_droppedmessage_dropped_count");
        await EqualToTheRecordedRowAsync("cassandra", cassandra, """asset:process_open_fds{asset="cassandra-1"}""", "process_open_fds");

        await _prometheus!.UntilAsync("vector(1)", _ => _targets.Written.Contains("kafka_messages_in_total") && _targets.Written.Contains("cassandra-1"), _ => "nothing was written");
        Assert.DoesNotContain(_targets.Written, t => t.StartsWith("asset:", StringComparison.Ordinal) || t == "kafka_server_brokertopicmetrics_messagesin_total");
    }

    public void Dispose()
    {
        _prometheus?.Dispose();
        _targets.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts Prometheus with the deployed configuration, but for where its targets are and how often it looks.</summary>
    private void Start(string kafka, string cassandra)
    {
        var port = RunningPrometheus.FreePort();
        var places = new Dictionary<string, string>
        {
            ["kafka:9404"] = _targets.Serve(kafka), ["cassandra:9404"] = _targets.Serve(cassandra), ["node-exporter:9100"] = _targets.Serve(NodeExporter),
            ["blackbox-exporter:9115"] = _targets.Serve("probe_success 1\nprobe_duration_seconds 0.003\n"), ["telegraf:8186"] = _targets.TakeRemoteWrites(),
            ["127.0.0.1:9090"] = FormattableString.Invariant($"127.0.0.1:{port}"), ["servimon:5080"] = _targets.Serve(""),
        };
        var text = SourceTree.Read("deploy/prometheus/prometheus.yml");
        foreach (var (deployed, here) in places)
        {
            Assert.Contains(deployed, text, StringComparison.Ordinal);
            text = text.Replace(deployed, here, StringComparison.Ordinal);
        }
        // Grafana is scraped and probed: only the first of the two is moved, the second is a parameter of the probe.
        var first = text.IndexOf("grafana:3000", StringComparison.Ordinal);
        text = $"{text[..first]}{_targets.Serve(Grafana)}{text[(first + "grafana:3000".Length)..]}";
        text = Regex.Replace(text, @"(scrape_interval|evaluation_interval|scrape_timeout|batch_send_deadline): \d+s", "$1: 1s")
            .Replace("rules/*.yml", $"{TestFiles.RepositoryRoot}/deploy/prometheus/rules/*.yml", StringComparison.Ordinal);
        var file = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(file, text);
        _prometheus = new RunningPrometheus(file, Path.Combine(_folder, "store"), port);
    }

    /// <summary>The recordings hold the same scrape twice: as it came, and as a row of a table that was made from it by other means.</summary>
    private async Task EqualToTheRecordedRowAsync(string system, string scrape, string expression, string column)
    {
        var time = Regex.Match(Path.GetFileName(scrape), @"^(?<run>.+)-(?<h>\d\d)(?<m>\d\d)(?<s>\d\d)\.prom$");
        var lines = File.ReadLines(TestFiles.OutsideData("servimon-recorded", system, "samples.csv")!);
        var index = Array.IndexOf(lines.First().Split(','), column);
        var row = lines.Select(l => l.Split(',')).Single(r => r[1] == time.Groups["run"].Value
            && r[0].EndsWith($"T{time.Groups["h"].Value}:{time.Groups["m"].Value}:{time.Groups["s"].Value}Z", StringComparison.Ordinal));
        // The table was written with fewer digits.
        var found = Assert.Single(await _prometheus!.QueryAsync(expression)).Value;
        var expected = double.Parse(row[index], CultureInfo.InvariantCulture);
        Assert.True(Math.Abs(found - expected) <= 1e-4 * Math.Max(1e-3, Math.Abs(expected)), $"{expression}: {found}, recorded {expected}");
    }

    private static string Name(QueriedSeries series) => series.Labels["__name__"]["asset:".Length..];

    private static string? Newest(string system, string run) => TestFiles.OutsideData("servimon-recorded", "scrapes", system) is { } folder
        ? Directory.EnumerateFiles(folder, $"{run}-*.prom").Max(StringComparer.Ordinal) : null;
}
