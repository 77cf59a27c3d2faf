using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training;

public sealed class RegimeGapTests
{
    [Fact]
    public void A_total_after_a_gap_was_taken_for_a_rate()
    {
        var profile = new Profile
        {
            Name = "test",
            Step = TimeSpan.FromSeconds(10),
            Horizons = [new(TimeSpan.FromMinutes(10), "10m")],
            Lateness = TimeSpan.FromSeconds(20),
            WarmUp = TimeSpan.FromSeconds(30),
            StaleAfter = TimeSpan.FromSeconds(100),
            HalfLives = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(20)],
            Groups = ["pressure"],
            Drivers = ["mode"],
            Metrics = [new MetricSpec { Name = "mode", Group = "pressure" }, new MetricSpec { Name = "bytes", Kind = MetricKind.Counter, Group = "pressure" }],
        };
        var values = Enumerable.Range(0, 400).SelectMany(i => new[] { i / 100 % 2, i % 3 == 0 ? double.NaN : 1e9 + 1000.0 * i }).ToArray();
        var rows = new AssetRows("a", ["mode", "bytes"], [.. Enumerable.Range(0, 400).Select(i => i * profile.Step.Ticks)], values);
        var regimes = RegimeFit.Fit(profile, new FleetRecord(new FleetHistory(["mode", "bytes"], [rows]), [], []), null, null, 1)!;
        for (var r = 0; r < regimes.Count; r++) Assert.Equal(EvidenceModel.Transform(100), regimes.Means[2 * r + 1], 3);
    }
}
