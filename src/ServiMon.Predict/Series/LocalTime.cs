namespace ServiMon.Predict.Series;

/// <summary>
/// Local clock time of a zone, so that "nine o'clock" is one place in a season all the year. Where clocks go forward an hour of local times
/// never comes; where they go back one comes twice. The zone is handed in: looking one up by its name reads files.
/// </summary>
/// <remarks>Remembers the last quarter of an hour asked for; not for several threads at once.</remarks>
public sealed class LocalTime(TimeZoneInfo zone)
{
    /// <summary>Every change of a clock in use falls on a quarter of an hour of UTC.</summary>
    private const long Quarter = 15 * TimeSpan.TicksPerMinute;

    private long _quarter = long.MinValue;
    private long _offset;

    public TimeZoneInfo Zone { get; } = zone;

    /// <summary>What a clock on the wall shows, in ticks of 100 ns since 0001-01-01 local time.</summary>
    /// <param name="ticks">UTC, 100 ns since 0001-01-01, within <see cref="DateTime"/>'s range.</param>
    public long At(long ticks)
    {
        var quarter = ticks / Quarter;
        if (quarter != _quarter)
        {
            _offset = Zone.GetUtcOffset(new DateTime(quarter * Quarter, DateTimeKind.Utc)).Ticks;
            _quarter = quarter;
        }

        return ticks + _offset;
    }

    /// <summary>True when the clock is changed between two times, or stands differently at them.</summary>
    public bool Changes(long fromTicks, long toTicks)
    {
        var offset = At(fromTicks) - fromTicks;
        for (var at = fromTicks; at < toTicks; at += TimeSpan.TicksPerDay)
            if (At(at) - at != offset) return true;
        return At(toTicks) - toTicks != offset;
    }
}
