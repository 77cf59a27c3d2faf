using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

public class NoveltyTests
{
    /// <summary>The threshold that is best on the Numenta Anomaly Benchmark.</summary>
    private const double Bar = 4.5;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_value_outside_everything_seen_scores_highest()
    {
        var values = SyntheticSeries.Make("gaussian", 4000, 1);
        values[3000] = 40;
        var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(4000, Step), values);
        Assert.Equal(3000, Enumerable.Range(0, 4000).MaxBy(i => rows[i].Score));
        Assert.True(rows[3000].Score > Bar);
    }

    [Fact]
    public void A_value_ordinary_by_day_is_novel_by_night_even_after_a_gap()
    {
        // Days at 10, nights at 0; after a gap of 7 hours the phase of the index is wrong, that of the clock is right.
        var random = new Random(2);
        var ticks = SyntheticSeries.Ticks(288 * 20, Step);
        for (var i = 288 * 10; i < ticks.Length; i++) ticks[i] += TimeSpan.FromHours(7).Ticks;
        var values = ticks.Select(t => (IsDay(t) ? 10 : 0) + SyntheticSeries.Gaussian(random)).ToArray();
        var odd = Enumerable.Range(288 * 15, 288).First(i => new DateTime(ticks[i]).Hour == 2);
        var clean = SeriesDetectorTests.Run(ticks, values);
        values[odd] = 10;
        Assert.True(SeriesDetectorTests.Run(ticks, values)[odd].Score > 1);
        Assert.Equal(0, clean[odd].Score);
        Assert.InRange(clean[(288 * 11)..].Count(r => r.Score > Bar), 0, 3);
    }

    [Fact]
    public void An_episode_is_scored_where_it_begins()
    {
        var values = SyntheticSeries.Make("gaussian", 4000, 3);
        for (var i = 3000; i < 3040; i++) values[i] += 30;
        var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(4000, Step), values);
        Assert.True(rows[3000].Score > Bar);
        Assert.InRange(rows[3001..3040].Count(r => r.Score > Bar), 0, 2);
    }

    private static bool IsDay(long ticks) => new DateTime(ticks).Hour is >= 8 and < 20;
}
