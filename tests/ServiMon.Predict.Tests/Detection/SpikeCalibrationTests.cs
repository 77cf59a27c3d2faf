using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

/// <summary>P-values of clean series in either direction and in their first days, and verdicts far out in the tail. The whole table: the bench's <c>calibration</c>.</summary>
public class SpikeCalibrationTests
{
    private const int Count = 20_160;

    private const int Settled = 500;

    /// <summary>The bar of <see cref="SpikeTests"/>.</summary>
    private const double MaxDistance = 0.03;

    public static TheoryData<string, int, SpikeDirection> Distances
    {
        get
        {
            var cases = new TheoryData<string, int, SpikeDirection>();
            foreach (var kind in (string[])[.. SyntheticSeries.CleanKinds, "uniform", "lognormal", "gamma"])
            {
                cases.Add(kind, 60, SpikeDirection.Up);
                cases.Add(kind, 60, SpikeDirection.Down);
            }

            foreach (var minutes in (int[])[1, 5])
                foreach (var direction in Enum.GetValues<SpikeDirection>()) cases.Add("day", minutes, direction);
            return cases;
        }
    }

    /// <summary>A day of minutes is seen fourteen times within the rows; scales are unknown on the first.</summary>
    [Theory]
    [MemberData(nameof(Distances))]
    public void P_values_are_uniform_in_each_direction_and_while_a_season_is_learned(string kind, int minutes, SpikeDirection direction)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            double[] sorted = [.. PValues(kind, minutes, 0.2, direction, seed).Order()];
            Assert.InRange(sorted.Select((p, i) => Math.Abs(p - (i + 0.5) / sorted.Length)).Max(), 0, MaxDistance);
        }
    }

    /// <summary>Once a day at every minute: fourteen verdicts a series are due, some three hundred in all.</summary>
    [Theory]
    [InlineData("gaussian")]
    [InlineData("heavy-tailed")]
    [InlineData("skewed")]
    [InlineData("ar1")]
    [InlineData("uniform")]
    [InlineData("lognormal")]
    [InlineData("gamma")]
    public void One_verdict_in_1440_comes_as_often_as_asked_within_a_factor_of_one_and_a_half(string kind)
    {
        const int seeds = 24;
        var verdicts = Enumerable.Range(1, seeds).Sum(seed => PValues(kind, 1, 1, SpikeDirection.Both, seed).Count(p => p <= 1.0 / 1440));
        Assert.InRange(verdicts / (seeds * (Count - Settled) / 1440.0), 1 / 1.5, 1.5);
    }

    /// <summary>Once in five days: three verdicts a series are due, some three hundred in all.</summary>
    [Theory]
    [InlineData("gaussian")]
    [InlineData("heavy-tailed")]
    [InlineData("lognormal")]
    [InlineData("uniform")]
    [InlineData("ar1")]
    [InlineData("day")]
    public void One_verdict_in_7200_comes_as_often_as_asked_within_a_factor_of_one_and_a_half(string kind)
    {
        const int seeds = 112;
        var verdicts = Enumerable.Range(1, seeds).Sum(seed => PValues(kind, 1, 0.2, SpikeDirection.Both, seed).Count(p => p <= 0.2 / 1440));
        Assert.InRange(verdicts / (seeds * (Count - Settled) * 0.2 / 1440), 1 / 1.5, 1.5);
    }

    /// <summary>Values that tie at the lower end, and a season of noise: of the first .0067 are 0, ten times what is asked for.</summary>
    [Theory]
    [InlineData("poisson")]
    [InlineData("season x noise")]
    public void Verdicts_downwards_come_as_often_as_asked_where_laws_end_there(string kind)
    {
        const int seeds = 64;
        var verdicts = Enumerable.Range(1, seeds).Sum(seed => PValues(kind, 1, 1, SpikeDirection.Down, seed).Count(p => p <= 1.0 / 1440));
        Assert.InRange(verdicts / (seeds * (Count - Settled) / 1440.0), 1 / 1.6, 1.5);
    }

    private static IEnumerable<double> PValues(string kind, int minutes, double perDay, SpikeDirection direction, int seed)
    {
        var random = new Random(seed);
        var noise = SyntheticSeries.Make("gaussian", Count, seed);
        double[] values = kind switch
        {
            "uniform" => [.. noise.Select(_ => random.NextDouble())],
            "lognormal" => [.. noise.Select(Math.Exp)],
            "gamma" => [.. noise.Select(_ => -Math.Log((1 - random.NextDouble()) * (1 - random.NextDouble())))],
            "poisson" => [.. noise.Select(_ => Poisson(random, 5))],
            "season x noise" => [.. noise.Select((x, i) => (2 + Math.Sin(2 * Math.PI * i * minutes / 1440)) * Math.Exp(0.2 * x))],
            "day" => [.. noise.Select((x, i) => x + 10 * Math.Sin(2 * Math.PI * i * minutes / 1440))],
            _ => SyntheticSeries.Make(kind, Count, seed),
        };
        var rows = new DetectionRow[Count];
        new SeriesDetector(new DetectorOptions { FalseAlarmsPerDay = perDay, Direction = direction })
            .Observe(SyntheticSeries.Ticks(Count, TimeSpan.FromMinutes(minutes)), values, rows);
        return rows[Settled..].Select(row => row.PValue);
    }

    /// <summary>Arrivals within a time of one at a rate.</summary>
    private static double Poisson(Random random, double rate)
    {
        var arrivals = -1;
        for (var time = 0.0; time < rate; arrivals++) time -= Math.Log(1 - random.NextDouble());
        return arrivals;
    }
}
