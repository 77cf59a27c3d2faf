using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Lanes;

/// <summary>Up to four lanes.</summary>
internal readonly struct Floats4(Vector128<float> value) : ILaneVector<Floats4>
{
    public readonly Vector128<float> Value = value;

    public static Floats4 Zero => new(Vector128<float>.Zero);

    public static Floats4 One => new(Vector128<float>.One);

    public float this[int lane] => Value[lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator +(Floats4 a, Floats4 b) => new(a.Value + b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator -(Floats4 a, Floats4 b) => new(a.Value - b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator *(Floats4 a, Floats4 b) => new(a.Value * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator /(Floats4 a, Floats4 b) => new(a.Value / b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator &(Floats4 a, Floats4 b) => new(a.Value & b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator |(Floats4 a, Floats4 b) => new(a.Value | b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator *(Floats4 a, float b) => new(a.Value * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator *(float a, Floats4 b) => new(a * b.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator -(Floats4 a) => new(-a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 operator ~(Floats4 a) => new(~a.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Create(ReadOnlySpan<float> values) => new(Vector128.Create(values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 OfBytes(Vector128<byte> whole) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(whole)).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Floats4 whole)
    {
        var shorts = Vector128.Narrow(Vector128.ConvertToInt32(whole.Value).AsUInt32(), Vector128<uint>.Zero);
        return Vector128.Narrow(shorts, shorts);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 OfHalves(Vector256<ushort> halves) => new((Vector128.WidenLower(halves.GetLower()) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> ToHalves(Floats4 a) =>
        Vector128.Narrow((a.Value.AsUInt32() + Vector128.Create(0x8000u)) >>> 16, Vector128<uint>.Zero).ToVector256();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 ConditionalSelect(Floats4 where, Floats4 a, Floats4 b) => new(Vector128.ConditionalSelect(where.Value, a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 AndNot(Floats4 a, Floats4 b) => new(Vector128.AndNot(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Equals(Floats4 a, Floats4 b) => new(Vector128.Equals(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 GreaterThan(Floats4 a, Floats4 b) => new(Vector128.GreaterThan(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 GreaterThanOrEqual(Floats4 a, Floats4 b) => new(Vector128.GreaterThanOrEqual(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 LessThan(Floats4 a, Floats4 b) => new(Vector128.LessThan(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 LessThanOrEqual(Floats4 a, Floats4 b) => new(Vector128.LessThanOrEqual(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 MinNative(Floats4 a, Floats4 b) => new(Vector128.MinNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 MaxNative(Floats4 a, Floats4 b) => new(Vector128.MaxNative(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 CopySign(Floats4 size, Floats4 sign) => new(Vector128.CopySign(size.Value, sign.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Abs(Floats4 a) => new(Vector128.Abs(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Floor(Floats4 a) => new(Vector128.Floor(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Sqrt(Floats4 a) => new(Vector128.Sqrt(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Log(Floats4 a) => new(Vector128.Log(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Log2(Floats4 a) => new(Vector128.Log2(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats4 Exp(Floats4 a) => new(Vector128.Exp(a.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ExtractMostSignificantBits() => (uint)Vector128.ExtractMostSignificantBits(Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<float> target) => Value.CopyTo(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<int> target) => Vector128.ConvertToInt32Native(Value).CopyTo(target);
}
