using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>Each expert on series whose continuation is known.</summary>
public class ExpertTests
{
    [Fact]
    public void Golden_cases()
    {
        var file = Path.Combine(TestFiles.RepositoryRoot, "tests/ServiMon.Predict.Tests/Forecasting/experts.txt");
        foreach (var line in File.ReadLines(file).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var parts = line.Split('|', StringSplitOptions.TrimEntries);
            var expected = Numbers(parts[2]);
            var forecast = new double[expected.Length];
            Assert.True(Expert(parts[0]).TryForecast(Numbers(parts[1]), forecast), line);
            var tolerance = Numbers(parts[3])[0];
            for (var h = 0; h < expected.Length; h++)
                Assert.True(Math.Abs(expected[h] - forecast[h]) <= tolerance, $"{parts[0]}, step {h + 1}: {forecast[h]}, expected {expected[h]}");
        }
    }

    [Theory]
    [InlineData("theta 24")]
    [InlineData("holt-winters 24")]
    [InlineData("holt-winters 24,168")]
    [InlineData("damped-trend 24")]
    [InlineData("autoregression 24")]
    [InlineData("singular-spectrum 24")]
    public void A_seasonal_series_goes_on_about_as_well_as_noise_allows(string name)
    {
        double off = 0;
        for (var seed = 1; seed <= 5; seed++)
        {
            var values = SyntheticSeries.Make("seasonal", 524, seed);
            var forecast = new double[24];
            Assert.True(Expert(name).TryForecast(values.AsSpan(0, 500), forecast));
            for (var h = 0; h < 24; h++) off += Math.Abs(forecast[h] - 10 * Math.Sin(2 * Math.PI * (500 + h) / 24)) / 24 / 5;
        }

        Assert.InRange(off, 0, 0.6);
    }

    [Fact]
    public void Two_seasons_are_told_apart()
    {
        static double At(int t) => 5 * Math.Sin(2 * Math.PI * t / 24) + (t / 24 % 7 < 5 ? 10 : 2);
        double[] values = [.. Enumerable.Range(0, 24 * 42).Select(At)];
        var forecast = new double[168];
        Assert.True(Expert("holt-winters 24,168").TryForecast(values, forecast));
        Assert.InRange(forecast.Select((x, h) => Math.Abs(x - At(values.Length + h))).Average(), 0, 0.6);
    }

    [Theory]
    [InlineData("theta 24")]
    [InlineData("holt-winters 24")]
    [InlineData("singular-spectrum 24")]
    public void Too_short_a_past_is_declined(string name) => Assert.False(Expert(name).TryForecast(new double[30], new double[5]));

    private static double[] Numbers(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(double.Parse)];

    private static IExpert Expert(string name)
    {
        var words = name.Split(' ');
        int[] seasons = words.Length > 1 ? [.. words[1].Split(',').Select(int.Parse)] : [];
        return words[0] switch
        {
            "naive" => new SeasonalNaive(1),
            "seasonal-naive" => new SeasonalNaive(seasons[0]),
            "theta" => new Theta(seasons[0]),
            "damped-trend" => new DampedTrend(seasons[0]),
            "holt-winters" => new HoltWinters(seasons),
            "autoregression" => new SeasonalAutoregression(seasons, onLogs: false),
            "singular-spectrum" => new SpectrumExpert(seasons[0]),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "not an expert"),
        };
    }

    [Fact]
    public void A_line_goes_on_where_the_series_keeps_to_it()
    {
        var random = new Random(1);
        var history = new double[200];
        for (var i = 0; i < history.Length; i++) history[i] = 5 + 0.02 * i + SyntheticSeries.Gaussian(random);
        var forecast = new double[60];
        Assert.True(new StraightLine(1).TryForecast(history, forecast));
        Assert.Equal(5 + 0.02 * 259, forecast[^1], 1.0);
    }

    /// <summary>A walk drifts and a level's noise has a slope: five in a hundred walks may look as if they kept to a line.</summary>
    [Theory]
    [InlineData("random-walk")]
    [InlineData("gaussian")]
    [InlineData("ar1")]
    public void There_is_no_line_through_what_keeps_to_none(string kind)
    {
        var seeds = new Random(2);
        var answered = Enumerable.Range(0, 200).Count(_ => new StraightLine(1).TryForecast(SyntheticSeries.Make(kind, 200, seeds.Next()), new double[10]));
        Assert.InRange(answered, 0, 20);
    }

    /// <summary>The mixture was late: what follows it late is late on the same side, and outweighed the line together.</summary>
    [Fact]
    public void A_slope_in_noise_is_followed_for_long()
    {
        var seeds = new Random(3);
        var off = Enumerable.Range(0, 10).Average(_ =>
        {
            var random = new Random(seeds.Next());
            double[] values = [.. Enumerable.Range(0, 500).Select(i => 0.02 * i + SyntheticSeries.Gaussian(random))];
            return Forecaster.Fit(SyntheticSeries.Ticks(500, TimeSpan.FromHours(1)), values).Forecast(60).Median[59] - 0.02 * 559;
        });
        Assert.Equal(0, off, 0.25);
    }
}
