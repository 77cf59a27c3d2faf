using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Server.Api;

public sealed class BreachForecastTests
{
    private static readonly Profile Pump = ProfileReader.Parse(
        "{profile: pump, step: 1m, horizons: [10m, 1h], metrics: {load: {kind: gauge, group: pressure}}}", "pump.yaml");

    private static readonly int[] Steps = [10, 60];

    [Theory]
    [InlineData(50, false)]
    [InlineData(-50, true)]
    public void A_limit_far_from_everything_needs_no_forecast_until_the_metric_moves(double limit, bool below)
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 620).Select(i => random.NextDouble() + (below ? -1 : 1) * Math.Max(0, i - 600))];
        var calm = BreachForecast.Of(Pump, "a", Rows(values, 0, 600), limit, below, Steps);
        Assert.False(calm.IsFitted);
        Assert.Equal([0, 0], calm.Estimate(limit, below, Steps).Select(e => e.Probability));
        Assert.True(calm.TryGoOn(Rows(values, 600, 620)));
        Assert.False(calm.AreFar(limit, below, Steps));
        Assert.Throws<InvalidOperationException>(() => calm.Estimate(limit, below, Steps));
        Assert.True(BreachForecast.Of(Pump, "a", Rows(values, 0, 620), limit, below, Steps).IsFitted);
    }

    /// <summary>What a forecaster would have said where the rule says 0: a limit just beyond it, for the longest horizon that it allows.</summary>
    [Theory]
    [InlineData("noise")]
    [InlineData("walk")]
    [InlineData("slope")]
    public void The_rule_leaves_out_next_to_nothing(string kind)
    {
        var random = new Random(2);
        var walk = 0.0;
        double[] values = [.. Enumerable.Range(0, 400).Select(i =>
        {
            var noise = random.NextDouble() - 0.5;
            walk += noise;
            return kind == "noise" ? noise : kind == "walk" ? walk : 0.1 * i + noise;
        })];
        var limit = values.Max() + 3.01 * (values.Max() - values.Min());
        int[] steps = [100];
        Assert.False(BreachForecast.Of(Pump, "a", Rows(values, 0, 400), limit, below: false, steps).IsFitted);
        var fitted = BreachForecast.Of(Pump, "a", Rows(values, 0, 400), null, below: false, steps);
        Assert.True(fitted.IsFitted);
        Assert.InRange(fitted.Estimate(limit - 0.1 * (values.Max() - values.Min()), below: false, steps)[0].Probability, 0, 1e-6);
    }

    [Fact]
    public void Horizons_too_long_for_the_history_are_always_forecast()
    {
        var random = new Random(3);
        double[] values = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())];
        Assert.True(BreachForecast.Of(Pump, "a", Rows(values, 0, 200), 1e6, below: false, Steps).IsFitted);
    }

    private static MetricHistory Rows(double[] values, int from, int to) =>
        new([.. Enumerable.Range(from, to - from).Select(i => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(i).Ticks)], values[from..to], null, false);
}
