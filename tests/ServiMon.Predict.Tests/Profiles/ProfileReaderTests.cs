namespace ServiMon.Predict.Profiles;

public sealed class ProfileReaderTests
{
    private const string Minimal = "profile: turbofan\nstep: 1h\nhorizons: [15h, 30h, 60h]\n";

    private static Profile With(string more) => ProfileReader.Parse(Minimal + more, "p.yaml");

    [Fact]
    public void Three_keys_are_a_profile_with_the_documented_defaults()
    {
        var profile = With("");
        Assert.Equal("turbofan", profile.Name);
        Assert.Equal(TimeSpan.FromHours(1), profile.Step);
        Assert.Equal(["15h", "30h", "60h"], profile.Horizons.Select(h => h.Text));
        Assert.Equal([15.0, 30, 60], profile.Horizons.Select(h => h.Span.TotalHours));
        Assert.Equal(TimeSpan.FromHours(2), profile.Lateness);
        Assert.Equal(TimeSpan.FromHours(3), profile.WarmUp);
        Assert.Equal(TimeSpan.FromHours(10), profile.StaleAfter);
        Assert.Equal([3.0, 10, 30], profile.HalfLives.Select(h => h.TotalHours));
        Assert.Equal(["throughput", "latency", "pressure", "network", "structural_state"], profile.Groups);
        Assert.Equal(["asset"], profile.Identity);
        Assert.True(profile.InferMetrics);
        Assert.False(profile.Composite);
        Assert.Null(profile.PriorFailuresPerYear);
        Assert.Empty(profile.Metrics);
        Assert.Equal(Minimal, profile.Source);
    }

    [Fact]
    public void Every_key_is_read()
    {
        var profile = With(
            """
            lateness: 0s
            warm_up: 1d
            stale_after: 2d
            half_lives: [1h, 2h, 4h]
            groups: [thermal, electrical]
            infer_metrics: false
            metrics:
              coil_current: {kind: gauge, group: electrical, aggregation: max, limit: 40, scale: 0.001, unit: amperes}
              oil: {group: thermal, limit: {metric: oil_most, remaining: true}}
              oil_most: {group: thermal}
              trips: {kind: event, group: electrical, role: error}
              spare: {group: thermal, limit: {constant: 7.5, remaining: true}}
            ignore: ["serial_*"]
            drivers: [oil]
            identity: [site, unit]
            failure_rules:
              - {kind: overheated, metric: oil, when: ">= 1.5", for: 10m}
              - {kind: silent, metric: coil_current, when: missing}
            composite: true
            prior_failures_per_year: 0.25
            time_zone: Atlantic/Canary
            """);
        Assert.Equal("Atlantic/Canary", profile.TimeZone);
        Assert.Equal(TimeSpan.Zero, profile.Lateness);
        Assert.Equal([1.0, 2, 4], profile.HalfLives.Select(h => h.TotalHours));
        Assert.Equal(
            new MetricSpec
            {
                Name = "coil_current", Group = "electrical", Aggregation = Aggregation.Max, Limit = new MetricLimit(null, 40, false),
                Scale = 0.001, Unit = "amperes",
            }, profile.Metrics[0]);
        Assert.Equal(new MetricLimit("oil_most", null, true), profile.Metrics[1].Limit);
        Assert.Equal(MetricKind.Static, profile.Metrics[2].Kind);
        Assert.Equal((MetricKind.Event, MetricRole.Error, Aggregation.Sum), (profile.Metrics[3].Kind, profile.Metrics[3].Role, profile.Metrics[3].Aggregation));
        Assert.Equal(new MetricLimit(null, 7.5, true), profile.Metrics[4].Limit);
        Assert.Equal(["serial_*"], profile.Ignore);
        Assert.Equal(["oil"], profile.Drivers);
        Assert.Equal(["site", "unit"], profile.Identity);
        Assert.Equal(
            [new FailureRule("overheated", "oil", ">=", 1.5, TimeSpan.FromMinutes(10)),
             new FailureRule("silent", "coil_current", "missing", 0, TimeSpan.Zero)], profile.FailureRules);
        Assert.True(profile.Composite);
        Assert.Equal(0.25, profile.PriorFailuresPerYear);
    }

    [Fact]
    public void A_named_metric_takes_from_its_name_what_its_entry_leaves_out()
    {
        var profile = With("metrics:\n  http_errors_total:\n  probe_latency_ms: {limit: 500}\n  process_cpu_seconds_total: {unit: s}\n");
        Assert.Equal((MetricKind.Counter, MetricRole.Error), (profile.Metrics[0].Kind, profile.Metrics[0].Role));
        Assert.Equal((MetricRole.ProbeLatency, 0.001), (profile.Metrics[1].Role, profile.Metrics[1].Scale));
        Assert.Equal(0.5, profile.Metrics[1].Limit!.Constant);
        Assert.Equal((MetricKind.Counter, "s"), (profile.Metrics[2].Kind, profile.Metrics[2].Unit));
    }

    [Fact]
    public void Probes_set_roles_and_the_timeout_as_the_limit()
    {
        var profile = With("metrics:\n  answered: {group: network}\nprobes:\n  - {up: answered, latency: answer_ms, timeout: 1.75s}\n");
        Assert.Equal(("answered", "network", MetricRole.ProbeUp), (profile.Metrics[0].Name, profile.Metrics[0].Group, profile.Metrics[0].Role));
        Assert.Equal(("answer_ms", "latency", MetricRole.ProbeLatency), (profile.Metrics[1].Name, profile.Metrics[1].Group, profile.Metrics[1].Role));
        Assert.Equal(new MetricLimit(null, 1.75, false), profile.Metrics[1].Limit);
        Assert.Equal(0.001, profile.Metrics[1].Scale);
    }

    [Fact]
    public void Anchors_spare_repetition() =>
        Assert.Equal(
            [3.0, 3.0],
            With("metrics:\n  a: &m {group: pressure, limit: 3}\n  b: *m\n").Metrics.Select(m => m.Limit!.Constant!.Value));

    [Fact]
    public void Problems_without_throwing()
    {
        Assert.True(ProfileReader.TryParse(Minimal, "p.yaml", out var profile, out var none));
        Assert.NotNull(profile);
        Assert.Empty(none);
        Assert.False(ProfileReader.TryParse(Minimal + "oops: 1", "p.yaml", out profile, out var problems));
        Assert.Null(profile);
        Assert.Equal(problems, Assert.Throws<InputException>(() => ProfileReader.Parse(Minimal + "oops: 1", "p.yaml")).Problems);
    }
}
