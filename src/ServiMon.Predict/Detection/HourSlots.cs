using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>The slot of a time within the week: 24 hours on working days, 8 stretches of three hours on Saturdays and Sundays.</summary>
internal static class HourSlots
{
    public const int Count = WorkingCount + 8;

    private const int WorkingCount = 24;

    private const int WeekendHours = 3;

    private const int MostCounted = 15;

    /// <summary>
    /// Variance of the means of slots where there is no season, as a share of the squared mean residual: 1.25² for the variance, of which a mean at a gain of a
    /// fifth has a ninth, and a third more for the scatter of 24 of them.
    /// </summary>
    private const float ChanceShare = 0.23f;

    /// <summary>
    /// The spacing of steps, in ticks, from which on the mean of an hour is one over days. Of denser steps it holds little but the last ones of that hour, at a gain
    /// of a fifth a step.
    /// </summary>
    public const double SparseSpacing = 0.5 * TimeSpan.TicksPerHour;

    /// <summary>One in the upper half of a byte.</summary>
    private const float UpperOne = 16;

    /// <param name="ticks">UTC, 100 ns.</param>
    /// <param name="zone">Whose clock people and loads follow; null for UTC.</param>
    public static int Of(long ticks, TimeZoneInfo? zone)
    {
        var time = Local(ticks, zone);
        return time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WorkingCount + time.Hour / WeekendHours : time.Hour;
    }

    /// <summary>The slot of the working days that has the hour of a time, where that lies in a wider one; -1 where it does not.</summary>
    /// <param name="slot">What <see cref="Of"/> says.</param>
    public static int WithinWide(int slot, long ticks, TimeZoneInfo? zone) => slot >= WorkingCount ? Local(ticks, zone).Hour : -1;

    /// <summary>By how much the level of an hour differs from that of the three that it stands among, on working days.</summary>
    /// <param name="hour">What <see cref="WithinWide"/> says.</param>
    public static TVector Shape<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int hour)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var first = DetectorRow.Slots + hour / WeekendHours * WeekendHours;
        return rows[DetectorRow.Slots + hour] - (rows[first] + rows[first + 1] + rows[first + 2]) * (1f / WeekendHours);
    }

    /// <summary>How the steps of a block fall to the slots.</summary>
    /// <param name="start">The time of its first step, UTC, 100 ns.</param>
    /// <param name="end">Of the step after its last one.</param>
    /// <param name="shares">Receives a share for each slot; they sum to 1.</param>
    public static void Share(long start, long end, TimeZoneInfo? zone, Span<float> shares)
    {
        shares.Clear();
        for (var i = 0; i < Cells.BlockSteps; i++) shares[Of(start + (end - start) / Cells.BlockSteps * i, zone)] += 1f / Cells.BlockSteps;
    }

    /// <summary>
    /// What the time of the week adds to the level of a block, shrunk by how far the working hours differ by more than chance (James and Stein 1961); 0 until each
    /// of them has been seen, which <c>IsKnown</c> tells.
    /// </summary>
    /// <param name="shares">As of <see cref="Share"/>.</param>
    public static (TVector Season, TVector IsKnown) Season<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, ReadOnlySpan<float> shares)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        TVector sum = default, squares = default, own = default;
        var isKnown = TVector.Equals(TVector.Zero, TVector.Zero);
        for (var slot = 0; slot < Count; slot++)
        {
            if (slot >= WorkingCount && shares[slot] == 0) continue;
            var mean = rows[DetectorRow.Slots + slot];
            isKnown &= TVector.GreaterThan(Seen(rows, slot), TVector.Zero);
            own += shares[slot] * mean;
            if (slot >= WorkingCount) continue;
            sum += mean;
            squares += mean * mean;
        }

        var level = sum * (1f / WorkingCount);
        var spread = squares * (1f / WorkingCount) - level * level;
        var chance = ChanceShare * rows[DetectorRow.SlotResidual] * rows[DetectorRow.SlotResidual];
        var weight = isKnown & TVector.GreaterThan(spread, chance) & (TVector.One - chance / spread);
        return (weight * (own - level), isKnown);
    }

    private static DateTime Local(long ticks, TimeZoneInfo? zone)
    {
        var time = new DateTime(ticks, DateTimeKind.Utc);
        return zone is null ? time : time + zone.GetUtcOffset(time);
    }

    /// <summary>How many values the mean of a slot has seen, at most 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Seen<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int slot)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var pairs = rows.Counts(DetectorState.SlotCountRow + slot / 2);
        var upper = TVector.Floor(pairs * (1f / UpperOne));
        return slot % 2 == 0 ? pairs - UpperOne * upper : upper;
    }

    /// <summary>Counts one value more in the lanes where there is one.</summary>
    /// <param name="seen">What <see cref="Seen"/> says.</param>
    public static void Learn<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int slot, TVector seen, TVector present)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var row = DetectorState.SlotCountRow + slot / 2;
        var more = present & TVector.LessThan(seen, TVector.Create(MostCounted)) & TVector.Create(slot % 2 == 0 ? 1 : UpperOne);
        rows.StoreCounts(row, rows.Counts(row) + more);
    }
}
