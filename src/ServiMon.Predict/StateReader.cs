using System.Buffers.Binary;
using System.Text;

namespace ServiMon.Predict;

/// <summary>Reads what <see cref="StateWriter"/> wrote.</summary>
/// <remarks>Every method throws <see cref="InvalidDataException"/> when the bytes end too early.</remarks>
public ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1)[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <inheritdoc cref="StateWriter.Packed"/>
    public long Packed()
    {
        const int most = 63;
        var value = 0L;
        for (var shift = 0; shift < most; shift += 7)
        {
            var next = Byte();
            value |= (next & 0x7FL) << shift;
            if (next <= 0x7F) return value;
        }
        throw new InvalidDataException("the state has a number that is too large");
    }

    public double Double() => BitConverter.Int64BitsToDouble(Long());

    public string Text() => Encoding.UTF8.GetString(Take(Count(1)));

    /// <summary>A count of things that take at least so many bytes each: a damaged count asks for no memory.</summary>
    public int Count(int leastBytes) => Checked(Int(), leastBytes);

    /// <summary>A count that was read otherwise, once it is certain that so many things can follow.</summary>
    public readonly int Checked(long count, int leastBytes)
    {
        if (count < 0 || count * leastBytes > _rest.Length)
            throw new InvalidDataException($"the state says {count} entries of {leastBytes} bytes or more where {_rest.Length} bytes are left");
        return (int)count;
    }

    public void Bytes(Span<byte> values) => Take(values.Length).CopyTo(values);

    public void Shorts(Span<ushort> values)
    {
        var source = Take(values.Length * sizeof(ushort));
        for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadUInt16LittleEndian(source[(i * sizeof(ushort))..]);
    }

    public void Floats(Span<float> values)
    {
        var source = Take(values.Length * sizeof(float));
        for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(i * sizeof(float))..]);
    }

    public void Doubles(Span<double> values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = Double();
    }

    public void Longs(Span<long> values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = Long();
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new InvalidDataException($"the state ends {count - _rest.Length} bytes too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
