using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
        var (at, next) = CountMany<TWidth, TVector>(
            ref first, from, end, Narrowed(Unsafe.BitCast<TVector, Floats16>(asked)), Narrowed(Unsafe.BitCast<TVector, Floats16>(learned)));
        return (Unsafe.BitCast<Floats16, TVector>(at), Unsafe.BitCast<Floats16, TVector>(next));
    }

    /// <summary>The same of up to four lanes.</summary>
    /// <param name="order">Where the counts stand.</param>
    /// <param name="from">0 or 1; of bin 0 the number is then known otherwise, and what is returned means nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector At, TVector Next) CountFew<TWidth, TVector>(
        ref ushort first, CountOrder order, int from, int end, TVector asked, TVector learned)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        Unsafe.SkipInit(out Sixteen<int> places);
        (TVector.MaxNative(asked, TVector.Zero) * TWidth.Count + Few<TVector>(Vector128<int>.Indices)).CopyTo(places);
        ref var bottom = ref Unsafe.Subtract(ref first, from * TWidth.Count);
        var at = Few<TVector>(Four(ref bottom, ref places[0], TWidth.Count));
        var next = Few<TVector>(Four(ref Unsafe.Add(ref bottom, TWidth.Count), ref places[0], TWidth.Count));
        Learn(ref first, order, TVector.ToBytes(learned + TVector.Create(1 - from)).AsSByte());
        return (at, TVector.LessThan(asked, TVector.Create(end - 1)) & next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Few<TVector>(Vector128<int> whole) where TVector : struct, ILaneVector<TVector> =>
        Unsafe.BitCast<Floats4, TVector>(new(Vector128.ConvertToSingle(whole)));

    /// <summary>Counts that stand in up to four places.</summary>
    /// <param name="place">The first place; the others follow.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(ref ushort first, ref int place, int count)
    {
        var counts = Vector128.CreateScalar((int)Unsafe.Add(ref first, place));
        if (count > 1) counts = counts.WithElement(1, Unsafe.Add(ref first, Unsafe.Add(ref place, 1)));
        if (count > 2) counts = counts.WithElement(2, Unsafe.Add(ref first, Unsafe.Add(ref place, 2)));
        if (count > 3) counts = counts.WithElement(3, Unsafe.Add(ref first, Unsafe.Add(ref place, 3)));
        return counts;
    }

    /// <summary>Counts values in the rows below theirs, in lanes of few.</summary>
    /// <param name="first">The first count.</param>
    /// <param name="order">Where counts stand.</param>
    /// <param name="rows">Of each histogram and lane how many rows are counted in, 0 or less for none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Learn(ref ushort first, CountOrder order, Vector128<sbyte> rows)
    {
        ref var lane = ref MemoryMarshal.GetArrayDataReference(order.Lane);
        ref var row = ref MemoryMarshal.GetArrayDataReference(order.Row);
        for (var i = 0; i < order.Count; i += CountOrder.Chunk)
        {
            ref var some = ref Unsafe.Add(ref first, i);
            var counted = Vector128.LessThan(Vector128.LoadUnsafe(ref row, (nuint)i), Vector128.ShuffleNative(rows, Vector128.LoadUnsafe(ref lane, (nuint)i)));
            (Vector256.LoadUnsafe(ref some) - Widened(counted)).StoreUnsafe(ref some);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Widened(Vector128<sbyte> counted) =>
        (Avx2.IsSupported ? Avx2.ConvertToVector256Int16(counted) : Vector256.Create(Vector128.WidenLower(counted), Vector128.WidenUpper(counted))).AsUInt16();

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
