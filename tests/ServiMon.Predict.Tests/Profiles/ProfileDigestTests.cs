namespace ServiMon.Predict.Profiles;

public sealed class ProfileDigestTests
{
    private static Profile Parse(string yaml) => ProfileReader.Parse(yaml, "p.yaml");

    private static readonly Profile Plain = Parse("profile: p\nstep: 1m\nhorizons: [1h, 2h]\nmetrics: {a: {limit: 3}, b: {}}\n");

    [Fact]
    public void Does_not_see_comments_order_of_keys_or_spelled_out_defaults()
    {
        var same = Parse("# c\nhorizons: [1h, 2h]\nlateness: 120s\nmetrics:\n  a: {limit: 3.0, kind: gauge}\n  b:\nstep: 60s\nprofile: p\n");
        Assert.Equal(Plain.Digest(), same.Digest());
        Assert.Matches("^[0-9a-f]{64}$", Plain.Digest());
    }

    [Fact]
    public void Sees_every_property_of_a_profile()
    {
        Profile[] changed =
        [
            Plain with { Name = "q" }, Plain with { Step = TimeSpan.FromSeconds(30) }, Plain with { Horizons = [Plain.Horizons[0]] },
            Plain with { Horizons = [new Horizon(Plain.Horizons[0].Span, "60m"), Plain.Horizons[1]] },
            Plain with { Lateness = TimeSpan.Zero }, Plain with { WarmUp = TimeSpan.Zero }, Plain with { StaleAfter = TimeSpan.FromDays(1) },
            Plain with { HalfLives = [.. Plain.HalfLives.Reverse()] }, Plain with { Groups = [.. Plain.Groups.Reverse()] },
            Plain with { Metrics = [.. Plain.Metrics.Reverse()] }, Plain with { Ignore = ["a"] }, Plain with { InferMetrics = false },
            Plain with { Drivers = ["a"] }, Plain with { Identity = ["a"] }, Plain with { Composite = true },
            Plain with { FailureRules = [new FailureRule("k", "a", "<", 1, TimeSpan.Zero)] }, Plain with { PriorFailuresPerYear = 1 }, Plain with { TimeZone = "Europe/Rome" },
            .. new MetricSpec[]
            {
                Plain.Metrics[0] with { Name = "c" }, Plain.Metrics[0] with { Kind = MetricKind.Event },
                Plain.Metrics[0] with { Group = "network" }, Plain.Metrics[0] with { Role = MetricRole.Error },
                Plain.Metrics[0] with { Aggregation = Aggregation.Max }, Plain.Metrics[0] with { Limit = null },
                Plain.Metrics[0] with { Limit = new MetricLimit(null, 3, true) }, Plain.Metrics[0] with { Limit = new MetricLimit("3", null, false) },
                Plain.Metrics[0] with { Scale = 2 }, Plain.Metrics[0] with { Unit = "m" },
            }.Select(m => Plain with { Metrics = Plain.Metrics.SetItem(0, m) }),
        ];
        Assert.Equal(changed.Length + 1, changed.Append(Plain).Select(p => p.Digest()).Distinct().Count());
        Assert.Equal(Plain.Digest(), (Plain with { Source = "" }).Digest());
    }
}
