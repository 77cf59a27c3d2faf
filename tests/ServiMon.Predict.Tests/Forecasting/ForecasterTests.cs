using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>What holds for the forecaster whatever it is fed.</summary>
public class ForecasterTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static Forecast Run(double[] values, int horizon = 24) =>
        Forecaster.Fit(SyntheticSeries.Ticks(values.Length, Hour), values).Forecast(horizon, 0.95);

    private static void AssertSound(Forecast forecast, int horizon)
    {
        Assert.Equal(horizon, forecast.Rows().Count());
        Assert.All(forecast.Rows(), row =>
        {
            Assert.True(double.IsFinite(row.Lower) && double.IsFinite(row.Median) && double.IsFinite(row.Upper));
            Assert.True(row.Lower <= row.Median && row.Median <= row.Upper);
        });
        Assert.Equal(1, forecast.Weights.Sum(w => w.Weight), 9);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(30)]
    public void Short_series_get_an_answer(int count)
    {
        var forecast = Run(SyntheticSeries.Make("random-walk", count, 1), 48);
        AssertSound(forecast, 48);
        Assert.True(forecast.Intervals[0].Upper[0] > forecast.Intervals[0].Lower[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Less_than_two_rows_is_an_input_error(int count) =>
        Assert.Contains("at least 2", Assert.Throws<InputException>(() => Run(new double[count])).Message);

    [Fact]
    public void All_missing_is_an_input_error() =>
        Assert.Contains("0 of the last 4096 steps", Assert.Throws<InputException>(() => Run([.. Enumerable.Repeat(double.NaN, 50)])).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(7.25)]
    [InlineData(-1e9)]
    public void A_constant_goes_on(double level) =>
        Assert.All(Run([.. Enumerable.Repeat(level, 200)]).Rows(), row => Assert.Equal((level, level, level), (row.Lower, row.Median, row.Upper)));

    [Fact]
    public void Rows_follow_the_last_time_on_the_step()
    {
        var ticks = SyntheticSeries.Ticks(100, TimeSpan.FromMinutes(10));
        var forecast = Forecaster.Fit(ticks, SyntheticSeries.Make("ar1", 100, 2)).Forecast(3, 0.5, 0.95);
        Assert.Equal([.. Enumerable.Range(1, 3).Select(i => ticks[^1] + i * TimeSpan.FromMinutes(10).Ticks)], forecast.Ticks);
        Assert.All(Enumerable.Range(0, 3), h => Assert.True(forecast.Intervals[0].Upper[h] <= forecast.Intervals[1].Upper[h]));
    }

    [Fact]
    public void The_same_input_gives_the_same_bits_in_any_order_of_rows()
    {
        var ticks = SyntheticSeries.Ticks(400, Hour);
        var values = SyntheticSeries.Make("seasonal", 400, 3);
        var first = Forecaster.Fit(ticks, values).Forecast(24, 0.95).Rows().ToArray();
        Assert.Equal(first, Forecaster.Fit(ticks, values).Forecast(24, 0.95).Rows());
        Array.Reverse(ticks);
        Array.Reverse(values);
        Assert.Equal(first, Forecaster.Fit(ticks, values).Forecast(24, 0.95).Rows());
    }

    [Fact]
    public void An_offset_of_a_billion_moves_the_answer_by_a_billion()
    {
        var values = SyntheticSeries.Make("seasonal", 500, 4);
        var near = Run(values);
        var far = Run([.. values.Select(v => v + 1e9)]);
        for (var h = 0; h < 24; h++) Assert.Equal(near.Median[h], far.Median[h] - 1e9, 0.5);
    }

    [Fact]
    public void Values_of_any_size_and_infinities_leave_the_answer_sound()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 300).Select(_ => Math.Pow(10, 600 * random.NextDouble() - 300)).ToArray();
        values[10] = double.PositiveInfinity;
        values[20] = double.NegativeInfinity;
        AssertSound(Run(values), 24);
    }

    [Fact]
    public void A_gap_of_twelve_points_does_not_shift_the_season()
    {
        var values = SyntheticSeries.Make("seasonal", 600 + 24, 6);
        var ticks = SyntheticSeries.Ticks(600, Hour);
        var there = Enumerable.Range(0, 600).Where(i => i is < 500 or >= 512).ToArray();
        var fitted = Forecaster.Fit([.. there.Select(i => ticks[i])], [.. there.Select(i => values[i])]);
        Assert.Equal(24, fitted.Seasons[0]);
        var forecast = fitted.Forecast(24, 0.95);
        Assert.InRange(Enumerable.Range(0, 24).Average(h => Math.Abs(forecast.Median[h] - values[600 + h])), 0, 1.3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(FittedForecaster.MaxHorizon + 1)]
    public void A_horizon_out_of_range_is_misuse(int horizon) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Run([1, 2, 3], horizon));
}
