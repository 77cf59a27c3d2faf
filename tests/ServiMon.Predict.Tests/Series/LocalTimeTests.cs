namespace ServiMon.Predict.Series;

public sealed class LocalTimeTests
{
    /// <summary>One hour before UTC; clocks go an hour forward on the last Sunday of March and back on that of October, at 1:00 UTC.</summary>
    internal static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone(
        "Test", TimeSpan.FromHours(1), "Test", "Test", "Test, summer",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    private static long Utc(int month, int day, int hour, int minute = 0) => new DateTime(2024, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks;

    [Fact]
    public void It_is_what_the_zone_says_in_any_order_of_asking()
    {
        var random = new Random(1);
        var clock = new LocalTime(Zone);
        for (var i = 0; i < 2000; i++)
        {
            var ticks = Utc(1, 1, 0) + random.NextInt64(366 * TimeSpan.TicksPerDay);
            Assert.Equal(TimeZoneInfo.ConvertTimeFromUtc(new DateTime(ticks, DateTimeKind.Utc), Zone).Ticks, clock.At(ticks));
        }
    }

    [Fact]
    public void An_hour_is_skipped_in_spring_and_repeated_in_autumn()
    {
        var clock = new LocalTime(Zone);
        Assert.Equal(Utc(3, 31, 1, 59), clock.At(Utc(3, 31, 0, 59)));
        Assert.Equal(Utc(3, 31, 3), clock.At(Utc(3, 31, 1)));
        Assert.Equal(Utc(10, 27, 2), clock.At(Utc(10, 27, 0)));
        Assert.Equal(Utc(10, 27, 2), clock.At(Utc(10, 27, 1)));
    }

    [Fact]
    public void It_tells_whether_the_clock_is_changed_between_two_times()
    {
        var clock = new LocalTime(Zone);
        Assert.False(clock.Changes(Utc(1, 5, 0), Utc(3, 30, 12)));
        Assert.True(clock.Changes(Utc(1, 5, 0), Utc(3, 31, 2)));
        Assert.True(clock.Changes(Utc(1, 5, 0), Utc(12, 1, 0)));
    }
}
