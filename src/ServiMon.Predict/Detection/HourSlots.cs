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

    /// <summary>
    /// The level of now by the next two slots of the week, which hold nothing of today yet, as a line through both; and how far the working hours that ended
    /// before a change lie apart by more than chance.
    /// </summary>
    /// <param name="age">Steps from the change to now.</param>
    /// <returns>Where both slots have been seen often enough; the level; the range.</returns>
    public static (TVector IsKnown, TVector Level, TVector Range) Coming<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector age, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var slot = Of(time.Ticks, time.Zone);
        var (next, nextTime) = After(slot, time.Ticks, time.Zone);
        var (other, otherTime) = After(next, nextTime, time.Zone);
        var trusted = TVector.Create(SpikeStatistic.SlotTrusted);
        var (level, later) = (rows[DetectorRow.Slots + next], rows[DetectorRow.Slots + other]);
        var local = Local(time.Ticks, time.Zone);
        var hours = age * TVector.Create((float)(time.Spacing / TimeSpan.TicksPerHour));
        var (least, most) = (TVector.Create(float.PositiveInfinity), TVector.Create(float.NegativeInfinity));
        for (var i = 0; i < WorkingCount; i++)
        {
            var ago = (local.Hour - i + WorkingCount) % WorkingCount - 1 + local.Minute / 60f;
            var isBefore = TVector.GreaterThanOrEqual(TVector.Create(ago), hours);
            least = TVector.ConditionalSelect(isBefore, TVector.MinNative(least, rows[DetectorRow.Slots + i]), least);
            most = TVector.ConditionalSelect(isBefore, TVector.MaxNative(most, rows[DetectorRow.Slots + i]), most);
        }

        // The mean of an hour of dense steps is that of its end: at a gain of a fifth its values are 4 steps old on average, fewer where there are few.
        var steps = TimeSpan.TicksPerHour / Math.Max(time.Spacing, 1);
        var left = Math.Pow(0.8, steps);
        var end = steps <= 1 ? 0 : TimeSpan.TicksPerHour - time.Spacing * (1 + 4 - steps * left / (1 - left));
        var ahead = (float)((nextTime + end - time.Ticks) / (otherTime - (double)nextTime));
        return (
            TVector.GreaterThanOrEqual(Seen(rows, next), trusted) & TVector.GreaterThanOrEqual(Seen(rows, other), trusted)
                & TVector.GreaterThanOrEqual(rows[DetectorRow.SlotSeen], TVector.Create(SpikeStatistic.WarmUpCount)),
            level + ahead * (level - later), most - least - 4 * MathF.Sqrt(ChanceShare) * rows[DetectorRow.SlotResidual]);
    }

    /// <summary>The slot after one, and when it begins.</summary>
    private static (int Slot, long Ticks) After(int slot, long ticks, TimeZoneInfo? zone)
    {
        var start = ticks - ticks % TimeSpan.TicksPerHour;
        int other;
        do
        {
            start += TimeSpan.TicksPerHour;
            other = Of(start, zone);
        }
        while (other == slot);
        return (other, start);
    }

    /// <summary>The level of a place in the week, with the shape of working days where its slot is a wider one; no number where hardly anything was seen of it.</summary>
    public static TVector Level<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, in SlotPlace place)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var level = rows[DetectorRow.Slots + place.Slot];
        if (place.Hour >= 0) level += Shape(rows, place.Hour);
        return TVector.ConditionalSelect(TVector.GreaterThanOrEqual(Seen(rows, place.Slot), TVector.Create(SpikeStatistic.SlotKnown)), level, TVector.Create(float.NaN));
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
