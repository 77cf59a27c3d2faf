using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Lanes;

/// <summary>Up to sixteen lanes. Where a machine has no such vectors, the runtime makes two or four of each.</summary>
internal readonly struct Floats16(Vector512<float> value) : ILaneVector<Floats16>
{
    public readonly Vector512<float> Value = value;

    public static Floats16 Zero => new(Vector512<float>.Zero);

    public static Floats16 One => new(Vector512<float>.One);

    public float this[int lane] => Value[lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator +(Floats16 a, Floats16 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator -(Floats16 a, Floats16 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator *(Floats16 a, Floats16 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator /(Floats16 a, Floats16 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator &(Floats16 a, Floats16 b) => new(a.Value & b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator |(Floats16 a, Floats16 b) => new(a.Value | b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator *(Floats16 a, float b) => new(a.Value * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator *(float a, Floats16 b) => new(a * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator -(Floats16 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 operator ~(Floats16 a) => new(~a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Create(ReadOnlySpan<float> values) => new(Vector512.Create(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 OfBytes(Vector128<byte> whole) => new(Vector512.ConvertToSingle(Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int32(whole)
        : Widened(Vector256.Create(Vector128.WidenLower(whole), Vector128.WidenUpper(whole))).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Floats16 whole)
    {
        var bits = Vector512.ConvertToInt32(whole.Value).AsUInt32();
        var shorts = Vector256.Narrow(bits.GetLower(), bits.GetUpper());
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 OfHalves(Vector256<ushort> halves) => new((Widened(halves) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> ToHalves(Floats16 a)
    {
        var bits = (a.Value.AsUInt32() + Vector512.Create(0x8000u)) >>> 16;
        return Vector256.Narrow(bits.GetLower(), bits.GetUpper());
    }

    /// <summary>16-bit numbers as 32-bit ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Widened(Vector256<ushort> values) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512UInt32(values)
        : Vector512.Create(Vector256.WidenLower(values), Vector256.WidenUpper(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 ConditionalSelect(Floats16 where, Floats16 a, Floats16 b) => new(Vector512.ConditionalSelect(where.Value, a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 AndNot(Floats16 a, Floats16 b) => new(Vector512.AndNot(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Equals(Floats16 a, Floats16 b) => new(Vector512.Equals(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 GreaterThan(Floats16 a, Floats16 b) => new(Vector512.GreaterThan(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 GreaterThanOrEqual(Floats16 a, Floats16 b) => new(Vector512.GreaterThanOrEqual(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 LessThan(Floats16 a, Floats16 b) => new(Vector512.LessThan(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 LessThanOrEqual(Floats16 a, Floats16 b) => new(Vector512.LessThanOrEqual(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 MinNative(Floats16 a, Floats16 b) => new(Vector512.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 MaxNative(Floats16 a, Floats16 b) => new(Vector512.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 CopySign(Floats16 size, Floats16 sign) => new(Vector512.CopySign(size.Value, sign.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Abs(Floats16 a) => new(Vector512.Abs(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Floor(Floats16 a) => new(Vector512.Floor(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Sqrt(Floats16 a) => new(Vector512.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Log(Floats16 a) => new(Vector512.Log(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Log2(Floats16 a) => new(Vector512.Log2(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Exp(Floats16 a) => new(Vector512.Exp(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ExtractMostSignificantBits() => (uint)Vector512.ExtractMostSignificantBits(Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<float> target) => Value.CopyTo(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<int> target) => Vector512.ConvertToInt32Native(Value).CopyTo(target);
}
