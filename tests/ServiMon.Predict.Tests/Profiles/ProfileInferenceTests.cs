using System.Diagnostics;
using System.Text.RegularExpressions;
using CsCheck;

namespace ServiMon.Predict.Profiles;

public sealed class ProfileInferenceTests
{
    private static readonly Profile Empty = ProfileReader.Parse("{profile: p, step: 1m, horizons: [1h]}", "p.yaml");

    private static Profile Complete(params string[] columns) => ProfileInference.Complete(Empty, columns);

    private static MetricSpec Spec(string name, params string[] beside) =>
        Complete([name, .. beside]).Metrics.Single(m => m.Name == name);

    [Theory]
    [InlineData("http_requests_total", MetricKind.Counter, "throughput", MetricRole.Request)]
    [InlineData("http_request_duration_seconds_sum", MetricKind.Counter, "latency", MetricRole.None)]
    [InlineData("http_request_duration_seconds_count", MetricKind.Counter, "throughput", MetricRole.None)]
    [InlineData("http_server_requests_seconds_sum", MetricKind.Counter, "latency", MetricRole.None)]
    [InlineData("http_server_requests_seconds_max", MetricKind.Gauge, "latency", MetricRole.None)]
    [InlineData("pg_stat_activity_count", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("pg_settings_max_connections", MetricKind.Static, "structural_state", MetricRole.None)]
    [InlineData("rabbitmq_queue_messages_ready", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("rabbitmq_channel_messages_published_total", MetricKind.Counter, "throughput", MetricRole.None)]
    [InlineData("redis_rejected_connections_total", MetricKind.Counter, "network", MetricRole.Error)]
    [InlineData("redis_connected_clients", MetricKind.Gauge, "network", MetricRole.None)]
    [InlineData("redis_uptime_in_seconds", MetricKind.Gauge, "structural_state", MetricRole.Age)]
    [InlineData("node_boot_time_seconds", MetricKind.Gauge, "structural_state", MetricRole.StartTime)]
    [InlineData("process_start_time_seconds", MetricKind.Gauge, "structural_state", MetricRole.StartTime)]
    [InlineData("node_network_receive_errs_total", MetricKind.Counter, "network", MetricRole.Error)]
    [InlineData("node_disk_io_time_seconds_total", MetricKind.Counter, "pressure", MetricRole.Saturation)]
    [InlineData("node_pressure_memory_waiting_seconds_total", MetricKind.Counter, "pressure", MetricRole.Saturation)]
    [InlineData("jvm_gc_collection_seconds_sum", MetricKind.Counter, "pressure", MetricRole.Pause)]
    [InlineData("jvm_gc_collection_seconds_count", MetricKind.Counter, "pressure", MetricRole.None)]
    [InlineData("kafka_server_socketserver_connection_count", MetricKind.Gauge, "network", MetricRole.None)]
    [InlineData("node_vmstat_page_faults_total", MetricKind.Counter, "pressure", MetricRole.None)]
    [InlineData("cassandra_table_livesstablecount", MetricKind.Gauge, "structural_state", MetricRole.None)]
    [InlineData("errors", MetricKind.Event, "structural_state", MetricRole.Error)]
    [InlineData("error3", MetricKind.Event, "structural_state", MetricRole.Error)]
    [InlineData("pump_maintenance", MetricKind.Event, "pressure", MetricRole.None)]
    [InlineData("drive_position_error_arcseconds", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("drive_operating_hours", MetricKind.Gauge, "structural_state", MetricRole.Age)]
    [InlineData("age", MetricKind.Gauge, "structural_state", MetricRole.Age)]
    [InlineData("motor_current_amperes", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("s17", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("op1", MetricKind.Gauge, "pressure", MetricRole.None)]
    [InlineData("up", MetricKind.Gauge, "structural_state", MetricRole.ScrapeUp)]
    [InlineData("pump_probe_up", MetricKind.Gauge, "structural_state", MetricRole.ProbeUp)]
    [InlineData("probe_success", MetricKind.Gauge, "structural_state", MetricRole.ProbeUp)]
    [InlineData("probe_duration_seconds", MetricKind.Gauge, "latency", MetricRole.ProbeLatency)]
    [InlineData("kafka_log_end_offset", MetricKind.Counter, "throughput|pressure", MetricRole.None)]
    [InlineData("clock_offset_seconds", MetricKind.Gauge, "latency", MetricRole.None)]
    public void Reads_kind_group_and_role_from_a_name(string name, MetricKind kind, string group, MetricRole role)
    {
        var spec = Spec(name);
        Assert.Equal((kind, role), (spec.Kind, spec.Role));
        Assert.Contains(spec.Group, group.Split('|'));
    }

    [Theory]
    [InlineData("process_open_fds", "process_max_fds", false)]
    [InlineData("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", true)]
    [InlineData("node_filesystem_avail_bytes", "node_filesystem_size_bytes", true)]
    [InlineData("node_filesystem_files_free", "node_filesystem_files", true)]
    [InlineData("node_filefd_allocated", "node_filefd_maximum", false)]
    [InlineData("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit", false)]
    [InlineData("redis_memory_used_bytes", "redis_memory_max_bytes", false)]
    [InlineData("redis_connected_clients", "redis_config_maxclients", false)]
    [InlineData("container_memory_working_set_bytes", "container_spec_memory_limit_bytes", false)]
    [InlineData("container_memory_usage_bytes", "container_spec_memory_limit_bytes", false)]
    [InlineData("hikaricp_connections_active", "hikaricp_connections_max", false)]
    [InlineData("jvm_memory_bytes_used_old", "jvm_memory_bytes_max_old", false)]
    [InlineData("queue_size", "queue_capacity", false)]
    [InlineData("disk_free", "disk_total", true)]
    [InlineData("mem_used", "mem_total", false)]
    [InlineData("probe_latency_seconds", "probe_timeout_seconds", false)]
    public void Pairs_what_is_used_or_left_with_its_limit(string name, string limit, bool remaining)
    {
        foreach (var complete in new[] { Complete(name, limit), Complete(limit, name) })
        {
            Assert.Equal(new MetricLimit(limit, null, remaining), complete.Metrics[complete.MetricIndex(name)].Limit);
            Assert.Equal(MetricKind.Static, complete.Metrics[complete.MetricIndex(limit)].Kind);
            Assert.NotEqual(MetricKind.Static, complete.Metrics[complete.MetricIndex(name)].Kind);
        }
    }

    [Theory]
    [InlineData("http_request_seconds", "http_request_seconds_max")]
    [InlineData("requests_active", "requests_total")]
    [InlineData("cache_used_bytes", "cache_size_bytes")]
    [InlineData("memory_used_bytes", "disk_size_bytes")]
    [InlineData("temperature_mean", "temperature_max")]
    [InlineData("process_open_fds", "process_max_threads")]
    public void Pairs_nothing_else(string name, string other) =>
        Assert.All(Complete(name, other).Metrics, m => Assert.Null(m.Limit));

    [Fact]
    public void Of_several_measures_of_one_room_the_best_gets_the_limit()
    {
        var complete = Complete("container_memory_usage_bytes", "container_memory_rss_bytes", "container_memory_cache_bytes", "container_spec_memory_limit_bytes");
        Assert.Equal(["container_memory_rss_bytes"], complete.Metrics.Where(m => m.Limit is not null).Select(m => m.Name));
    }

    [Fact]
    public void The_old_generation_may_fill_the_heap_and_the_heap_itself_has_no_limit()
    {
        var complete = Complete("jvm_memory_heap_used_bytes", "jvm_memory_heap_max_bytes", "jvm_memory_pool_old_gen_used_bytes");
        Assert.Equal("jvm_memory_heap_max_bytes", complete.Metrics[2].Limit?.Metric);
        Assert.Null(complete.Metrics[0].Limit);
        Assert.Equal("jvm_memory_heap_max_bytes", Spec("jvm_memory_heap_used_bytes", "jvm_memory_heap_max_bytes").Limit?.Metric);
    }

    [Theory]
    [InlineData("disk_used_percent", 100, false)]
    [InlineData("disk_free_percent", 100, true)]
    [InlineData("pool_usage_ratio", 1, false)]
    [InlineData("handler_idle_ratio", 1, true)]
    public void Shares_are_bounded(string name, double limit, bool remaining) =>
        Assert.Equal(new MetricLimit(null, limit, remaining), Spec(name).Limit);

    [Theory]
    [InlineData("cache_hit_ratio")]
    [InlineData("compression_ratio")]
    [InlineData("mem_fragmentation_ratio")]
    [InlineData("handler_idle_percent")]
    [InlineData("cpu_busy_percent")]
    public void Shares_that_are_healthy_when_high_or_have_no_bound_get_no_limit(string name) => Assert.Null(Spec(name).Limit);

    [Fact]
    public void A_busy_percentage_is_a_share() =>
        Assert.Equal((MetricRole.Saturation, 0.01), (Spec("cpu_busy_percent").Role, Spec("cpu_busy_percent").Scale));

    [Fact]
    public void Follows_the_order_of_the_columns_and_keeps_what_the_data_lack()
    {
        var profile = ProfileReader.Parse("{profile: p, step: 1m, horizons: [1h], ignore: [\"x_*\"], metrics: {gone: {}, c: {limit: x_cap}, x_1: {}}}", "p.yaml");
        var complete = ProfileInference.Complete(profile, ["time", "asset", "a", "x_1", "x_2", "c", "b", "x_cap", "a", "node_time_seconds"]);
        Assert.Equal(["a", "x_1", "c", "b", "x_cap", "gone"], complete.Metrics.Select(m => m.Name));
        Assert.Equal(MetricKind.Static, complete.Metrics[4].Kind);
        Assert.Equal(["x_1", "c", "gone", "x_cap"], ProfileInference.Complete(profile with { InferMetrics = false }, ["x_1", "a", "c"]).Metrics.Select(m => m.Name));
    }

    [Fact]
    public void Ten_thousand_columns_take_no_time_to_speak_of()
    {
        string[] columns = [.. Enumerable.Range(0, 5000).SelectMany(i => new[] { $"x{i}", $"x{i}_max" })];
        var clock = Stopwatch.StartNew();
        Assert.Equal(5000, Complete(columns).Metrics.Count(m => m.Limit is not null));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"took {clock.Elapsed}");
    }

    [Fact]
    public void Patterns_match_as_the_same_regular_expression_does()
    {
        var text = Gen.Char["ab*"].Array[0, 8].Select(c => new string(c));
        Gen.Select(text, text).Sample((pattern, name) =>
        {
            var oracle = Regex.IsMatch(name, "^" + Regex.Escape(pattern).Replace("\\*", ".*") + "\\z");
            return (Empty with { Ignore = [pattern] }).Ignores(name) == oracle;
        }, iter: 2000);
    }

    [Fact]
    public void A_profile_with_its_own_groups_keeps_to_them()
    {
        var profile = ProfileReader.Parse("{profile: p, step: 1m, horizons: [1h], groups: [thermal, electrical]}", "p.yaml");
        var complete = ProfileInference.Complete(profile, ["electrical_noise", "probe_up", "s1"]);
        Assert.Equal(["electrical", "thermal", "thermal"], complete.Metrics.Select(m => m.Group));
    }

    [Fact]
    public void Only_the_clearest_counter_is_all_requests()
    {
        var complete = Complete("cache_requests_total", "api_v2_requests_total", "http_requests_total", "http_requests_failed_total");
        Assert.Equal(["http_requests_total"], complete.Metrics.Where(m => m.Role == MetricRole.Request).Select(m => m.Name));
    }

    [Fact]
    public void Any_columns_complete_to_a_valid_profile_that_completing_again_does_not_change()
    {
        var words = Gen.OneOf<string>("node", "memory", "used", "free", "max", "limit", "size", "total", "bytes", "seconds", "gc", "errors", "probe",
            "up", "latency", "old", "gen", "heap", "ratio", "percent", "count", "requests", "disk", "timestamp", "Pool", "X", "7", "");
        var names = words.Array[1, 4].Select(w => string.Join('_', w)).Where(n => n.Trim('_').Length > 0).Array[0, 12];
        names.Sample(columns =>
        {
            var once = ProfileInference.Complete(Empty, columns);
            Assert.Equal(once.Metrics, ProfileInference.Complete(once, columns).Metrics);
            Assert.Equal(once.Digest(), ProfileInference.Complete(Empty, columns).Digest());
            foreach (var m in once.Metrics)
            {
                Assert.Contains(m.Group, once.Groups);
                if (m.Limit?.Metric is not { } limit) continue;
                Assert.Equal(MetricKind.Static, once.Metrics[once.MetricIndex(limit)].Kind);
                Assert.Null(once.Metrics[once.MetricIndex(limit)].Limit);
                Assert.NotEqual(m.Name, limit);
            }
        }, iter: 2000);
    }
}
