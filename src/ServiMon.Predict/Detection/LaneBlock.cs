using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ServiMon.Predict.Detection;

/// <summary>The rows of a block of lanes, each a vector.</summary>
internal readonly ref struct LaneBlock<TWidth> where TWidth : struct, ILaneWidth
{
    private readonly ref byte _first;
    private readonly int _length;

    /// <param name="memory">The whole block, so that every row of it can be read without a check.</param>
    public LaneBlock(Span<byte> memory)
    {
        _first = ref MemoryMarshal.GetReference(memory);
        _length = memory.Length;
    }

    public Vector512<float> this[DetectorRow row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Load(ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref _first, (nuint)((int)row * sizeof(float) * TWidth.Count))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => TWidth.Store(value, ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref _first, (nuint)((int)row * sizeof(float) * TWidth.Count))));
    }

    public Lane this[int lane] => new(MemoryMarshal.CreateSpan(ref _first, _length), TWidth.Count, lane);

    /// <summary>Keeps what is new in some lanes and what was in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(DetectorRow row, Vector512<float> where, Vector512<float> renewed, Vector512<float> old) =>
        this[row] = Vector512.ConditionalSelect(where, renewed, old);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ushort ShortRow(int row) =>
        ref Unsafe.As<byte, ushort>(ref Unsafe.AddByteOffset(ref _first, (nuint)((DetectorState.ShortsAt + row * sizeof(ushort)) * TWidth.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte ByteRow(int row) => ref Unsafe.AddByteOffset(ref _first, (nuint)((DetectorState.BytesAt + row) * TWidth.Count));

    /// <summary>A row of bytes as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Counts(int row) => Vector512.ConvertToSingle(Widened(TWidth.Load(ref ByteRow(row))));

    public void StoreCounts(int row, Vector512<float> counts)
    {
        var whole = Vector512.ConvertToInt32(counts).AsUInt32();
        var halves = Vector256.Narrow(whole.GetLower(), whole.GetUpper());
        TWidth.Store(Vector128.Narrow(halves.GetLower(), halves.GetUpper()), ref ByteRow(row));
    }

    /// <summary>A row of upper halves as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Halves(int row) => (LaneHistogram.Widened(TWidth.Load(ref ShortRow(row))) << 16).AsSingle();

    /// <summary>Stores the upper halves of floats, 0 or more, rounded to nearest: 8 bits of mantissa, an error of at most 0.4 %.</summary>
    public void StoreHalves(int row, Vector512<float> values)
    {
        var bits = (Vector512.MinNative(Vector512.MaxNative(values, Vector512<float>.Zero), Vector512.Create(LargestHalf)).AsUInt32()
            + Vector512.Create(0x8000u)) >>> 16;
        TWidth.Store(Vector256.Narrow(bits.GetLower(), bits.GetUpper()), ref ShortRow(row));
    }

    /// <summary>Below the largest float by more than the rounding.</summary>
    private const float LargestHalf = 1e38f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Widened(Vector128<byte> bytes) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int32(bytes)
        : LaneHistogram.Widened(Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes))).AsInt32();
}

/// <summary>One lane of a block.</summary>
internal readonly ref struct Lane
{
    private readonly Span<byte> _block;
    private readonly int _width;
    private readonly int _index;

    public Lane(Span<byte> block, int width, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)width, nameof(index));
        _block = block;
        (_width, _index) = (width, index);
    }

    public ref float this[DetectorRow row] => ref MemoryMarshal.Cast<byte, float>(_block)[(int)row * _width + _index];

    public ref double Centre => ref MemoryMarshal.Cast<byte, double>(_block[(DetectorState.CentreAt * _width)..])[_index];

    public ref ushort Short(int row) => ref MemoryMarshal.Cast<byte, ushort>(_block[(DetectorState.ShortsAt * _width)..])[row * _width + _index];

    public ref byte Byte(int row) => ref _block[(DetectorState.BytesAt + row) * _width + _index];
}
