using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>The rows of a block of lanes, each a vector.</summary>
internal readonly ref struct LaneBlock<TWidth, TVector> where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
{
    private readonly ref byte _first;
    private readonly int _length;

    /// <param name="memory">The whole block, so that every row of it can be read without a check.</param>
    public LaneBlock(Span<byte> memory)
    {
        _first = ref MemoryMarshal.GetReference(memory);
        _length = memory.Length;
    }

    public TVector this[DetectorRow row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Load(ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref _first, (nuint)((int)row * sizeof(float) * TWidth.Count))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => TWidth.Store(value, ref Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref _first, (nuint)((int)row * sizeof(float) * TWidth.Count))));
    }

    public Lane this[int lane] => new(MemoryMarshal.CreateSpan(ref _first, _length), TWidth.Count, lane);

    /// <summary>Keeps what is new in some lanes and what was in the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Keep(DetectorRow row, TVector where, TVector renewed, TVector old) =>
        this[row] = TVector.ConditionalSelect(where, renewed, old);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ushort ShortRow(int row) =>
        ref Unsafe.As<byte, ushort>(ref Unsafe.AddByteOffset(ref _first, (nuint)((DetectorState.ShortsAt + row * sizeof(ushort)) * TWidth.Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte ByteRow(int row) => ref Unsafe.AddByteOffset(ref _first, (nuint)((DetectorState.BytesAt + row) * TWidth.Count));

    /// <summary>A number of one lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Of(DetectorRow row, int lane) =>
        Unsafe.As<byte, float>(ref Unsafe.AddByteOffset(ref _first, (nuint)(((int)row * TWidth.Count + lane) * sizeof(float))));

    /// <summary>What is subtracted from the values of one lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Centre(int lane) =>
        Unsafe.ReadUnaligned<double>(ref Unsafe.AddByteOffset(ref _first, (nuint)(DetectorState.CentreAt * TWidth.Count + lane * sizeof(double))));

    /// <summary>A row of bytes as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Counts(int row) => TVector.OfBytes(TWidth.Load(ref ByteRow(row)));

    public void StoreCounts(int row, TVector counts) => TWidth.Store(TVector.ToBytes(counts), ref ByteRow(row));

    /// <summary>A row of upper halves as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Halves(int row) => TVector.OfHalves(TWidth.Load(ref ShortRow(row)));

    /// <summary>Stores the upper halves of floats, 0 or more.</summary>
    public void StoreHalves(int row, TVector values) =>
        TWidth.Store(TVector.ToHalves(TVector.MinNative(TVector.MaxNative(values, TVector.Zero), TVector.Create(LargestHalf))), ref ShortRow(row));

    /// <summary>Below the largest float by more than the rounding.</summary>
    private const float LargestHalf = 1e38f;
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
