using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>How many lanes of a block stand side by side. Arithmetic is always on sixteen; lanes beyond the width are 0 and are not stored.</summary>
internal interface ILaneWidth
{
    static abstract int Count { get; }

    static abstract Vector512<float> Load(ref float first);

    static abstract void Store(Vector512<float> values, ref float first);

    static abstract Vector256<ushort> Load(ref ushort first);

    static abstract void Store(Vector256<ushort> values, ref ushort first);

    static abstract Vector128<byte> Load(ref byte first);

    static abstract void Store(Vector128<byte> values, ref byte first);
}

internal readonly struct SixteenLanes : ILaneWidth
{
    public static int Count => 16;

    public static Vector512<float> Load(ref float first) => Vector512.LoadUnsafe(ref first);

    public static void Store(Vector512<float> values, ref float first) => values.StoreUnsafe(ref first);

    public static Vector256<ushort> Load(ref ushort first) => Vector256.LoadUnsafe(ref first);

    public static void Store(Vector256<ushort> values, ref ushort first) => values.StoreUnsafe(ref first);

    public static Vector128<byte> Load(ref byte first) => Vector128.LoadUnsafe(ref first);

    public static void Store(Vector128<byte> values, ref byte first) => values.StoreUnsafe(ref first);
}

internal readonly struct EightLanes : ILaneWidth
{
    public static int Count => 8;

    public static Vector512<float> Load(ref float first) => Vector256.LoadUnsafe(ref first).ToVector512();

    public static void Store(Vector512<float> values, ref float first) => values.GetLower().StoreUnsafe(ref first);

    public static Vector256<ushort> Load(ref ushort first) => Vector128.LoadUnsafe(ref first).ToVector256();

    public static void Store(Vector256<ushort> values, ref ushort first) => values.GetLower().StoreUnsafe(ref first);

    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref first)).AsByte();

    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt64().ToScalar());
}

internal readonly struct FourLanes : ILaneWidth
{
    public static int Count => 4;

    public static Vector512<float> Load(ref float first) => Vector128.LoadUnsafe(ref first).ToVector256().ToVector512();

    public static void Store(Vector512<float> values, ref float first) => values.GetLower().GetLower().StoreUnsafe(ref first);

    public static Vector256<ushort> Load(ref ushort first) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref first))).AsUInt16().ToVector256();

    public static void Store(Vector256<ushort> values, ref ushort first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref first), values.AsUInt64().ToScalar());

    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref first)).AsByte();

    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt32().ToScalar());
}

internal readonly struct TwoLanes : ILaneWidth
{
    public static int Count => 2;

    public static Vector512<float> Load(ref float first) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<float, byte>(ref first))).AsSingle().ToVector256().ToVector512();

    public static void Store(Vector512<float> values, ref float first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref first), values.GetLower().GetLower().AsUInt64().ToScalar());

    public static Vector256<ushort> Load(ref ushort first) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.As<ushort, byte>(ref first))).AsUInt16().ToVector256();

    public static void Store(Vector256<ushort> values, ref ushort first) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref first), values.AsUInt32().ToScalar());

    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(Unsafe.ReadUnaligned<ushort>(ref first)).AsByte();

    public static void Store(Vector128<byte> values, ref byte first) => Unsafe.WriteUnaligned(ref first, values.AsUInt16().ToScalar());
}

internal readonly struct OneLane : ILaneWidth
{
    public static int Count => 1;

    public static Vector512<float> Load(ref float first) => Vector128.CreateScalar(first).ToVector256().ToVector512();

    public static void Store(Vector512<float> values, ref float first) => first = values.ToScalar();

    public static Vector256<ushort> Load(ref ushort first) => Vector128.CreateScalar(first).ToVector256();

    public static void Store(Vector256<ushort> values, ref ushort first) => first = values.ToScalar();

    public static Vector128<byte> Load(ref byte first) => Vector128.CreateScalar(first);

    public static void Store(Vector128<byte> values, ref byte first) => first = values.ToScalar();
}
