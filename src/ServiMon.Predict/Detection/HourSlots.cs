namespace ServiMon.Predict.Detection;

/// <summary>The slot of a time within the week: 24 hours on working days, 8 stretches of three hours on Saturdays and Sundays.</summary>
internal static class HourSlots
{
    public const int Count = WorkingCount + 8;

    private const int WorkingCount = 24;

    private const int WeekendHours = 3;

    /// <param name="ticks">UTC, 100 ns.</param>
    /// <param name="zone">Whose clock people and loads follow; null for UTC.</param>
    public static int Of(long ticks, TimeZoneInfo? zone)
    {
        var time = new DateTime(ticks, DateTimeKind.Utc);
        if (zone is not null) time += zone.GetUtcOffset(time);
        return time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WorkingCount + time.Hour / WeekendHours : time.Hour;
    }
}
