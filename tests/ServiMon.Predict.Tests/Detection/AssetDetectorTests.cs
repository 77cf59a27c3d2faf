using System.Diagnostics;
using System.Reflection;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

public class AssetDetectorTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(31)]
    public void A_lane_among_others_gives_the_same_bits_as_the_series_alone(int metrics)
    {
        const int count = 3000;
        var random = new Random(5);
        var ticks = SyntheticSeries.Ticks(count, Step);
        var series = Enumerable.Range(0, metrics).Select(k => Dirty(SyntheticSeries.Make(SyntheticSeries.CleanKinds[k % 5], count, k), k, random)).ToArray();
        var together = new AssetDetector(metrics);
        var rows = new DetectionRow[metrics];
        var alone = series.Select(_ => new SeriesDetector()).ToArray();
        for (var i = 0; i < count; i++)
        {
            together.Observe(ticks[i], [.. series.Select(s => s[i])], rows);
            for (var k = 0; k < metrics; k++) Assert.Equal(alone[k].Observe(ticks[i], series[k][i]), rows[k]);
        }

        for (var k = 0; k < metrics; k++) Assert.Equal(alone[k].Health, together.Health(k));
    }

    [Fact]
    public void A_metric_takes_less_than_a_kilobyte_beside_nineteen_others_and_nothing_is_allocated()
    {
        var detector = new AssetDetector(20);
        Assert.InRange(detector.StateBytes / 20, 1, 800);
        var ticks = SyntheticSeries.Ticks(2000, Step);
        var values = new double[20];
        var rows = new DetectionRow[20];
        var random = new Random(1);
        var allocating = 0;
        for (var i = 0; i < 2000; i++)
        {
            for (var k = 0; k < 20; k++) values[k] = random.NextDouble();
            var before = GC.GetAllocatedBytesForCurrentThread();
            detector.Observe(ticks[i], values, rows);
            if (i >= 1000 && GC.GetAllocatedBytesForCurrentThread() > before) allocating++;
        }

        // Code that is not optimised keeps vectors on the heap.
        if (typeof(AssetDetector).Assembly.GetCustomAttribute<DebuggableAttribute>() is { IsJITOptimizerDisabled: true }) return;
        // The runtime itself allocates once or twice, as when it compiles a method anew.
        Assert.InRange(allocating, 0, 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(13)]
    [InlineData(114)]
    public void No_metric_pays_for_lanes_that_are_not_there(int metrics) => Assert.InRange(new AssetDetector(metrics).StateBytes, 1, 782 * metrics + 71);

    [Fact]
    public void Asking_for_the_state_beforehand_changes_nothing()
    {
        var values = SyntheticSeries.Make("ar1", 600, 3);
        var ticks = SyntheticSeries.Ticks(600, Step);
        var (plain, asked) = (new AssetDetector(1), new AssetDetector(1));
        var (expected, rows) = (new DetectionRow[1], new DetectionRow[1]);
        for (var i = 0; i < 600; i++)
        {
            AssetDetector.Prefetch([asked, plain]);
            asked.Observe(ticks[i], [values[i]], rows);
            plain.Observe(ticks[i], [values[i]], expected);
            Assert.Equal(expected, rows);
        }
    }

    [Fact]
    public void A_metric_that_stands_still_is_stuck_unless_it_often_does()
    {
        var detector = new AssetDetector(2);
        var ticks = SyntheticSeries.Ticks(600, Step);
        var values = SyntheticSeries.Make("gaussian", 600, 4);
        var rows = new DetectionRow[2];
        for (var i = 0; i < 600; i++)
            detector.Observe(ticks[i], [i < 500 ? values[i] : values[500], Math.Floor(i / 40.0)], rows);
        Assert.True(detector.Health(0).IsStuck);
        Assert.Equal(99, detector.Health(0).UnchangedSteps);
        Assert.False(detector.Health(1).IsStuck);
        Assert.Equal(39, detector.Health(1).LongestUnchanged);
    }

    [Fact]
    public void Missing_steps_are_counted_until_the_metric_is_back()
    {
        var detector = new AssetDetector(1);
        var ticks = SyntheticSeries.Ticks(200, Step);
        var rows = new DetectionRow[1];
        for (var i = 0; i < 200; i++) detector.Observe(ticks[i], [i >= 140 ? double.NaN : i], rows);
        Assert.Equal(60, detector.Health(0).MissingRun);
        Assert.Equal(0.5, detector.Health(0).MissingShare, 0.01);
        Assert.Equal(60, detector.MissingCount);
        detector.Observe(ticks[^1] + Step.Ticks, [1], rows);
        Assert.Equal(0, detector.Health(0).MissingRun);
    }

    [Fact]
    public void A_slow_drift_is_noticed_though_no_step_of_it_is_a_change()
    {
        const int count = 8000;
        var ticks = SyntheticSeries.Ticks(count, Step);
        foreach (var (slope, drifting) in new[] { (0.0, false), (0.0005, true), (-0.0005, true) })
        {
            for (var seed = 1; seed <= 5; seed++)
            {
                var values = SyntheticSeries.Make("ar1", count, seed);
                var detector = new SeriesDetector();
                for (var i = 0; i < count; i++) detector.Observe(ticks[i], values[i] + slope * Math.Max(0, i - 3000));
                Assert.Equal(drifting, detector.Health.IsDrifting);
                if (drifting) Assert.Equal(slope > 0, detector.Health.DriftUp > detector.Health.DriftDown);
            }
        }
    }

    [Fact]
    public void Hours_follow_the_clock_of_the_zone_through_daylight_saving()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), "test", "test", "summer",
            [TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 4, 1),
                TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 1))]);
        var winter = new DateTime(2024, 1, 10, 7, 30, 0, DateTimeKind.Utc).Ticks;
        var summer = new DateTime(2024, 7, 10, 7, 30, 0, DateTimeKind.Utc).Ticks;
        Assert.Equal(8, HourSlots.Of(winter, zone));
        Assert.Equal(9, HourSlots.Of(summer, zone));
        Assert.Equal(7, HourSlots.Of(summer, null));
        Assert.Equal(24 + 2, HourSlots.Of(new DateTime(2024, 7, 13, 7, 30, 0, DateTimeKind.Utc).Ticks, null));
    }

    [Theory]
    [InlineData(1e2)]
    [InlineData(1e6)]
    [InlineData(-1e6)]
    public void A_jump_of_any_size_is_a_change_at_its_row_and_scores_stay_graded_after_it(double jump)
    {
        var values = SyntheticSeries.Make("gaussian", 6000, 8);
        var ticks = SyntheticSeries.Ticks(6000, Step);
        var rows = new DetectionRow[6000];
        new SeriesDetector().Observe(ticks, [.. values.Select((v, i) => i < 1000 ? v : v + jump)], rows);
        Assert.Equal(ticks[1000], rows[1000..1020].First(r => r.Verdict == Verdict.Changepoint).LocationTicks);
        Assert.InRange(rows[2000..].Count(r => r.Verdict != Verdict.None), 0, 5);
    }

    private static double[] Dirty(double[] values, int metric, Random random)
    {
        if (metric % 3 != 1) return values;
        for (var i = 0; i < values.Length; i++)
            if (random.Next(10) == 0) values[i] = double.NaN;
        return values;
    }
}
