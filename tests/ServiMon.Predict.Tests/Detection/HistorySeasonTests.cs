using ServiMon.Predict.Detection;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>A whole history is cut where its level changes, not where its days and weeks turn.</summary>
public class HistorySeasonTests
{
    [Theory]
    [InlineData("day", 1, 10)]
    [InlineData("day", 10, 10)]
    [InlineData("day", 30, 10)]
    [InlineData("day", 10, 60)]
    [InlineData("working hours", 10, 10)]
    [InlineData("working hours", 10, 60)]
    [InlineData("ninety steps", 10, 1)]
    public void A_season_is_one_stretch_and_a_change_within_it_is_found(string kind, double amplitude, int minutes)
    {
        const int days = 42;
        var count = minutes == 1 ? 4000 : days * 1440 / minutes;
        for (var seed = 1; seed <= 4; seed++)
        {
            var ticks = SyntheticSeries.Ticks(count, TimeSpan.FromMinutes(minutes));
            var values = Made(kind, amplitude, ticks, seed);
            Assert.Equal(0, Assert.Single(Segment.Cut(ticks, values)).From - ticks[0]);
            var change = count / 2 + 17 * seed;
            for (var i = change; i < count; i++) values[i] += 4;
            var segments = Segment.Cut(ticks, values);
            Assert.Equal(2, segments.Count);
            Assert.InRange(Array.IndexOf(ticks, segments[1].From), change - 4, change + 4);
        }
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void Noise_without_a_season_is_left_as_it_is(double persistence)
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var ticks = SyntheticSeries.Ticks(42 * 144, TimeSpan.FromMinutes(10));
            var values = Noise(ticks.Length, persistence, seed);
            Assert.Equal(values, HistorySeason.Removed(ticks, values, null));
            Assert.InRange(Segment.Cut(ticks, values).Count, 1, 2);
        }
    }

    [Fact]
    public void A_walk_is_cut_seldom()
    {
        for (var seed = 1; seed <= 4; seed++)
        {
            var ticks = SyntheticSeries.Ticks(42 * 144, TimeSpan.FromMinutes(10));
            Assert.InRange(Segment.Cut(ticks, SyntheticSeries.Make("random-walk", ticks.Length, seed)).Count, 1, 12);
        }
    }

    [Fact]
    public void Seasons_follow_the_local_clock_over_a_change_of_it()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Madrid");
        var ticks = SyntheticSeries.Ticks(180 * 24, TimeSpan.FromHours(1));
        var random = new Random(3);
        double[] values = [.. ticks.Select(t =>
        {
            var local = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(t, DateTimeKind.Utc), zone);
            return (local.Hour is >= 20 or < 6 ? 12 : 0) + SyntheticSeries.Gaussian(random);
        })];
        var left = HistorySeason.Removed(ticks, values, zone);
        Assert.InRange(Deviation(left), 0.9, 1.15);
        // By the hours of UTC two of a day are wrong for a part of the year.
        Assert.InRange(Deviation(HistorySeason.Removed(ticks, values, null)), 1.6, 5);
        Assert.Single(Segment.Cut(ticks, values, zone));
    }

    [Fact]
    public void Gaps_and_missing_values_do_not_shift_the_season()
    {
        var ticks = SyntheticSeries.Ticks(42 * 144, TimeSpan.FromMinutes(10)).ToList();
        var values = Made("day", 10, [.. ticks], 5).ToList();
        ticks.RemoveRange(2000, 401);
        values.RemoveRange(2000, 401);
        for (var i = 3; i < values.Count; i += 7) values[i] = double.NaN;
        Assert.Single(Segment.Cut([.. ticks], [.. values]));
    }

    [Fact]
    public void Short_constant_and_empty_series_are_left_alone()
    {
        Assert.Empty(HistorySeason.Removed([], [], null));
        double[] few = [1, double.NaN, 3];
        Assert.Equal(few, HistorySeason.Removed(SyntheticSeries.Ticks(3, TimeSpan.FromHours(1)), few, null));
        var constant = Enumerable.Repeat(7.0, 2000).ToArray();
        Assert.Equal(constant, HistorySeason.Removed(SyntheticSeries.Ticks(2000, TimeSpan.FromHours(1)), constant, null));
    }

    /// <summary>Times as a machine may send them: a tick apart, years apart, all at once; and values at the end of what a double holds.</summary>
    [Fact]
    public void Odd_times_and_sizes_are_no_failure()
    {
        var values = Noise(400, 0, 1);
        var second = TimeSpan.TicksPerSecond;
        Func<int, long>[] clocks = [i => i, i => i < 399 ? i * second : i * second * 100_000_000, i => i / 2 * second, i => 5, i => (i % 2 == 0 ? i : i - 1) * TimeSpan.TicksPerDay + i];
        foreach (var clock in clocks)
            Assert.Equal(400, Segment.Cut([.. Enumerable.Range(0, 400).Select(i => 630_000_000_000_000_000 + clock(i))], values).Sum(s => s.Count));
        var ticks = SyntheticSeries.Ticks(400, TimeSpan.FromHours(1));
        foreach (var size in new[] { 1e150, 1e307, 1e-300 })
            Assert.Equal(400, Segment.Cut(ticks, [.. values.Select((v, i) => i % 3 == 0 ? v * size : v)]).Sum(s => s.Count));
    }

    [Theory]
    [InlineData(1e120)]
    [InlineData(1e300)]
    public void Values_whose_squares_overflow_are_cut_like_others(double unit)
    {
        var values = Noise(500, 0, 2);
        for (var i = 300; i < 500; i++) values[i] += 5;
        Assert.Equal(Pelt.Locate(values), Pelt.Locate([.. values.Select(v => v * unit)]));
        Assert.Equal(300, Assert.Single(Pelt.Locate(values)), 2.0);
    }

    private static double[] Made(string kind, double amplitude, long[] ticks, int seed)
    {
        var noise = Noise(ticks.Length, 0, seed);
        return [.. ticks.Select((t, i) => noise[i] + amplitude * Turn(kind, new DateTime(t, DateTimeKind.Utc), i))];
    }

    private static double Turn(string kind, DateTime time, int index) => kind switch
    {
        "day" => Math.Sin(2 * Math.PI * time.TimeOfDay.TotalDays),
        "working hours" => time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && time.Hour is >= 8 and < 18 ? 1 : 0,
        _ => Math.Sin(2 * Math.PI * index / 90),
    };

    private static double[] Noise(int count, double persistence, int seed)
    {
        var random = new Random(seed);
        var (values, state) = (new double[count], 0.0);
        for (var i = 0; i < count; i++) values[i] = state = persistence * state + SyntheticSeries.Gaussian(random);
        return values;
    }

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
