using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ServiMon.Predict.Lanes;

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

    public const float BinsPerOctave = 2;

    /// <summary>Below this many deviations a rank says nothing, and the p-value is 1.</summary>
    public const int WarmUpCount = 20;

    /// <summary>What the new value itself counts for in its own rank.</summary>
    public const float OwnCount = 0.28f;

    private const float BeyondSlope = 0.14f;

    /// <summary>Bins of each channel. Ranges are compared over 2^-7.5 to 2^3.5, deviations in their own scale over 2^-3.5 to 2^5.5.</summary>
    private static ReadOnlySpan<int> Counts => [24, 20, 20, 20];

    private static ReadOnlySpan<int> Offsets => [16, 8, 8, 8];

    private static ReadOnlySpan<int> Starts => [0, 23, 42, 61];

    private static readonly Floats16 FewMost = PerChannel(c => Counts[c] - 1);

    private static readonly Floats16 FewOffsets = PerChannel(c => Offsets[c]);

    /// <summary>log2 of the p-values of a channel's deviations among those before them, 0 or less; then learns them.</summary>
    /// <param name="deviation">0 or more.</param>
    /// <param name="present">Lanes that have a deviation.</param>
    /// <param name="seen">Deviations learned before.</param>
    public static TVector Rank<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int channel, TVector deviation, TVector present, TVector seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var most = TVector.Create(Counts[channel] - 1f);
        var place = RankPlace<TVector>.Of(deviation, TVector.Create(Offsets[channel]), most);
        var asked = TVector.ConditionalSelect(present, place.Bin, -TVector.One);
        var (at, next) = LaneHistogram.Count<TWidth, TVector>(ref rows.ShortRow(Starts[channel]), 1, Counts[channel], asked, asked);
        var (log, beyond) = place.LogP(at, next, present, seen);
        return beyond == 0 ? log : log - Beyond(rows, channel, asked, beyond);
    }

    /// <summary>The same of all channels where lanes are few: side by side in one vector, from which <see cref="Few"/> takes a channel's.</summary>
    [SkipLocalsInit]
    public static Floats16 RankFew<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector range, TVector level, TVector shortLevel, TVector hour, TVector present, TVector seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var (widePresent, wideSeen) = (Packed(present, present, present, present), Packed(seen, seen, seen, seen));
        var wide = Packed(range, level, shortLevel, hour);
        var place = RankPlace<Floats16>.Of(wide, FewOffsets, FewMost);
        Span<int> bins = stackalloc int[SixteenLanes.Count];
        Span<float> at = stackalloc float[SixteenLanes.Count];
        Span<float> next = stackalloc float[SixteenLanes.Count];
        Floats16.ConditionalSelect(widePresent, place.Bin, -Floats16.One).CopyTo(bins);
        for (var channel = 0; channel < ChannelCount; channel++)
        {
            ref var first = ref rows.ShortRow(Starts[channel]);
            for (var lane = 0; lane < TWidth.Count; lane++)
            {
                var i = channel * FourLanes.Count + lane;
                (at[i], next[i]) = LaneHistogram.Read<TWidth, TVector>(ref first, Counts[channel] - 1, lane, bins[i] - 1);
                LaneHistogram.Learn<TWidth, TVector>(ref first, lane, bins[i] - 1);
            }
        }

        var (log, beyond) = place.LogP(Packed<TWidth, TVector>(at), Packed<TWidth, TVector>(next), widePresent, wideSeen);
        if (beyond != 0)
        {
            Span<float> falls = stackalloc float[SixteenLanes.Count];
            falls.Clear();
            for (var i = 0; i < falls.Length; i++)
                if ((beyond >> i & 1) != 0) falls[i] = Beyond(rows[i % FourLanes.Count], i / FourLanes.Count, bins[i]);
            log -= Floats16.Create(falls);
        }

        return log;
    }

    private static Floats16 PerChannel(Func<int, float> of) =>
        Floats16.Create([.. Enumerable.Range(0, SixteenLanes.Count).Select(i => of(i / FourLanes.Count))]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Floats16 Packed<TVector>(TVector a, TVector b, TVector c, TVector d) where TVector : struct, ILaneVector<TVector> =>
        new(Vector512.Create(Vector256.Create(Four(a), Four(b)), Vector256.Create(Four(c), Four(d))));

    private static Floats16 Packed<TWidth, TVector>(Span<float> few) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
        Packed(TWidth.Load(ref few[0]), TWidth.Load(ref few[4]), TWidth.Load(ref few[8]), TWidth.Load(ref few[12]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Four<TVector>(TVector few) where TVector : struct, ILaneVector<TVector> => Unsafe.BitCast<TVector, Floats4>(few).Value;

    /// <summary>The lanes of a channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Few<TVector>(Floats16 channels, int channel) where TVector : struct, ILaneVector<TVector>
    {
        var two = channel < 2 ? channels.Value.GetLower() : channels.Value.GetUpper();
        return Unsafe.BitCast<Floats4, TVector>(new(channel % 2 == 0 ? two.GetLower() : two.GetUpper()));
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
    private static TVector Beyond<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int channel, TVector bins, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        Span<float> falls = stackalloc float[SixteenLanes.Count];
        falls.Clear();
        for (var i = 0; i < TWidth.Count; i++)
            if ((lanes >> i & 1) != 0) falls[i] = Beyond(rows[i], channel, (int)bins[i]);
        return TVector.Create(falls);
    }

    private static float Beyond(in Lane lane, int channel, int bin)
    {
        var largest = bin;
        // The new value has been counted, in its bin and all below.
        while (largest > 0 && lane.Short(DetectorState.RankRow + Starts[channel] + largest - 1) == 1) largest--;
        return BeyondSlope * (bin - largest) / BinsPerOctave;
    }
}
