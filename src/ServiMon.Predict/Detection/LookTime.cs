namespace ServiMon.Predict.Detection;

/// <summary>When a look for changes is taken.</summary>
/// <param name="clock">Of the asset.</param>
/// <param name="zone">Whose hours count; null for UTC.</param>
internal readonly ref struct LookTime(in CellClock clock, TimeZoneInfo? zone)
{
    private readonly ref readonly CellClock _clock = ref clock;

    /// <summary>Steps so far.</summary>
    public long Count => _clock.Count;

    /// <summary>The time of the last one, UTC, 100 ns.</summary>
    public long Ticks => _clock.LastTicks;

    /// <summary>Mean spacing of steps, in ticks.</summary>
    public double Spacing => _clock.Spacing;

    /// <summary>Whether the mean of an hour is one over days.</summary>
    public bool IsSparse => Spacing >= HourSlots.SparseSpacing;

    /// <summary>Steps in a day.</summary>
    public float DaySteps => (float)(TimeSpan.TicksPerDay / Math.Max(Spacing, 1));

    public TimeZoneInfo? Zone { get; } = zone;

    /// <summary>Where in the week the single step of an age stands.</summary>
    /// <param name="age">Steps from it to now, both included.</param>
    public SlotPlace PlaceOf(int age) => SlotPlace.Of(_clock.StartOf(age), Zone, IsSparse);
}
