namespace ServiMon.Predict.Detection;

/// <summary>Where a step stands among the slots of the week.</summary>
/// <param name="Slot">Of the week.</param>
/// <param name="Hour">The working days' slot of the same hour, where steps are sparse and the slot is a wider one; else -1.</param>
/// <param name="IsSparse">Whether the mean of an hour is one over days.</param>
internal readonly record struct SlotPlace(int Slot, int Hour, bool IsSparse)
{
    /// <param name="ticks">UTC, 100 ns.</param>
    /// <param name="zone">Whose clock people and loads follow; null for UTC.</param>
    /// <param name="isSparse">Whether steps are at least <see cref="HourSlots.SparseSpacing"/> apart.</param>
    public static SlotPlace Of(long ticks, TimeZoneInfo? zone, bool isSparse)
    {
        var slot = HourSlots.Of(ticks, zone);
        return new SlotPlace(slot, isSparse ? HourSlots.WithinWide(slot, ticks, zone) : -1, isSparse);
    }
}
