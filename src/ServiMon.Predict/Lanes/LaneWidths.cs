using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Lanes;

/// <summary>How many lanes stand side by side in memory. Lanes of a vector beyond them are 0 when loaded and are not stored.</summary>
internal interface ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
{
    static abstract int Count { get; }

    static abstract TVector Load(ref float first);

    static abstract void Store(TVector values, ref float first);

    static abstract Vector256<ushort> Load(ref ushort first);

    static abstract void Store(Vector256<ushort> values, ref ushort first);

    static abstract Vector128<byte> Load(ref byte first);

    static abstract void Store(Vector128<byte> values, ref byte first);
}

internal readonly struct SixteenLanes : ILaneWidth<Floats16>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(ref float first) => new(Vector512.LoadUnsafe(ref first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats16 values, ref float first) => values.Value.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) => Vector256.LoadUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first) => values.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => Vector128.LoadUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first) => values.StoreUnsafe(ref first);
}

internal readonly struct EightLanes : ILaneWidth<Floats16>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Load(ref float first) => new(Vector256.LoadUnsafe(ref first).ToVector512());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats16 values, ref float first) => values.Value.GetLower().StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) => Vector128.LoadUnsafe(ref first).ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first) => values.GetLower().StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref first)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt64().ToScalar());
}

internal readonly struct FourLanes : ILaneWidth<Floats4>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Load(ref float first) => new(Vector128.LoadUnsafe(ref first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats4 values, ref float first) => values.Value.StoreUnsafe(ref first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref first))).AsUInt16().ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref first), values.AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref first)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt32().ToScalar());
}

internal readonly struct ThreeLanes : ILaneWidth<Floats4>
{
    public static int Count => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Load(ref float first) => new(TwoLanes.Load(ref first).Value.WithElement(2, Unsafe.Add(ref first, 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats4 values, ref float first)
    {
        TwoLanes.Store(values, ref first);
        Unsafe.Add(ref first, 2) = values.Value.GetElement(2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) => TwoLanes.Load(ref first).WithElement(2, Unsafe.Add(ref first, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first)
    {
        TwoLanes.Store(values, ref first);
        Unsafe.Add(ref first, 2) = values.GetElement(2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => TwoLanes.Load(ref first).WithElement(2, Unsafe.Add(ref first, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first)
    {
        TwoLanes.Store(values, ref first);
        Unsafe.Add(ref first, 2) = values.GetElement(2);
    }
}

internal readonly struct TwoLanes : ILaneWidth<Floats4>
{
    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Load(ref float first) => new(Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<float, byte>(ref first))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats4 values, ref float first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref first), values.Value.AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.As<ushort, byte>(ref first))).AsUInt16().ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref first), values.AsUInt32().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<ushort>(ref first)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt16().ToScalar());
}

internal readonly struct OneLane : ILaneWidth<Floats4>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Load(ref float first) => new(Vector128.CreateScalar(first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Floats4 values, ref float first) => first = values.Value.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Load(ref ushort first) => Vector128.CreateScalar(first).ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<ushort> values, ref ushort first) => first = values.ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> values, ref byte first) => first = values.ToScalar();
}
