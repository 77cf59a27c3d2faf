using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Lanes;

/// <summary>
/// A vector of floats with the arithmetic that is the same in every lane, to the bit, however many lanes the vector has. Comparisons give
/// all bits of a lane or none.
/// </summary>
internal interface ILaneVector<T> where T : struct, ILaneVector<T>
{
    static abstract T Zero { get; }

    static abstract T One { get; }

    float this[int lane] { get; }

    static abstract T operator +(T a, T b);

    static abstract T operator -(T a, T b);

    static abstract T operator *(T a, T b);

    static abstract T operator *(T a, float b);

    static abstract T operator *(float a, T b);

    static abstract T operator /(T a, T b);

    static abstract T operator -(T a);

    static abstract T operator &(T a, T b);

    static abstract T operator |(T a, T b);

    static abstract T operator ~(T a);

    static abstract T Create(float value);

    /// <param name="values">At least one for each lane.</param>
    static abstract T Create(ReadOnlySpan<float> values);

    /// <summary>Whole numbers.</summary>
    static abstract T OfBytes(Vector128<byte> whole);

    /// <summary>Whole numbers, 0 to 255, as bytes.</summary>
    static abstract Vector128<byte> ToBytes(T whole);

    /// <summary>Floats of which there are the upper halves.</summary>
    static abstract T OfHalves(Vector256<ushort> halves);

    /// <summary>The upper halves of floats, 0 or more and with room above, rounded to nearest: 8 bits of mantissa, an error of at most 0.4 %.</summary>
    static abstract Vector256<ushort> ToHalves(T a);

    static abstract T ConditionalSelect(T where, T a, T b);

    /// <summary>a and not b.</summary>
    static abstract T AndNot(T a, T b);

    static abstract T Equals(T a, T b);

    static abstract T GreaterThan(T a, T b);

    static abstract T GreaterThanOrEqual(T a, T b);

    static abstract T LessThan(T a, T b);

    static abstract T LessThanOrEqual(T a, T b);

    static abstract T MinNative(T a, T b);

    static abstract T MaxNative(T a, T b);

    static abstract T Abs(T a);

    static abstract T CopySign(T size, T sign);

    static abstract T Floor(T a);

    static abstract T Sqrt(T a);

    static abstract T Log(T a);

    static abstract T Log2(T a);

    static abstract T Exp(T a);

    /// <summary>The sign bit of each lane, the first lane's lowest.</summary>
    uint ExtractMostSignificantBits();

    /// <param name="target">Room for all lanes.</param>
    void CopyTo(Span<float> target);

    /// <summary>Whole numbers as such.</summary>
    /// <param name="target">Room for all lanes.</param>
    void CopyTo(Span<int> target);
}
