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
        ref var first = ref rows.ShortRow(Starts[channel]);
        var (at, next) = typeof(TVector) == typeof(Floats4)
            ? LaneHistogram.CountFew<TWidth, TVector>(
                ref first, channel == 0 ? Orders<TWidth, TVector>.First : Orders<TWidth, TVector>.Other, 1, Counts[channel], asked, asked)
            : LaneHistogram.Count<TWidth, TVector>(ref first, 1, Counts[channel], asked, asked);
        var (log, beyond) = place.LogP(at, next, present, seen);
        return beyond == 0 ? log : log - Beyond(rows, channel, asked, beyond);
    }

    /// <summary>The same of two channels of up to eight lanes, or four of up to four, side by side in one vector.</summary>
    /// <param name="from">The first channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 RankFew<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int from, Floats16 deviation, Floats16 present, Floats16 seen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var few = from == 0 ? FewChannels<TWidth, TVector>.First : FewChannels<TWidth, TVector>.Later;
        var place = RankPlace<Floats16>.Of(deviation, few.Offsets, few.Most);
        var asked = Floats16.ConditionalSelect(present, place.Bin, -Floats16.One);
        ref var first = ref rows.ShortRow(Starts[from]);
        Unsafe.SkipInit(out Sixteen<int> places);
        (Floats16.MaxNative(asked, Floats16.Zero) * TWidth.Count + few.Bottom).CopyTo(places);
        // Of bin 0 the count is known otherwise, and what is read there is not used.
        var at = FewChannels<TWidth, TVector>.Read(ref Unsafe.Subtract(ref first, TWidth.Count), ref places);
        var next = FewChannels<TWidth, TVector>.Read(ref first, ref places);
        LaneHistogram.Learn(ref first, few.Order, Floats16.ToBytes(asked).AsSByte());
        var (log, beyond) = place.LogP(at, Floats16.LessThan(asked, few.Most) & next, present, seen);
        return beyond == 0 ? log : log - BeyondFew(rows, from, asked, beyond);
    }

    private static Floats16 BeyondFew<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int from, Floats16 bins, uint lanes)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var apart = FewChannels<TWidth, TVector>.Apart;
        var falls = default(Sixteen<float>);
        for (var i = 0; i < SixteenLanes.Count; i++)
            if ((lanes >> i & 1) != 0) falls[i] = Beyond(rows[i % apart], from + i / apart, (int)bins[i]);
        return Floats16.Create(falls);
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

    /// <summary>Where the counts of the first channel stand, and those of each other one.</summary>
    private static class Orders<TWidth, TVector> where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        public static readonly CountOrder First = new(TWidth.Count, 0, [Counts[0] - 1]);

        public static readonly CountOrder Other = new(TWidth.Count, 0, [Counts[1] - 1]);
    }

    /// <summary>Channels of few lanes as they stand in one vector: the first ones, and those after them where there is room for two only.</summary>
    private sealed class FewChannels<TWidth, TVector>(int from) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        public static readonly FewChannels<TWidth, TVector> First = new(0);

        public static readonly FewChannels<TWidth, TVector> Later = new(ChannelCount - SixteenLanes.Count / Apart);

        /// <summary>Lanes from one channel to the next.</summary>
        public static int Apart
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => typeof(TVector) == typeof(Floats4) ? 4 : 8;
        }

        public Floats16 Offsets { get; } = PerChannel(i => RankBins.Offsets[from + i]);

        public Floats16 Most { get; } = PerChannel(i => Counts[from + i] - 1);

        public CountOrder Order { get; } = new(TWidth.Count, Apart, [.. Counts.Slice(from, SixteenLanes.Count / Apart).ToArray().Select(c => c - 1)]);

        /// <summary>Where the counts of the first bin stand that has any, from the first channel's on.</summary>
        public Floats16 Bottom { get; } = Floats16.Create(
            [.. Enumerable.Range(0, SixteenLanes.Count).Select(i => (Starts[from + i / Apart] - Starts[from]) * TWidth.Count + i % Apart)]);

        /// <summary>The counts in places of each channel and lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Floats16 Read(ref ushort first, ref Sixteen<int> places) => new(Vector512.ConvertToSingle(Vector512.Create(
            Vector256.Create(Four(ref first, ref places, 0), Four(ref first, ref places, 4)),
            Vector256.Create(Four(ref first, ref places, 8), Four(ref first, ref places, 12)))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<int> Four(ref ushort first, ref Sixteen<int> places, int at) => TWidth.Count <= at % Apart
            ? default
            : LaneHistogram.Four(ref first, ref places[at], TWidth.Count - at % Apart);

        private static Floats16 PerChannel(Func<int, float> of) =>
            Floats16.Create([.. Enumerable.Range(0, SixteenLanes.Count).Select(i => of(i / Apart))]);
    }
}
