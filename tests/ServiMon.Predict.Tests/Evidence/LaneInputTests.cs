using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

public sealed class LaneInputTests
{
    private static List<float> Replay(EvidenceModel model, string column, double[][] rows)
    {
        var ticks = Enumerable.Range(0, rows.Length).Select(i => i * model.Profile.Step.Ticks).ToArray();
        var replay = new AssetReplay(model, new AssetRows("a", [.. model.Profile.Metrics.Select(m => m.Name)], ticks, [.. rows.SelectMany(r => r)]));
        var at = model.Layout.Columns.Select(c => c.Name).ToList().IndexOf(column);
        var evidence = new float[model.Layout.Width];
        return [.. rows.Select(_ =>
        {
            replay.Advance(AssetCondition.Normal, evidence);
            return evidence[at];
        })];
    }

    [Fact]
    public void Fewer_events_than_in_the_first_step_were_not_seen_as_events()
    {
        var model = new EvidenceModel(TestProfiles.Of(
            new MetricSpec { Name = "restarts", Kind = MetricKind.Event, Group = "structural_state" },
            new MetricSpec { Name = "load", Group = "throughput" }));
        double[] counts = [5, 0, 0, 1, 0, 2];
        var since = Replay(model, "restarts|since_change", [.. counts.Select(c => new[] { c, 1.0 })]);
        float[] expected = [0, 1, 2, 0, 1, 0];
        for (var i = 0; i < counts.Length; i++) Assert.Equal(MathF.Log(1 + expected[i]), since[i], 5);
    }

    [Fact]
    public void A_row_without_its_driver_jumped_into_the_units_of_no_regime()
    {
        var profile = TestProfiles.Of(
            new MetricSpec { Name = "load", Group = "throughput", Scale = 0.01 },
            new MetricSpec { Name = "heat", Group = "pressure" }) with { Drivers = ["load"] };
        // Two regimes, at 10 % and at 90 % of load, in which heat is usually 200 and 500.
        double[] means = [0, EvidenceModel.Transform(200), 0, EvidenceModel.Transform(500)];
        var model = new EvidenceModel(profile, new RegimeModel([0], [1], [0.1, 0.9], means, [1, 0.1, 1, 0.1]));
        var level = Replay(model, "heat|level", [[10, 200], [90, 500], [double.NaN, 500], [88, 500], [12, 200]]);
        Assert.Equal(float.NaN, level[2]);
        foreach (var i in new[] { 0, 1, 3, 4 }) Assert.Equal(0, level[i], 4);
    }
}
