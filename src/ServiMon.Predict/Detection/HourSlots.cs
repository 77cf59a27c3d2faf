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

    /// <summary>One in the upper half of a byte.</summary>
    private const float UpperOne = 16;

    /// <param name="ticks">UTC, 100 ns.</param>
    /// <param name="zone">Whose clock people and loads follow; null for UTC.</param>
    public static int Of(long ticks, TimeZoneInfo? zone)
    {
        var time = new DateTime(ticks, DateTimeKind.Utc);
        if (zone is not null) time += zone.GetUtcOffset(time);
        return time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WorkingCount + time.Hour / WeekendHours : time.Hour;
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
