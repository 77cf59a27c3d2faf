using ServiMon.Predict.Series;

namespace ServiMon.Predict.Forecasting;

/// <summary>Times of a series on a local clock, and the way back from local steps to steps of UTC.</summary>
/// <param name="Clock">The zone's clock.</param>
/// <param name="LastTicks">The newest time, UTC, 100 ns.</param>
/// <param name="Ticks">Local times, one for each time of the series.</param>
internal sealed record LocalGrid(LocalTime Clock, long LastTicks, long[] Ticks)
{
    public static LocalGrid Of(ReadOnlySpan<long> ticks, TimeZoneInfo zone)
    {
        var clock = new LocalTime(zone);
        var local = new long[ticks.Length];
        var last = long.MinValue;
        for (var i = 0; i < local.Length; i++)
        {
            local[i] = clock.At(ticks[i]);
            last = Math.Max(last, ticks[i]);
        }

        return new LocalGrid(clock, last, local);
    }

    /// <summary>For each of the next steps in UTC its time, and the local step (0 is the first after the grid's last) that stands at it.</summary>
    public (long Ticks, int LocalStep)[] Steps(RegularGrid grid, int horizon)
    {
        var clock = new LocalTime(Clock.Zone);
        var steps = new (long, int)[horizon];
        for (var h = 0; h < horizon; h++)
        {
            var ticks = LastTicks + (h + 1) * grid.StepTicks;
            var ahead = (clock.At(ticks) - grid.LastTicks) / (double)grid.StepTicks;
            steps[h] = (ticks, Math.Max(0, (int)Math.Round(ahead) - 1));
        }

        return steps;
    }
}
