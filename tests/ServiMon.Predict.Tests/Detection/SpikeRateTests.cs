using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>Verdicts on clean data are about as frequent as was asked.</summary>
public class SpikeRateTests
{
    private const int Count = 20_000;

    private const int Settled = 500;

    public static TheoryData<string, double, SpikeDirection> Cases
    {
        get
        {
            var cases = new TheoryData<string, double, SpikeDirection>();
            foreach (var kind in SyntheticSeries.CleanKinds)
            {
                cases.Add(kind, 0.1, SpikeDirection.Both);
                cases.Add(kind, 1, SpikeDirection.Both);
                cases.Add(kind, 0.2, SpikeDirection.Up);
                cases.Add(kind, 0.2, SpikeDirection.Down);
            }

            foreach (var bounded in new[] { "uniform", "lower-bounded" })
            {
                cases.Add(bounded, 0.2, SpikeDirection.Both);
                cases.Add(bounded, 0.2, SpikeDirection.Up);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Verdicts_come_as_often_as_asked_within_a_factor_of_one_and_a_half(string kind, double asked, SpikeDirection direction)
    {
        var step = TimeSpan.FromHours(1);
        var verdicts = 0;
        const int seeds = 6;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var detector = new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = asked, Direction = direction });
            var rows = new DetectionRow[Count];
            detector.Observe(SyntheticSeries.Ticks(Count, step), Made(kind, seed), rows);
            verdicts += rows[Settled..].Count(r => r.Verdict == Verdict.Spike);
        }

        var days = seeds * (Count - Settled) * step.TotalDays;
        Assert.InRange(verdicts / days, asked / 1.5, asked * 1.5);
    }

    /// <summary>A season that no slot of the week can follow makes a bounded statistic, whose tail is far finer than its body.</summary>
    [Fact]
    public void A_season_of_minutes_gives_as_many_verdicts_as_asked()
    {
        var verdicts = 0;
        const int seeds = 6;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var rows = new DetectionRow[Count];
            new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = 1 })
                .Observe(SyntheticSeries.Ticks(Count, TimeSpan.FromMinutes(5)), SyntheticSeries.Make("seasonal", Count, seed), rows);
            verdicts += rows[Settled..].Count(r => r.Verdict == Verdict.Spike);
        }

        Assert.InRange(verdicts / (seeds * (Count - Settled) * 5 / 1440.0), 1 / 1.5, 1.5);
    }

    [Fact]
    public void A_direction_is_the_only_one_told()
    {
        var values = SyntheticSeries.Make("gaussian", 2000, 3);
        values[1500] += 15;
        values[1700] -= 15;
        Assert.Equal(Verdict.Spike, Row(values, SpikeDirection.Up, 1500).Verdict);
        Assert.Equal(Verdict.None, Row(values, SpikeDirection.Up, 1700).Verdict);
        Assert.Equal(Verdict.None, Row(values, SpikeDirection.Down, 1500).Verdict);
        Assert.Equal(Verdict.Spike, Row(values, SpikeDirection.Down, 1700).Verdict);
        Assert.InRange(Row(values, SpikeDirection.Up, 1700).PValue, 0.999, 1);
    }

    [Fact]
    public void Options_out_of_range_are_all_told()
    {
        var options = new DetectorOptions { FalseAlarmsPerDay = 0, Step = TimeSpan.Zero, Direction = (SpikeDirection)7 };
        var problems = Assert.Throws<InputException>(() => new SeriesDetector(options)).Problems;
        Assert.Equal(["FalseAlarmsPerDay", "Step", "Direction"], problems.Select(p => p.Where));
    }

    [Fact]
    public void The_bar_follows_the_spacing_and_gaps_hardly_move_it()
    {
        var detector = new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = 0.5 });
        var ticks = SyntheticSeries.Ticks(1000, TimeSpan.FromMinutes(5));
        for (var i = 0; i < 1000; i++) detector.Observe(ticks[i] + (i >= 500 ? TimeSpan.TicksPerDay : 0), i % 7);
        Assert.Equal(0.5 * 5 / 1440, detector.SpikeBar, 2e-5);
        Assert.Equal(0.25, new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = 0.5, Step = TimeSpan.FromHours(12) }).SpikeBar);
    }

    private static DetectionRow Row(double[] values, SpikeDirection direction, int at)
    {
        var rows = new DetectionRow[values.Length];
        new SeriesDetector(new DetectorOptions { Direction = direction }).Observe(SyntheticSeries.Ticks(values.Length, TimeSpan.FromHours(1)), values, rows);
        return rows[at];
    }

    private static double[] Made(string kind, int seed)
    {
        var random = new Random(seed);
        return kind switch
        {
            "uniform" => [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble())],
            "lower-bounded" => [.. Enumerable.Range(0, Count).Select(_ => Math.Exp(0.7 * SyntheticSeries.Gaussian(random)))],
            _ => SyntheticSeries.Make(kind, Count, seed),
        };
    }
}
