using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Lanes;

/// <summary>Four lanes and up to three more.</summary>
internal readonly struct FourAnd<TRest> : ILaneWidth<Floats16> where TRest : struct, ILaneWidth<Floats4>
{
    public static int Count => 4 + TRest.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(ref float first) =>
        new(Vector256.Create(Vector128.LoadUnsafe(ref first), TRest.Load(ref Unsafe.Add(ref first, 4)).Value).ToVector512());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats16 values, ref float first)
    {
        FourLanes.Store(new(values.Value.GetLower().GetLower()), ref first);
        TRest.Store(new(values.Value.GetLower().GetUpper()), ref Unsafe.Add(ref first, 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first)
    {
        var (four, rest) = (FourLanes.Load(ref first).AsUInt64(), TRest.Load(ref Unsafe.Add(ref first, 4)).AsUInt64());
        return Vector128.Create(four.ToScalar(), rest.ToScalar()).AsUInt16().ToVector256();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first)
    {
        FourLanes.Store(values, ref first);
        TRest.Store(Vector128.CreateScalar(values.AsUInt64().GetElement(1)).AsUInt16().ToVector256(), ref Unsafe.Add(ref first, 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) =>
        Vector128.Create(FourLanes.Load(ref first).AsUInt32().ToScalar(), TRest.Load(ref Unsafe.Add(ref first, 4)).AsUInt32().ToScalar(), 0, 0).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first)
    {
        FourLanes.Store(values, ref first);
        TRest.Store(Vector128.CreateScalar(values.AsUInt32().GetElement(1)).AsByte(), ref Unsafe.Add(ref first, 4));
    }
}

/// <summary>Eight lanes and up to four more.</summary>
internal readonly struct EightAnd<TRest> : ILaneWidth<Floats16> where TRest : struct, ILaneWidth<Floats4>
{
    public static int Count => 8 + TRest.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(ref float first) =>
        new(Vector512.Create(Vector256.LoadUnsafe(ref first), TRest.Load(ref Unsafe.Add(ref first, 8)).Value.ToVector256()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats16 values, ref float first)
    {
        EightLanes.Store(values, ref first);
        TRest.Store(new(values.Value.GetUpper().GetLower()), ref Unsafe.Add(ref first, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) =>
        Vector256.Create(Vector128.LoadUnsafe(ref first), TRest.Load(ref Unsafe.Add(ref first, 8)).GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first)
    {
        EightLanes.Store(values, ref first);
        TRest.Store(values.GetUpper().ToVector256(), ref Unsafe.Add(ref first, 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) =>
        Vector128.Create(EightLanes.Load(ref first).AsUInt64().ToScalar(), TRest.Load(ref Unsafe.Add(ref first, 8)).AsUInt64().ToScalar()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first)
    {
        EightLanes.Store(values, ref first);
        TRest.Store(Vector128.CreateScalar(values.AsUInt64().GetElement(1)).AsByte(), ref Unsafe.Add(ref first, 8));
    }
}

/// <summary>Twelve lanes and up to three more.</summary>
internal readonly struct TwelveAnd<TRest> : ILaneWidth<Floats16> where TRest : struct, ILaneWidth<Floats4>
{
    public static int Count => 12 + TRest.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(ref float first) =>
        new(EightAnd<FourLanes>.Load(ref first).Value.WithUpper(
            Vector256.Create(Vector128.LoadUnsafe(ref Unsafe.Add(ref first, 8)), TRest.Load(ref Unsafe.Add(ref first, 12)).Value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats16 values, ref float first)
    {
        EightAnd<FourLanes>.Store(values, ref first);
        TRest.Store(new(values.Value.GetUpper().GetUpper()), ref Unsafe.Add(ref first, 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) =>
        EightAnd<FourLanes>.Load(ref first).AsUInt64().WithElement(3, TRest.Load(ref Unsafe.Add(ref first, 12)).AsUInt64().ToScalar()).AsUInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first)
    {
        EightAnd<FourLanes>.Store(values, ref first);
        TRest.Store(Vector128.CreateScalar(values.AsUInt64().GetElement(3)).AsUInt16().ToVector256(), ref Unsafe.Add(ref first, 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) =>
        EightAnd<FourLanes>.Load(ref first).AsUInt32().WithElement(3, TRest.Load(ref Unsafe.Add(ref first, 12)).AsUInt32().ToScalar()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first)
    {
        EightAnd<FourLanes>.Store(values, ref first);
        TRest.Store(Vector128.CreateScalar(values.AsUInt32().GetElement(3)).AsByte(), ref Unsafe.Add(ref first, 12));
    }
}
