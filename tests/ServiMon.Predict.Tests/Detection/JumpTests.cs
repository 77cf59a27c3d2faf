using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Changes of level where the likelihood ratio says little: neighbours that are alike, seasons larger than the change.</summary>
public class JumpTests
{
    [Theory]
    [InlineData("noise that persists", 10, 0.6)]
    [InlineData("a day's turn of ten deviations", 10, 0.7)]
    [InlineData("a day's turn of ten deviations", 60, 0.8)]
    [InlineData("a day's turn of thirty deviations", 60, 0.8)]
    public void A_jump_that_stays_is_a_change_at_its_row(string kind, int minutes, double least)
    {
        const int seeds = 20;
        var told = 0;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var (ticks, values) = Made(kind, minutes, 40, seed);
            var jump = values.Length - 200 - 13 * seed;
            for (var i = jump; i < values.Length; i++) values[i] += 8;
            var rows = SeriesDetectorTests.Run(ticks, values);
            if (rows[jump..(jump + 16)].Any(r => r.LocationTicks is { } location && Math.Abs(Array.IndexOf(ticks, location) - jump) <= 1)) told++;
        }

        Assert.InRange(told, least * seeds, seeds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void Values_that_return_are_no_change(int far)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var (ticks, values) = Made("a day's turn of ten deviations", 60, 40, seed);
            var jump = values.Length - 200 - seed;
            for (var i = 0; i < far; i++) values[jump + i] += 8;
            var rows = SeriesDetectorTests.Run(ticks, values);
            Assert.Equal(Verdict.Spike, rows[jump].Verdict);
            Assert.DoesNotContain(rows[jump..(jump + 16)], r => r.Verdict == Verdict.Changepoint);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void What_the_hours_let_expect_is_not_told(int minutes)
    {
        var perDay = 1440 / minutes;
        const int days = 56, seeds = 8;
        int early = 0, late = 0;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var random = new Random(seed);
            var ticks = SyntheticSeries.Ticks(days * perDay, TimeSpan.FromMinutes(minutes));
            var values = ticks.Select(t => (IsWorking(t) ? 10 : 0) + SyntheticSeries.Gaussian(random)).ToArray();
            var rows = SeriesDetectorTests.Run(ticks, values);
            early += rows[..(7 * perDay)].Count(r => r.Verdict == Verdict.Changepoint);
            late += rows[(28 * perDay)..].Count(r => r.Verdict == Verdict.Changepoint);
        }

        // They are told as long as they are not known, and of forty ramps in the last four weeks hardly one.
        if (minutes < 60) Assert.InRange(early, seeds, int.MaxValue);
        Assert.InRange(late, 0, seeds);
    }

    private static bool IsWorking(long ticks)
    {
        var time = new DateTime(ticks, DateTimeKind.Utc);
        return time.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && time.Hour is >= 8 and < 18;
    }

    [Fact]
    public void A_jump_that_is_waited_for_is_saved()
    {
        var (ticks, values) = Made("a day's turn of ten deviations", 60, 40, 3);
        var jump = values.Length - 200;
        for (var i = jump; i < values.Length; i++) values[i] += 8;
        var detector = new AssetDetector(1);
        var row = new DetectionRow[1];
        for (var i = 0; i < jump + 4; i++) detector.Observe(ticks[i], [values[i]], row);
        var writer = new StateWriter();
        detector.Save(writer);
        var loaded = new AssetDetector(1);
        var reader = new StateReader(writer.Written.Span);
        loaded.Load(ref reader);
        var told = new List<int>();
        for (var i = jump + 4; i < jump + 20; i++)
        {
            loaded.Observe(ticks[i], [values[i]], row);
            if (row[0].Verdict != Verdict.Changepoint) continue;
            Assert.Equal(ticks[jump], row[0].LocationTicks);
            told.Add(i);
        }

        Assert.InRange(Assert.Single(told), jump + 8, jump + 12);
    }

    private static (long[] Ticks, double[] Values) Made(string kind, int minutes, int days, int seed)
    {
        var perDay = 1440 / minutes;
        var random = new Random(seed);
        var values = new double[days * perDay];
        var state = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            var noise = SyntheticSeries.Gaussian(random);
            state = kind == "noise that persists" ? 0.95 * state + noise : noise;
            var turn = kind switch { "a day's turn of ten deviations" => 10, "a day's turn of thirty deviations" => 30, _ => 0 };
            values[i] = state + turn * Math.Sin(2 * Math.PI * i / perDay);
        }

        return (SyntheticSeries.Ticks(values.Length, TimeSpan.FromMinutes(minutes)), values);
    }
}
