namespace ServiMon.Predict.Cli.Demo;

/// <summary>
/// The service's clock in a demo: it tells the time of the simulated or recorded world, which goes faster than the wall's. Time spans that the
/// service measures, and its timers, are the machine's own.
/// </summary>
internal sealed class DemoClock(DateTimeOffset origin) : TimeProvider
{
    private long _ticks = origin.UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Goes on to a time; never back.</summary>
    public void AdvanceTo(DateTimeOffset time)
    {
        if (time.UtcTicks > Volatile.Read(ref _ticks)) Volatile.Write(ref _ticks, time.UtcTicks);
    }
}
