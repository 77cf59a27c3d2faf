using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

public class SeasonDetectionTests
{
    private static readonly long Hour = TimeSpan.TicksPerHour;

    [Theory]
    [InlineData("gaussian")]
    [InlineData("ar1")]
    public void Finds_none_where_there_is_none(string kind)
    {
        var none = Enumerable.Range(1, 20).Count(seed => SeasonDetection.Find(SyntheticSeries.Make(kind, 600, seed), Hour).Length == 0);
        Assert.InRange(none, 18, 20);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(24)]
    [InlineData(53)]
    public void Finds_the_period_in_noise_on_a_trend(int period)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 600).Select(i => 0.05 * i + 3 * Math.Sin(2 * Math.PI * i / period) + SyntheticSeries.Gaussian(random)).ToArray();
        for (var i = 200; i < 230; i++) values[i] = double.NaN;
        Assert.Equal([period], SeasonDetection.Find(values, 17 * TimeSpan.TicksPerSecond));
    }

    /// <summary>A cycle of an hour and a half comes again after a day, sixteen cycles later; and nothing is gained by waiting for it.</summary>
    [Theory]
    [InlineData(90, 1)]
    [InlineData(60, 1)]
    [InlineData(6, 60)]
    public void A_season_of_which_the_day_is_a_multiple_is_not_the_day(int period, int minutes)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, 4000).Select(i => 10 * Math.Sin(2 * Math.PI * i / period) + SyntheticSeries.Gaussian(random))];
            var seasons = SeasonDetection.Find(values, minutes * TimeSpan.TicksPerMinute);
            Assert.InRange(seasons[0], period - 1, period + 1);
        }
    }

    [Fact]
    public void A_day_that_is_more_than_its_half_is_the_season()
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 1000).Select(i => 5 * Math.Sin(2 * Math.PI * i / 24) + 9 * Math.Sin(2 * Math.PI * i / 12) + SyntheticSeries.Gaussian(random))];
        Assert.Equal(24, SeasonDetection.Find(values, Hour)[0]);
    }

    [Fact]
    public void Finds_day_and_week()
    {
        var random = new Random(2);
        var values = Enumerable.Range(0, 24 * 7 * 6)
            .Select(i => (i / 24 % 7 < 5 ? 10 : 3) * (1.2 + Math.Sin(2 * Math.PI * i / 24)) + SyntheticSeries.Gaussian(random)).ToArray();
        Assert.Equal([24, 168], SeasonDetection.Find(values, Hour));
    }

    [Fact]
    public void Short_and_constant_series_have_none()
    {
        Assert.Empty(SeasonDetection.Find([1, 2, 3], Hour));
        Assert.Empty(SeasonDetection.Find(new double[500], Hour));
    }
}
