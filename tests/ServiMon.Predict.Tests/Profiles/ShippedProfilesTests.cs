using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Profiles;

public sealed class ShippedProfilesTests
{
    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "models");

    private static Profile Read(string name) => ProfileReader.Parse(File.ReadAllText(Path.Combine(Folder, name + ".yaml")), name + ".yaml");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reads_without_problems_under_its_own_name(string name)
    {
        var profile = Read(name);
        Assert.Equal(name, profile.Name);
        Assert.Contains($"`{name}.yaml`", File.ReadAllText(Path.Combine(Folder, "README.md")));
        Assert.Contains(string.Join(", ", profile.Horizons.Select(h => h.Text)), File.ReadAllText(Path.Combine(Folder, "README.md")));
    }

    [Theory]
    [InlineData("host", 13)]
    [InlineData("kafka-broker", 18)]
    [InlineData("cassandra-node", 17)]
    [InlineData("telescope-drive", 10)]
    public void Simulated_kinds_name_all_their_metrics_and_inference_adds_none(string name, int metrics)
    {
        var profile = Read(name);
        Assert.Equal(metrics, profile.Metrics.Length);
        var complete = ProfileInference.Complete(profile, [.. profile.Metrics.Select(m => m.Name)]);
        Assert.Equal(profile.Metrics, complete.Metrics);
        Assert.Contains(profile.Metrics, m => m.Limit is not null);
    }

    [Fact]
    public void Inference_knows_the_names_of_the_simulated_kinds_by_itself()
    {
        var differences = new List<string>();
        foreach (var name in new[] { "host", "kafka-broker", "cassandra-node" })
        {
            var written = Read(name);
            var guessed = ProfileInference.Complete(written with { Metrics = [] }, [.. written.Metrics.Select(m => m.Name)]);
            for (var i = 0; i < written.Metrics.Length; i++)
            {
                var (w, g) = (written.Metrics[i], guessed.Metrics[i]);
                if ((w.Kind, w.Group, w.Role, w.Limit) != (g.Kind, g.Group, g.Role, g.Limit)) differences.Add(w.Name);
            }
        }

        // What no name tells: the temperature that is too hot, probe timeouts, and where dropped messages, hints and requests belong.
        Assert.Equal(
            ["cassandra_dropped_messages_total", "cassandra_hints_total", "cassandra_reads_total", "cassandra_writes_total",
             "node_temperature_celsius", "probe_latency_seconds"], differences.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("kafka")]
    [InlineData("cassandra")]
    public void Recorded_profiles_keep_leaks_and_limits_out_of_the_evidence(string system)
    {
        var samples = TestFiles.OutsideData("servimon-recorded", system, "samples.csv");
        Assert.SkipUnless(samples is not null, TestFiles.SkipReason);
        var columns = File.ReadLines(samples).First().Split(',')[2..];
        var profile = Read("recorded-" + system);
        Assert.All(profile.Metrics, m => Assert.Contains(m.Name, columns));
        Assert.All(profile.Ignore, pattern => Assert.Contains(columns, c => (profile with { Ignore = [pattern] }).Ignores(c)));

        var complete = ProfileInference.Complete(profile, columns);

        Assert.DoesNotContain(complete.Metrics, m => m.Name.StartsWith("node_", StringComparison.Ordinal) && !m.Name.Contains("filesystem"));
        Assert.DoesNotContain(complete.Metrics, m => m.Role == MetricRole.StartTime || m.Name.EndsWith("_offset", StringComparison.Ordinal));
        var denominators = complete.Metrics.Where(m => m.Kind == MetricKind.Static).Select(m => m.Name);
        Assert.Equal(
            ["container_spec_memory_limit_bytes", "jvm_memory_heap_max_bytes", "node_filesystem_size_bytes", "process_max_fds"],
            denominators.Order(StringComparer.Ordinal));
        Assert.All(denominators, name => Assert.Contains(complete.Metrics, m => m.Limit?.Metric == name));
        Assert.Single(complete.Metrics, m => m.Role == MetricRole.Request);
        Assert.Equal(
            [
                "container_cpu_cfs_throttled_periods_total", "container_memory_rss_bytes", "container_memory_usage_bytes",
                "jvm_memory_pool_old_gen_used_bytes", "namedprocess_open_fds", "node_filesystem_avail_bytes", "probe_latency_seconds",
                "process_open_fds",
            ],
            complete.Metrics.Where(m => m.Limit is not null).Select(m => m.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, complete.Metrics.Count(m => m.Role == MetricRole.Saturation)); // throttled periods of all periods, and throttled seconds
        Assert.Equal(2, complete.Metrics.Count(m => m.Role == MetricRole.Pause));
    }

    [Fact]
    public void The_format_document_names_every_key_kind_and_role()
    {
        var document = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "formats", "profile.md"));
        ProfileReader.TryParse(
            "zzzzzzzzz: 1\nmetrics: {a: {zzzzzzzzz: 1, kind: z, role: z, aggregation: z}}", "p", out _, out var problems);
        var words = problems.Select(p => p.What.Split("allowed: ") is [_, var keys] ? keys : p.What.Split("one of ")[^1])
            .Where(l => l.Contains(", ", StringComparison.Ordinal) && !l.Contains("every profile", StringComparison.Ordinal))
            .SelectMany(l => l.Split(", ")).ToList();
        Assert.True(words.Count > 40);
        Assert.All(words, word => Assert.Contains($"`{word}`", document));
    }
}
