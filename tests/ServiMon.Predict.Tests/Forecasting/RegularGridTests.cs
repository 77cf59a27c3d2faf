using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Tests.Forecasting;

public class RegularGridTests
{
    private static long[] Minutes(params int[] minutes) => [.. minutes.Select(m => m * TimeSpan.TicksPerMinute)];

    [Fact]
    public void A_gap_keeps_its_room_and_jitter_finds_its_place()
    {
        var ticks = Minutes(0, 10, 20, 50, 60, 70);
        ticks[1] += TimeSpan.TicksPerSecond * 40;
        var grid = RegularGrid.From(ticks, [1, 2, 3, 6, 7, 8]);
        Assert.Equal(10 * TimeSpan.TicksPerMinute, grid.StepTicks);
        Assert.Equal([1, 2, 3, double.NaN, double.NaN, 6, 7, 8], grid.Values);
        Assert.Equal((ticks[0], ticks[^1]), (grid.StartTicks, grid.LastTicks));
    }

    [Fact]
    public void Rows_in_any_order_and_twice_the_last_given_counts() =>
        Assert.Equal([1, 5, 3], RegularGrid.From(Minutes(2, 1, 0, 1), [3, 2, 1, 5]).Values);

    [Fact]
    public void What_is_not_finite_is_missing() =>
        Assert.Equal([1, double.NaN, double.NaN, 4, double.NaN], RegularGrid.From(Minutes(0, 1, 2, 3, 4), [1, double.NaN, double.PositiveInfinity, 4, 1e200]).Values);

    [Fact]
    public void Only_the_latest_part_of_a_long_series_is_kept()
    {
        var ticks = Minutes([.. Enumerable.Range(0, 10_000)]);
        var grid = RegularGrid.From(ticks, [.. Enumerable.Range(0, 10_000)]);
        Assert.Equal(RegularGrid.MaxCount, grid.Values.Length);
        Assert.Equal(9_999, grid.Values[^1]);
    }

    [Fact]
    public void A_given_step_stands_in_for_one_that_cannot_be_inferred()
    {
        Assert.Throws<InputException>(() => RegularGrid.From(Minutes(3, 3), [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RegularGrid.From(Minutes(3, 4), [1, 2], TimeSpan.Zero));
        Assert.Equal(4, RegularGrid.From(Minutes(0, 3), [1, 2], TimeSpan.FromMinutes(1)).Values.Length);
    }
}
