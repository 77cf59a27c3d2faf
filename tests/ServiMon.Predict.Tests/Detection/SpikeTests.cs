using ServiMon.Predict.Detection;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Detection;

public class SpikeTests
{
    /// <summary>The bar of the Kolmogorov-Smirnov distance; 0.009 would be reached by chance alone once in two hundred series.</summary>
    private const double MaxDistance = 0.03;

    public static TheoryData<string> CleanKinds => [.. SyntheticSeries.CleanKinds];

    [Theory]
    [MemberData(nameof(CleanKinds))]
    public void P_values_of_a_clean_series_are_uniform(string kind)
    {
        const int count = 20_000, settled = 500;
        for (var seed = 1; seed <= 3; seed++)
        {
            var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(count, TimeSpan.FromHours(1)), SyntheticSeries.Make(kind, count, seed));
            var sorted = rows[settled..].Select(r => r.PValue).Order().ToArray();
            var distance = sorted.Select((p, i) => Math.Abs(p - (i + 0.5) / sorted.Length)).Max();
            Assert.InRange(distance, 0, MaxDistance);
            Assert.InRange(sorted.Count(p => p < 1e-3) / (double)sorted.Length, 0, 2e-3);
        }
    }

    [Theory]
    [InlineData(12)]
    [InlineData(-12)]
    public void A_spike_is_told_when_it_comes(double size)
    {
        var values = SyntheticSeries.Make("gaussian", 1000, 6);
        values[700] += size;
        var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(1000, TimeSpan.FromMinutes(1)), values);
        Assert.Equal(Verdict.Spike, rows[700].Verdict);
        Assert.InRange(rows[700].PValue, 0, 1e-4);
        Assert.InRange(rows.Count(r => r.Verdict == Verdict.Spike), 1, 2);
    }

    /// <summary>Series whose values are far apart and whose steps are small, in deviations of what a step brings that nobody could know.</summary>
    [Theory]
    [InlineData("a day's turn in noise", 10)]
    [InlineData("a day's turn that is forty times the noise", 14)]
    [InlineData("noise that persists", 8)]
    [InlineData("a walk", 14)]
    public void A_single_value_off_its_neighbours_is_told_where_the_series_itself_goes_further(string kind, double size)
    {
        const int count = 6000, first = 3000, apart = 299;
        var (told, planted, returns) = (0, 0, 0);
        for (var seed = 5; seed < 9; seed++)
        {
            var random = new Random(seed);
            var values = new double[count];
            var state = 0.0;
            for (var i = 0; i < count; i++)
            {
                var noise = SyntheticSeries.Gaussian(random);
                var day = Math.Sin(2 * Math.PI * i / 144);
                state = kind switch { "noise that persists" => 0.95 * state + noise, "a walk" => state + noise, _ => noise };
                values[i] = kind switch { "a day's turn in noise" => 10 * day + state, "a day's turn that is forty times the noise" => 40 * day + state, _ => state };
            }

            var clean = (double[])values.Clone();
            for (var i = first; i < count - 1; i += apart) values[i] += random.Next(2) == 0 ? size : -size;
            Assert.True(values.Zip(clean).Count(v => v.First > clean.Max() || v.First < clean.Min()) < 15);
            var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(count, TimeSpan.FromMinutes(10)), values);
            for (var i = first; i < count - 1; i += apart, planted++)
            {
                if (rows[i].Verdict == Verdict.Spike) told++;
                if (rows[i + 1].Verdict == Verdict.Spike) returns++;
            }
        }

        Assert.InRange(told, 0.7 * planted, planted);
        Assert.InRange(returns, 0, 0.1 * planted);
    }

    /// <summary>Hours of a day that are known over days; at weekends they stand three in a slot, between which a large season goes further than the noise.</summary>
    [Theory]
    [InlineData(10, 8)]
    [InlineData(30, 10)]
    public void A_single_value_off_its_hour_is_told_in_a_season_that_is_much_larger(double amplitude, double size)
    {
        const int count = 4000, first = 1200, apart = 151;
        var (told, planted, others) = (0, 0, 0);
        for (var seed = 1; seed <= 4; seed++)
        {
            var random = new Random(seed);
            var values = new double[count];
            for (var i = 0; i < count; i++) values[i] = amplitude * Math.Sin(2 * Math.PI * i / 24) + SyntheticSeries.Gaussian(random);
            for (var i = first; i < count; i += apart) values[i] += random.Next(2) == 0 ? size : -size;
            var rows = SeriesDetectorTests.Run(SyntheticSeries.Ticks(count, TimeSpan.FromHours(1)), values);
            for (var i = first; i < count; i++)
            {
                var spike = rows[i].Verdict == Verdict.Spike;
                if ((i - first) % apart != 0) others += spike ? 1 : 0;
                else (told, planted) = (told + (spike ? 1 : 0), planted + 1);
            }
        }

        Assert.InRange(told, 0.8 * planted, planted);
        Assert.InRange(others, 0, 4 * 2 * 0.1 * (count - first) / 24);
    }

    [Theory]
    [InlineData(1e3)]
    [InlineData(1e30)]
    public void A_spike_of_any_size_before_the_first_fit_is_not_impossible(double size)
    {
        var values = SyntheticSeries.Make("gaussian", 301, 6);
        values[300] = size;
        Assert.InRange(SeriesDetectorTests.Run(SyntheticSeries.Ticks(301, TimeSpan.FromMinutes(1)), values)[300].PValue, double.Epsilon, 1e-4);
    }

    [Fact]
    public void Leaving_a_constant_past_is_a_spike()
    {
        var values = new double[200];
        values[150] = 1e-6;
        Assert.Equal(Verdict.Spike, SeriesDetectorTests.Run(SyntheticSeries.Ticks(200, TimeSpan.FromMinutes(1)), values)[150].Verdict);
    }
}
