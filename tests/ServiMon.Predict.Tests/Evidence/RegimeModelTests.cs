using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

public sealed class RegimeModelTests
{
    /// <summary>Two regimes of a driver in hundredths: at 1 the metric is about 10, at 2 about 100.</summary>
    private static readonly RegimeModel Regimes = new([0], [0.5], [1, 2], [0, Math.Log(11), 0, Math.Log(101)], [1, 0.5, 1, 2]);

    private static readonly EvidenceModel Model = new(
        TestProfiles.Of(new MetricSpec { Name = "mode", Group = "structural_state", Scale = 0.01 }, new MetricSpec { Name = "x", Group = "latency" })
            with { Drivers = ["mode"] },
        Regimes);

    private static float[] Levels(params (double Mode, double X)[] rows)
    {
        var monitor = new AssetMonitor(Model);
        var level = Model.Layout.Columns.Select(c => c.Name).ToList().IndexOf("x|level");
        return [.. rows.Select((row, i) =>
        {
            var evidence = new float[Model.Layout.Width];
            monitor.Advance(new Frame(i, i * Model.Profile.Step.Ticks, [row.Mode, row.X]), evidence);
            return evidence[level];
        })];
    }

    [Fact]
    public void Metrics_are_standardised_by_the_regime_of_the_scaled_drivers()
    {
        var levels = Levels((100, 10), (200, 100), (110, Math.Exp(0.5) * 11 - 1), (190, Math.Exp(-2) * 101 - 1));
        Assert.Equal([0f, 0, 1, -1], levels, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Without_its_driver_a_metric_is_missing_rather_than_in_other_units() =>
        Assert.Equal([0f, float.NaN, 0], Levels((100, 10), (double.NaN, 100), (200, 100)));

    [Fact]
    public void The_nearest_centre_is_the_regime()
    {
        Assert.Equal([0, 0, 1, 1], new[] { -5, 1.4, 1.6, 9 }.Select(v => Regimes.RegimeOf([v, 0])));
        Assert.Equal(-1, Regimes.RegimeOf([double.NaN, 0]));
    }
}
