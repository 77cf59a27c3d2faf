namespace ServiMon.Predict.Profiles;

public sealed class ProfileTests
{
    private static readonly Profile Broker = new()
    {
        Name = "broker",
        Step = TimeSpan.FromSeconds(2),
        Horizons = [new Horizon(TimeSpan.FromSeconds(30), "30s"), new Horizon(TimeSpan.FromMinutes(2), "2m")],
        Lateness = TimeSpan.FromSeconds(4),
        WarmUp = TimeSpan.FromSeconds(6),
        StaleAfter = TimeSpan.FromSeconds(20),
        HalfLives = [TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60)],
        Groups = ["pressure"],
        Metrics = [new MetricSpec { Name = "cpu", Group = "pressure" }, new MetricSpec { Name = "heap", Group = "pressure" }],
    };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2.9, 1)]
    [InlineData(3.1, 2)]
    [InlineData(60, 30)]
    public void A_span_is_the_nearest_number_of_steps_and_never_none(double seconds, int steps) =>
        Assert.Equal(steps, Broker.Steps(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void The_longest_horizon_is_the_last() => Assert.Equal(TimeSpan.FromMinutes(2), Broker.LongestHorizon);

    [Theory]
    [InlineData("cpu", 0)]
    [InlineData("heap", 1)]
    [InlineData("Heap", -1)]
    public void A_metric_is_found_by_its_exact_name(string name, int lane) => Assert.Equal(lane, Broker.MetricIndex(name));
}
