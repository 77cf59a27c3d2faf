using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>The slot of a time within the week: 24 hours on working days, 8 stretches of three hours on Saturdays and Sundays.</summary>
internal static class HourSlots
{
    public const int Count = WorkingCount + 8;

    private const int WorkingCount = 24;

    private const int WeekendHours = 3;

    private const int MostCounted = 15;

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
    public static Vector512<float> Seen<TWidth>(LaneBlock<TWidth> rows, int slot) where TWidth : struct, ILaneWidth
    {
        var pairs = TWidth.Load(ref rows.ByteRow(DetectorState.SlotCountRow + slot / 2));
        var counts = slot % 2 == 0 ? pairs & Vector128.Create((byte)MostCounted) : pairs >>> 4;
        return Vector512.ConvertToSingle(LaneBlock<TWidth>.Widened(counts));
    }

    /// <summary>Counts one value more in the lanes where there is one.</summary>
    public static void Learn<TWidth>(LaneBlock<TWidth> rows, int slot, Vector512<float> present) where TWidth : struct, ILaneWidth
    {
        ref var row = ref rows.ByteRow(DetectorState.SlotCountRow + slot / 2);
        var one = (byte)(slot % 2 == 0 ? 1 : 16);
        var full = Vector128.Create((byte)(MostCounted * one));
        var pairs = TWidth.Load(ref row);
        var there = present.AsUInt32();
        var shorts = Vector256.Narrow(there.GetLower(), there.GetUpper());
        var bytes = Vector128.Narrow(shorts.GetLower(), shorts.GetUpper());
        TWidth.Store(pairs + (bytes & ~Vector128.Equals(pairs & full, full) & Vector128.Create(one)), ref row);
    }
}
