using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Ranks deviations among all that a lane has seen: for each channel a histogram of 16-bit counts in half-octave bins, bin 0 for a
/// deviation of 0. Counts are halved when their number reaches 65,535, so what was learned long ago fades.
/// </summary>
/// <remarks>
/// A rank p-value cannot fall much below 1/n: that is a property of ranks. Beyond everything seen it falls on with the distance from the
/// largest, as slowly as 2^(-0.14) an octave: enough to tell records apart, too little to make a number of it.
/// </remarks>
internal static class RankBins
{
    public const int ChannelCount = 4;

    /// <summary>Rows of all channels: bin 0 has none, as all values lie in it or above.</summary>
    public const int Total = 23 + 3 * 19;

    /// <summary>Values after which all counts are halved.</summary>
    public const float MostRanked = ushort.MaxValue;

    private const float BinsPerOctave = 2;

    /// <summary>Below this many deviations a rank says nothing, and the p-value is 1.</summary>
    private const int WarmUpCount = 20;

    /// <summary>What the new value itself counts for in its own rank.</summary>
    private const float OwnCount = 0.28f;

    private const float BeyondSlope = 0.14f;

    /// <summary>Bins of each channel. Ranges are compared over 2^-7.5 to 2^3.5, deviations in their own scale over 2^-3.5 to 2^5.5.</summary>
    private static ReadOnlySpan<int> Counts => [24, 20, 20, 20];

    private static ReadOnlySpan<int> Offsets => [16, 8, 8, 8];

    private static ReadOnlySpan<int> Starts => [0, 23, 42, 61];

    /// <summary>log2 of the p-values of deviations among those before them, 0 or less; then learns them.</summary>
    /// <param name="deviation">0 or more.</param>
    /// <param name="present">Lanes that have a deviation.</param>
    /// <param name="seen">Deviations learned before.</param>
    public static Vector512<float> Rank<TWidth>(
        LaneBlock<TWidth> rows, int channel, Vector512<float> deviation, Vector512<float> present, Vector512<float> seen)
        where TWidth : struct, ILaneWidth
    {
        var one = Vector512<float>.One;
        var zero = Vector512<float>.Zero;
        var most = Vector512.Create(Counts[channel] - 1f);
        var above = Vector512.GreaterThan(deviation, zero);
        var position = BinsPerOctave * Vector512.Log2(deviation) + Vector512.Create((float)Offsets[channel]);
        var bin = above & Vector512.MinNative(Vector512.MaxNative(Vector512.Floor(position), one), most);
        var asked = LaneHistogram.Narrowed(Vector512.ConditionalSelect(present, bin, -one));
        var (at, next) = LaneHistogram.Count<TWidth>(ref rows.ShortRow(Starts[channel]), 1, Counts[channel], asked, asked);
        at = Vector512.ConditionalSelect(above, at, seen);
        var between = above & Vector512.LessThan(bin, most);
        var share = Vector512.ConditionalSelect(
            between, one - Vector512.MinNative(Vector512.MaxNative(position - bin, zero), one), Vector512.Create(0.5f));
        var own = Vector512.Create(OwnCount);
        var p = (next + share * (at - next) + own) / (seen + Vector512.Create(0.5f) + own);
        var log = Vector512.Log2(Vector512.MinNative(p, one));
        var ranked = present & Vector512.GreaterThanOrEqual(seen, Vector512.Create((float)WarmUpCount));
        var beyond = (ranked & above & Vector512.Equals(at, zero)).ExtractMostSignificantBits();
        return (ranked & log) - (beyond == 0 ? zero : Beyond(rows, channel, asked, beyond));
    }

    /// <summary>Halves all counts of a lane.</summary>
    public static void Halve(in Lane lane)
    {
        ref var seen = ref lane[DetectorRow.RankCount];
        seen = (int)seen / 2;
        for (var row = 0; row < Total; row++) lane.Short(row) /= 2;
    }

    /// <summary>By how much log2 p falls beyond the largest deviation seen, in the lanes where a bit is set.</summary>
    [SkipLocalsInit]
    private static Vector512<float> Beyond<TWidth>(LaneBlock<TWidth> rows, int channel, Vector256<short> bins, ulong lanes)
        where TWidth : struct, ILaneWidth
    {
        Span<float> falls = stackalloc float[SixteenLanes.Count];
        falls.Clear();
        for (var i = 0; i < TWidth.Count; i++)
        {
            if ((lanes >> i & 1) == 0) continue;
            var lane = rows[i];
            var largest = (int)bins[i];
            // The new value has been counted, in its bin and all below.
            while (largest > 0 && lane.Short(DetectorState.RankRow + Starts[channel] + largest - 1) == 1) largest--;
            falls[i] = BeyondSlope * (bins[i] - largest) / BinsPerOctave;
        }

        return Vector512.Create<float>(falls);
    }
}
