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
