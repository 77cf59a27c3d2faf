using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Series;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>Working hours on a clock that goes forward and back.</summary>
public class LocalSeasonTests
{
    private static double Busy(LocalTime clock, long ticks) => new DateTime(clock.At(ticks)).Hour is >= 9 and < 17 ? 20 : 5;

    [Theory]
    [InlineData("2024-03-11", 20, 48)] // forward within the history
    [InlineData("2024-03-11", 20, 100)]
    [InlineData("2024-03-15", 15, 60)] // forward within the forecast
    [InlineData("2024-10-07", 21, 48)] // back within the history
    [InlineData("2024-10-10", 16, 60)] // back within the forecast
    public void They_stay_at_nine_o_clock(string start, int days, int horizon)
    {
        var clock = new LocalTime(LocalTimeTests.Zone);
        var first = DateTime.SpecifyKind(DateTime.Parse(start, System.Globalization.CultureInfo.InvariantCulture), DateTimeKind.Utc).Ticks;
        long[] ticks = [.. Enumerable.Range(0, 24 * days + horizon).Select(i => first + i * TimeSpan.TicksPerHour)];
        var random = new Random(3);
        double[] values = [.. ticks.Select(t => Busy(clock, t) + 0.1 * SyntheticSeries.Gaussian(random))];
        var count = 24 * days;
        double Off(TimeZoneInfo? zone)
        {
            var forecast = Forecaster.Fit(ticks.AsSpan(0, count), values.AsSpan(0, count), TimeSpan.FromHours(1), zone).Forecast(horizon, 0.95);
            Assert.Equal(ticks[count..], forecast.Ticks);
            return Enumerable.Range(0, horizon).Average(h => Math.Abs(forecast.Median[h] - Busy(clock, ticks[count + h])));
        }

        var local = Off(LocalTimeTests.Zone);
        Assert.InRange(local, 0, 0.45);
        if (horizon == 60) Assert.True(Off(null) > local + 0.3, "on UTC the hours around nine and five o'clock are wrong");
    }

    [Fact]
    public void Without_changes_of_the_clock_a_zone_changes_nothing_but_rounding()
    {
        var ticks = SyntheticSeries.Ticks(300, TimeSpan.FromHours(1));
        var values = SyntheticSeries.Make("seasonal", 300, 2);
        var there = Forecaster.Fit(ticks, values, null, LocalTimeTests.Zone).Forecast(30, 0.9);
        var here = Forecaster.Fit(ticks, values).Forecast(30, 0.9);
        Assert.Equal(here.Ticks, there.Ticks);
        Assert.Equal(here.Median, there.Median);
        Assert.Equal(here.Intervals[0].Upper, there.Intervals[0].Upper);
    }

    [Fact]
    public void A_live_forecaster_fed_local_times_keeps_its_hours()
    {
        var clock = new LocalTime(LocalTimeTests.Zone);
        var first = new DateTime(2024, 3, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        var random = new Random(4);
        long[] ticks = [.. Enumerable.Range(0, 24 * 40).Select(i => first + i * TimeSpan.TicksPerHour)];
        double[] values = [.. ticks.Select(t => Busy(clock, t) + 0.1 * SyntheticSeries.Gaussian(random))];
        long[] local = [.. ticks.Select(clock.At)];
        var live = LiveForecaster.Fit(local.AsSpan(0, 480), values.AsSpan(0, 480), TimeSpan.FromHours(1));
        var off = 0.0;
        for (var i = 480; i < ticks.Length; i++)
        {
            off += Math.Abs(live.Forecast(1, 0.5).Median[0] - values[i]) / (ticks.Length - 480);
            live.Observe(local[i], values[i]);
        }

        Assert.InRange(off, 0, 1.6);
    }
}
