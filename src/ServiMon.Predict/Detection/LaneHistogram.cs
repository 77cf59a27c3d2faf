using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Histograms of the lanes of a block, bin by bin: each row holds how many values of a lane lay in its bin or above, so that a rank takes two
/// numbers and nothing above the highest bin that is met is read.
/// </summary>
internal static class LaneHistogram
{
    /// <summary>How many lay in a bin or above, and in the next or above, in each lane; then counts the new values.</summary>
    /// <param name="first">Row of the bin <paramref name="from"/>.</param>
    /// <param name="from">The lowest bin that has a row; the number of those in lower bins or above is known otherwise.</param>
    /// <param name="end">Bins.</param>
    /// <param name="asked">The bin that is asked about, -1 for none.</param>
    /// <param name="learned">The bin that is counted, -1 for none.</param>
    public static (Vector512<float> At, Vector512<float> Next) Count<TWidth>(
        ref ushort first, int from, int end, Vector256<short> asked, Vector256<short> learned) where TWidth : struct, ILaneWidth
    {
        return TWidth.Count == SixteenLanes.Count ? CountSixteen(ref first, from, end, asked, learned) : CountFew<TWidth>(ref first, from, end, asked, learned);
    }

    /// <summary>16-bit numbers as 32-bit ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Widened(Vector256<ushort> values) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512UInt32(values)
        : Vector512.Create(Vector256.WidenLower(values), Vector256.WidenUpper(values));

    /// <summary>Whole numbers as 16-bit ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Narrowed(Vector512<float> whole)
    {
        var bins = Vector512.ConvertToInt32Native(whole);
        return Vector256.Narrow(bins.GetLower(), bins.GetUpper());
    }

    private static (Vector512<float> At, Vector512<float> Next) CountSixteen(
        ref ushort first, int from, int end, Vector256<short> asked, Vector256<short> learned)
    {
        var one = Vector256<short>.One;
        var next = asked + one;
        var last = Math.Min(Highest(Vector256.Max(next, learned)), end - 1);
        Vector256<short> at = default, above = default;
        var bin = Vector256.Create((short)from);
        for (var b = from; b <= last; b++)
        {
            var count = Vector256.LoadUnsafe(ref first).AsInt16();
            at |= Vector256.Equals(asked, bin) & count;
            above |= Vector256.Equals(next, bin) & count;
            (count - Vector256.GreaterThanOrEqual(learned, bin)).AsUInt16().StoreUnsafe(ref first);
            first = ref Unsafe.Add(ref first, SixteenLanes.Count);
            bin += one;
        }

        return (Vector512.ConvertToSingle(Widened(at.AsUInt16()).AsInt32()), Vector512.ConvertToSingle(Widened(above.AsUInt16()).AsInt32()));
    }

    private static short Highest(Vector256<short> values)
    {
        var eight = Vector128.Max(values.GetLower(), values.GetUpper());
        eight = Vector128.Max(eight, Vector128.Shuffle(eight.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16());
        eight = Vector128.Max(eight, Vector128.Shuffle(eight.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsInt16());
        return Math.Max(eight[0], eight[1]);
    }

    [SkipLocalsInit]
    private static (Vector512<float> At, Vector512<float> Next) CountFew<TWidth>(
        ref ushort first, int from, int end, Vector256<short> asked, Vector256<short> learned) where TWidth : struct, ILaneWidth
    {
        Span<float> at = stackalloc float[SixteenLanes.Count];
        Span<float> next = stackalloc float[SixteenLanes.Count];
        at.Clear();
        next.Clear();
        var rows = MemoryMarshal.CreateSpan(ref first, (end - from) * TWidth.Count);
        for (var lane = 0; lane < TWidth.Count; lane++)
        {
            var bin = asked[lane];
            if (bin >= from) at[lane] = rows[(bin - from) * TWidth.Count + lane];
            if (bin >= from - 1 && bin + 1 < end) next[lane] = rows[(bin + 1 - from) * TWidth.Count + lane];
            for (var b = (learned[lane] - from) * TWidth.Count + lane; b >= 0; b -= TWidth.Count) rows[b]++;
        }

        return (Vector512.Create<float>(at), Vector512.Create<float>(next));
    }
}
