using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ServiMon.Predict.Lanes;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector At, TVector Next) Count<TWidth, TVector>(ref ushort first, int from, int end, TVector asked, TVector learned)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (typeof(TVector) == typeof(Floats16))
        {
            var (at, next) = CountMany<TWidth, TVector>(
                ref first, from, end, Narrowed(Unsafe.BitCast<TVector, Floats16>(asked)), Narrowed(Unsafe.BitCast<TVector, Floats16>(learned)));
            return (Unsafe.BitCast<Floats16, TVector>(at), Unsafe.BitCast<Floats16, TVector>(next));
        }

        return CountFew<TWidth, TVector>(ref first, from, end, asked, learned);
    }

    [SkipLocalsInit]
    private static (TVector At, TVector Next) CountFew<TWidth, TVector>(ref ushort first, int from, int end, TVector asked, TVector learned)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        Span<int> bins = stackalloc int[2 * FourLanes.Count];
        Span<float> counts = stackalloc float[2 * FourLanes.Count];
        asked.CopyTo(bins);
        learned.CopyTo(bins[FourLanes.Count..]);
        for (var lane = 0; lane < TWidth.Count; lane++)
        {
            (counts[lane], counts[FourLanes.Count + lane]) = Read<TWidth, TVector>(ref first, end - from, lane, bins[lane] - from);
            Learn<TWidth, TVector>(ref first, lane, bins[FourLanes.Count + lane] - from);
        }

        return (TWidth.Load(ref counts[0]), TWidth.Load(ref counts[FourLanes.Count]));
    }

    /// <summary>How many lay in a bin or above, and in the next or above, in one lane of few.</summary>
    /// <param name="first">Row of the first bin that has one.</param>
    /// <param name="count">Bins that have a row.</param>
    /// <param name="bin">Counted from the first that has a row; below it, the first number means nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float At, float Next) Read<TWidth, TVector>(ref ushort first, int count, int lane, int bin)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var next = Math.Max(bin + 1, 0);
        return (Unsafe.Add(ref first, Math.Max(bin, 0) * TWidth.Count + lane), next < count ? Unsafe.Add(ref first, next * TWidth.Count + lane) : 0);
    }

    /// <summary>Counts a value in its bin and all below, in one lane of few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Learn<TWidth, TVector>(ref ushort first, int lane, int bin)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (TWidth.Count > 1)
        {
            for (var i = bin * TWidth.Count + lane; i >= 0; i -= TWidth.Count) Unsafe.Add(ref first, i)++;
            return;
        }

        // Alone, a lane's bins stand side by side; what lies beyond them, in the same block, is written as it was.
        for (var i = 0; i <= bin; i += Vector256<short>.Count)
        {
            ref var some = ref Unsafe.Add(ref first, i);
            var counted = Vector256.LessThanOrEqual(Vector256<short>.Indices, Vector256.Create((short)(bin - i)));
            (Vector256.LoadUnsafe(ref some) - counted.AsUInt16()).StoreUnsafe(ref some);
        }
    }

    private static (Floats16 At, Floats16 Next) CountMany<TWidth, TVector>(
        ref ushort first, int from, int end, Vector256<short> asked, Vector256<short> learned)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = Vector256<short>.One;
        var next = asked + one;
        var last = Math.Min(Highest(Vector256.Max(next, learned)), end - 1);
        Vector256<short> at = default, above = default;
        var bin = Vector256.Create((short)from);
        for (var b = from; b <= last; b++)
        {
            var count = TWidth.Load(ref first).AsInt16();
            at |= Vector256.Equals(asked, bin) & count;
            above |= Vector256.Equals(next, bin) & count;
            TWidth.Store((count - Vector256.GreaterThanOrEqual(learned, bin)).AsUInt16(), ref first);
            first = ref Unsafe.Add(ref first, TWidth.Count);
            bin += one;
        }

        return (Whole(at), Whole(above));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Floats16 Whole(Vector256<short> counts) => new(Vector512.ConvertToSingle(Floats16.Widened(counts.AsUInt16()).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Narrowed(Floats16 whole)
    {
        var bins = Vector512.ConvertToInt32Native(whole.Value);
        return Vector256.Narrow(bins.GetLower(), bins.GetUpper());
    }

    private static short Highest(Vector256<short> values)
    {
        var eight = Vector128.Max(values.GetLower(), values.GetUpper());
        eight = Vector128.Max(eight, Vector128.Shuffle(eight.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16());
        eight = Vector128.Max(eight, Vector128.Shuffle(eight.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsInt16());
        return Math.Max(eight[0], eight[1]);
    }
}
