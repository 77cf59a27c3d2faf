using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ServiMon.Predict;

/// <summary>Writes saved state: little-endian numbers, texts with their length. <see cref="StateReader"/> reads it back.</summary>
public sealed class StateWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1024);

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    /// <summary>A number that is seldom large, at least 0: seven bits a byte, the lowest first, the top bit set where more follow (LEB128).</summary>
    public void Packed(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value > 0x7F; value >>= 7) Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    public void Double(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    /// <summary>UTF-8 after its length in bytes.</summary>
    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int(length);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }

    /// <summary>The values alone: the reader knows how many.</summary>
    public void Floats(ReadOnlySpan<float> values)
    {
        var target = _bytes.GetSpan(values.Length * sizeof(float));
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(target[(i * sizeof(float))..], values[i]);
        _bytes.Advance(values.Length * sizeof(float));
    }

    /// <inheritdoc cref="Floats"/>
    public void Bytes(ReadOnlySpan<byte> values) => _bytes.Write(values);

    /// <inheritdoc cref="Floats"/>
    public void Shorts(ReadOnlySpan<ushort> values)
    {
        var target = _bytes.GetSpan(values.Length * sizeof(ushort));
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(target[(i * sizeof(ushort))..], values[i]);
        _bytes.Advance(values.Length * sizeof(ushort));
    }

    /// <inheritdoc cref="Floats"/>
    public void Doubles(ReadOnlySpan<double> values)
    {
        foreach (var value in values) Double(value);
    }

    /// <inheritdoc cref="Floats"/>
    public void Longs(ReadOnlySpan<long> values)
    {
        foreach (var value in values) Long(value);
    }
}
