using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

public class ChangepointTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_step_is_located_where_it_happened_and_told_soon_after()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var values = SyntheticSeries.Make("gaussian", 1200, seed);
            for (var i = 700; i < values.Length; i++) values[i] += 3.5;
            var ticks = SyntheticSeries.Ticks(1200, Step);
            var rows = SeriesDetectorTests.Run(ticks, values);
            var found = Assert.Single(Enumerable.Range(0, 1200), i => rows[i].Verdict == Verdict.Changepoint);
            Assert.InRange(found, 707, 740);
            Assert.InRange(Array.IndexOf(ticks, rows[found].LocationTicks!.Value), 697, 703);
        }
    }

    [Fact]
    public void A_step_of_a_constant_is_found_to_the_row()
    {
        var values = Enumerable.Range(0, 300).Select(i => i < 150 ? 4.0 : 5.0).ToArray();
        var ticks = SyntheticSeries.Ticks(300, Step);
        var found = Assert.Single(SeriesDetectorTests.Run(ticks, values), r => r.Verdict == Verdict.Changepoint);
        Assert.Equal(ticks[150], found.LocationTicks);
    }

    [Theory]
    [InlineData("gaussian")]
    [InlineData("heavy-tailed")]
    [InlineData("ar1")]
    [InlineData("seasonal")]
    [InlineData("random-walk")]
    public void Noise_persistence_and_season_are_no_changes(string kind)
    {
        var ticks = SyntheticSeries.Ticks(20_000, TimeSpan.FromHours(1));
        var rows = SeriesDetectorTests.Run(ticks, SyntheticSeries.Make(kind, ticks.Length, 8));
        // Verdicts are 83; few of them are followed by chance by ten values that stay as far.
        Assert.InRange(rows.Count(r => r.Verdict == Verdict.Changepoint), 0, 3);
    }

    [Fact]
    public void Only_changepoints_have_a_location()
    {
        var values = SyntheticSeries.Make("random-walk", 3000, 9);
        Assert.All(
            SeriesDetectorTests.Run(SyntheticSeries.Ticks(3000, Step), values),
            r => Assert.Equal(r.Verdict == Verdict.Changepoint, r.LocationTicks is not null));
    }
}
