using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Tests.Evidence;

internal static class TestProfiles
{
    public static readonly MetricSpec[] Broker =
    [
        new() { Name = "requests", Kind = MetricKind.Counter, Group = "throughput", Role = MetricRole.Request },
        new() { Name = "errors", Kind = MetricKind.Counter, Group = "structural_state", Role = MetricRole.Error },
        new() { Name = "fds", Group = "pressure", Limit = new MetricLimit("max_fds", null, false) },
        new() { Name = "max_fds", Group = "structural_state", Kind = MetricKind.Static },
        new() { Name = "disk_free", Group = "pressure", Limit = new MetricLimit(null, 1000, true) },
        new() { Name = "probe_up", Group = "structural_state", Role = MetricRole.ProbeUp },
        new() { Name = "probe_latency", Group = "latency", Role = MetricRole.ProbeLatency, Limit = new MetricLimit(null, 1.5, false) },
        new() { Name = "gc", Kind = MetricKind.Counter, Group = "pressure", Role = MetricRole.Saturation },
    ];

    public static Profile Of(params MetricSpec[] metrics) => new()
    {
        Name = "test",
        Step = TimeSpan.FromSeconds(2),
        Horizons = [new(TimeSpan.FromSeconds(30), "30s"), new(TimeSpan.FromSeconds(60), "60s"), new(TimeSpan.FromSeconds(120), "120s")],
        Lateness = TimeSpan.FromSeconds(10),
        WarmUp = TimeSpan.FromSeconds(6),
        StaleAfter = TimeSpan.FromSeconds(20),
        HalfLives = [TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)],
        Groups = ["throughput", "latency", "pressure", "network", "structural_state"],
        Metrics = [.. metrics],
    };

    public static Profile OfBroker() => Of(Broker);
}
