namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>What the number of a time counts.</summary>
public enum TimeUnit { Seconds, Milliseconds, Microseconds, Nanoseconds }

/// <summary>Times since 1970-01-01T00:00:00Z as numbers.</summary>
internal static class UnixTime
{
    private static readonly long Epoch = DateTime.UnixEpoch.Ticks;

    /// <summary>UTC ticks; nanoseconds are cut to 100 ns. False outside the years 1 to 9999.</summary>
    public static bool TryTicks(long time, TimeUnit unit, out long ticks)
    {
        var exact = unit switch
        {
            TimeUnit.Seconds => (Int128)time * TimeSpan.TicksPerSecond,
            TimeUnit.Milliseconds => (Int128)time * TimeSpan.TicksPerMillisecond,
            TimeUnit.Microseconds => (Int128)time * TimeSpan.TicksPerMicrosecond,
            _ => time >= 0 ? time / TimeSpan.NanosecondsPerTick : (time - TimeSpan.NanosecondsPerTick + 1) / TimeSpan.NanosecondsPerTick,
        } + Epoch;
        ticks = exact >= 0 && exact <= DateTime.MaxValue.Ticks ? (long)exact : 0;
        return exact >= 0 && exact <= DateTime.MaxValue.Ticks;
    }

    /// <summary>Nanoseconds. False outside the years 1678 to 2261.</summary>
    public static bool TryNanoseconds(long ticks, out long nanoseconds)
    {
        var exact = (Int128)(ticks - Epoch) * TimeSpan.NanosecondsPerTick;
        nanoseconds = exact >= long.MinValue && exact <= long.MaxValue ? (long)exact : 0;
        return exact >= long.MinValue && exact <= long.MaxValue;
    }
}
