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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 RankFew<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector range, TVector level, TVector shortLevel, TVector hour, TVector present, TVector seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var (widePresent, wideSeen) = (Packed(present, present, present, present), Packed(seen, seen, seen, seen));
        var place = RankPlace<Floats16>.Of(Packed(range, level, shortLevel, hour), FewOffsets, FewMost);
        var asked = Floats16.ConditionalSelect(widePresent, place.Bin, -Floats16.One);
        ref var first = ref rows.ShortRow(0);
        var at = FewCounts<TWidth, TVector>.Of(ref first, Floats16.MaxNative(asked, Floats16.One) - Floats16.One);
        var next = FewCounts<TWidth, TVector>.Of(ref first, Floats16.MaxNative(asked, Floats16.Zero));
        LaneHistogram.Learn(ref first, FewCounts<TWidth, TVector>.Order, Bytes(asked));
        var (log, beyond) = place.LogP(at, Floats16.LessThan(asked, FewMost) & next, widePresent, wideSeen);
        return beyond == 0 ? log : log - BeyondFew(rows, asked, beyond);
    }

    private static Floats16 BeyondFew<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, Floats16 bins, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var falls = default(Sixteen<float>);
        for (var i = 0; i < SixteenLanes.Count; i++)
            if ((lanes >> i & 1) != 0) falls[i] = Beyond(rows[i % FourLanes.Count], i / FourLanes.Count, (int)bins[i]);
        return Floats16.Create(falls);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Bytes(Floats16 whole)
    {
        var bits = Vector512.ConvertToInt32Native(whole.Value);
        var shorts = Vector256.Narrow(bits.GetLower(), bits.GetUpper());
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper());
    }

    private static Floats16 PerChannel(Func<int, float> of) =>
        Floats16.Create([.. Enumerable.Range(0, SixteenLanes.Count).Select(i => of(i / FourLanes.Count))]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Floats16 Packed<TVector>(TVector a, TVector b, TVector c, TVector d) where TVector : struct, ILaneVector<TVector> =>
        new(Vector512.Create(Vector256.Create(Four(a), Four(b)), Vector256.Create(Four(c), Four(d))));

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
    private static TVector Beyond<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int channel, TVector bins, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var falls = default(Sixteen<float>);
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

    /// <summary>The counts of all channels, four lanes of each in one vector.</summary>
    private static class FewCounts<TWidth, TVector> where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        /// <summary>Which bin each count belongs to.</summary>
        public static readonly CountOrder Order = new(TWidth.Count, FourLanes.Count, [.. Counts.ToArray().Select(c => c - 1)]);

        /// <summary>Where the counts of the first bin stand.</summary>
        private static readonly Floats16 Bottom =
            Floats16.Create([.. Enumerable.Range(0, SixteenLanes.Count).Select(i => (float)(Starts[i / FourLanes.Count] * TWidth.Count + i % FourLanes.Count))]);

        /// <param name="row">Of each channel and lane, counted from the channel's first.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Floats16 Of(ref ushort first, Floats16 row)
        {
            Unsafe.SkipInit(out Sixteen<int> places);
            (row * TWidth.Count + Bottom).CopyTo(places);
            return new(Vector512.ConvertToSingle(Vector512.Create(
                Vector256.Create(Four(ref first, ref places[0]), Four(ref first, ref places[4])),
                Vector256.Create(Four(ref first, ref places[8]), Four(ref first, ref places[12])))));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<int> Four(ref ushort first, ref int place) => LaneHistogram.Four<TWidth, TVector>(ref first, ref place);
    }
}
