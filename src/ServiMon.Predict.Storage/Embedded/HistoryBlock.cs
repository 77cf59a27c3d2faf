using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>Rows of one asset as columns: what a block of history holds.</summary>
/// <param name="MetricIds">K identifiers of metrics.</param>
/// <param name="Ticks">n times, strictly ascending.</param>
/// <param name="Columns">K x n values, column after column, NaN for missing.</param>
internal sealed record BlockRows(int[] MetricIds, long[] Ticks, double[] Columns)
{
    public int Count => Ticks.Length;

    public ReadOnlySpan<double> Column(int index) => Columns.AsSpan(index * Count, Count);

    public BlockRows Slice(int start, int count)
    {
        var columns = new double[MetricIds.Length * count];
        for (var k = 0; k < MetricIds.Length; k++) Column(k).Slice(start, count).CopyTo(columns.AsSpan(k * count));
        return new BlockRows(MetricIds, Ticks[start..(start + count)], columns);
    }
}

/// <summary>
/// The bytes of a block, version 1, little-endian: version, compression, 2 bytes zero, rows, columns (4 bytes each), metric
/// identifiers (4 bytes each), payload, CRC-32C (4 bytes) of the asset's identifier and everything before. The payload is n
/// 8-byte second differences of the ticks (the first entry: the first tick) and K x n doubles, column after column.
/// Plain columns under Brotli at quality 1 were as small as or smaller than XOR or byte-shuffled ones on recorded decimal
/// metrics, and simpler.
/// </summary>
internal static class HistoryBlock
{
    public const byte Version = 1;

    private const int HeaderLength = 12, ChecksumLength = 4;

    /// <summary>Payloads below this many bytes are kept as they are: compression would not pay for its header.</summary>
    private const int SmallestCompressed = 256;

    /// <summary>Brotli's quality and window (bits): quality 4 saves 15 % more at a third of the speed.</summary>
    private const int Quality = 1, WindowBits = 20;

    private enum Compression : byte { None, Brotli }

    public static byte[] Encode(long asset, BlockRows rows)
    {
        int n = rows.Count, k = rows.MetricIds.Length, prefix = HeaderLength + 4 * k, payloadLength = 8 * n * (k + 1);
        var payload = ArrayPool<byte>.Shared.Rent(payloadLength);
        var body = ArrayPool<byte>.Shared.Rent(prefix + BrotliEncoder.GetMaxCompressedLength(payloadLength) + ChecksumLength);
        try
        {
            var differences = MemoryMarshal.Cast<byte, long>(payload.AsSpan(0, 8 * n));
            long previous = 0, previousStep = 0;
            for (var i = 0; i < n; i++)
            {
                var step = i == 0 ? 0 : rows.Ticks[i] - previous;
                differences[i] = i == 0 ? rows.Ticks[0] : step - previousStep;
                (previous, previousStep) = (rows.Ticks[i], step);
            }
            rows.Columns.CopyTo(MemoryMarshal.Cast<byte, double>(payload.AsSpan(8 * n, payloadLength - 8 * n)));
            var source = payload.AsSpan(0, payloadLength);
            var compression = Compression.None;
            if (payloadLength < SmallestCompressed
                || !BrotliEncoder.TryCompress(source, body.AsSpan(prefix, body.Length - prefix - ChecksumLength), out var length, Quality, WindowBits)
                || length >= payloadLength)
            {
                source.CopyTo(body.AsSpan(prefix));
                length = payloadLength;
            }
            else compression = Compression.Brotli;
            body.AsSpan(0, HeaderLength).Clear();
            body[0] = Version;
            body[1] = (byte)compression;
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), n);
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(8), k);
            for (var i = 0; i < k; i++) BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(HeaderLength + 4 * i), rows.MetricIds[i]);
            var end = prefix + length;
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(end), Checksum(asset, body.AsSpan(0, end)));
            return body.AsSpan(0, end + ChecksumLength).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <exception cref="InvalidDataException">When the bytes are not those that were written, with the reason.</exception>
    public static BlockRows Decode(long asset, ReadOnlySpan<byte> body)
    {
        if (body.Length < HeaderLength + ChecksumLength) throw new InvalidDataException($"{body.Length} bytes are too few for a block");
        if (body[0] != Version) throw new InvalidDataException($"its version is {body[0]}, this program reads version {Version}");
        var end = body.Length - ChecksumLength;
        if (BinaryPrimitives.ReadUInt32LittleEndian(body[end..]) != Checksum(asset, body[..end])) throw new InvalidDataException("the checksum is wrong");
        var n = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        var k = BinaryPrimitives.ReadInt32LittleEndian(body[8..]);
        var prefix = HeaderLength + 4 * k;
        var metricIds = new int[k];
        for (var i = 0; i < k; i++) metricIds[i] = BinaryPrimitives.ReadInt32LittleEndian(body[(HeaderLength + 4 * i)..]);
        var payloadLength = 8 * n * (k + 1);
        var payload = ArrayPool<byte>.Shared.Rent(payloadLength);
        try
        {
            var target = payload.AsSpan(0, payloadLength);
            var source = body[prefix..end];
            if ((Compression)body[1] == Compression.None && source.Length == payloadLength) source.CopyTo(target);
            else if (!BrotliDecoder.TryDecompress(source, target, out var written) || written != payloadLength)
                throw new InvalidDataException("the payload does not unpack");
            var ticks = MemoryMarshal.Cast<byte, long>(target[..(8 * n)]).ToArray();
            long step = 0;
            for (var i = 1; i < n; i++)
            {
                step += ticks[i];
                ticks[i] = ticks[i - 1] + step;
            }
            return new BlockRows(metricIds, ticks, MemoryMarshal.Cast<byte, double>(target[(8 * n)..]).ToArray());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    /// <summary>CRC-32C (Castagnoli 1993), eight bytes at a time.</summary>
    private static uint Checksum(long asset, ReadOnlySpan<byte> bytes)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (ulong)asset);
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
