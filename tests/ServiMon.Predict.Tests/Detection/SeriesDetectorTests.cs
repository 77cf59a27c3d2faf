using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>What holds for a detector whatever it is fed.</summary>
public class SeriesDetectorTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    public static DetectionRow[] Run(long[] ticks, double[] values)
    {
        var rows = new DetectionRow[ticks.Length];
        new SeriesDetector().Observe(ticks, values, rows);
        return rows;
    }

    private static DetectionRow[] Run(double[] values) => Run(SyntheticSeries.Ticks(values.Length, Step), values);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_value_that_is_none_is_neutral_and_changes_no_later_p_value(double hole)
    {
        var values = SyntheticSeries.Make("gaussian", 2000, 1);
        var ticks = SyntheticSeries.Ticks(2000, Step);
        var holed = values.Select((v, i) => i % 10 == 3 ? hole : v).ToArray();
        var kept = Enumerable.Range(0, 2000).Where(i => i % 10 != 3).ToArray();
        var detector = new SeriesDetector();
        var rows = new DetectionRow[2000];
        detector.Observe(ticks, holed, rows);
        Assert.Equal(200, detector.MissingCount);
        Assert.Equal(DetectionRow.Neutral, rows[13]);
        var without = Run([.. kept.Select(i => ticks[i])], [.. kept.Select(i => values[i])]);
        Assert.Equal(without.Select(r => r.PValue), kept.Select(i => rows[i].PValue));
    }

    [Fact]
    public void Late_and_duplicate_rows_are_neutral_counted_and_change_nothing_after_them()
    {
        var values = SyntheticSeries.Make("ar1", 500, 2);
        var ticks = SyntheticSeries.Ticks(500, Step);
        var clean = Run(ticks, values);
        var detector = new SeriesDetector();
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(clean[i], detector.Observe(ticks[i], values[i]));
            if (i % 100 == 50) Assert.Equal(DetectionRow.Neutral, detector.Observe(ticks[i], 1e6));
            if (i % 100 == 70) Assert.Equal(DetectionRow.Neutral, detector.Observe(ticks[i - 5], 1e6));
        }

        Assert.Equal(5, detector.DuplicateCount);
        Assert.Equal(5, detector.LateCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3.7)]
    [InlineData(1e9)]
    [InlineData(1e300)]
    public void A_constant_is_never_remarkable(double level) =>
        Assert.All(Run([.. Enumerable.Repeat(level, 1500)]), row => Assert.Equal((1, Verdict.None), (row.PValue, row.Verdict)));

    [Fact]
    public void An_offset_of_a_billion_changes_no_verdict()
    {
        var values = SyntheticSeries.Make("gaussian", 4000, 4);
        values[2500] += 15;
        for (var i = 3000; i < 4000; i++) values[i] += 6;
        var near = Run(values);
        var far = Run([.. values.Select(v => v + 1e9)]);
        Assert.Equal(near.Select(r => (r.Verdict, r.LocationTicks)), far.Select(r => (r.Verdict, r.LocationTicks)));
        for (var i = 0; i < values.Length; i++) Assert.Equal(near[i].PValue, far[i].PValue, 1e-3);
    }

    [Fact]
    public void Outcomes_stay_in_range_on_values_of_any_size()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 5000).Select(_ => Math.Pow(10, 600 * random.NextDouble() - 300) * (random.Next(2) * 2 - 1)).ToArray();
        Assert.All(Run(values), row =>
        {
            Assert.InRange(row.PValue, double.Epsilon, 1);
            Assert.InRange(row.Score, 0, 100);
        });
    }
}
