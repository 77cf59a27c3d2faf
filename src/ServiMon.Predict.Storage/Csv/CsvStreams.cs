using System.Buffers.Binary;
using System.IO.Compression;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>Passes bytes on and remembers how many there were and the last one.</summary>
internal sealed class TailStream(Stream inner) : Stream
{
    public long ByteCount { get; private set; }

    public int LastByte { get; private set; } = -1;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => ByteCount; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        if (read > 0)
        {
            ByteCount += read;
            LastByte = buffer[read - 1];
        }
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>
/// Tells whether a gzip file is whole. The framework's reader takes the end of a cut file for the end of the data, so the length
/// in the last member's trailer is compared with what came out (RFC 1952, section 2.3.1: ISIZE, modulo 2^32).
/// </summary>
internal static class GzipTail
{
    /// <summary>Bytes of the fixed member header and of the trailer, RFC 1952.</summary>
    private const int HeaderLength = 10, TrailerLength = 8;

    /// <summary>How far from the end the header of a last member is looked for when there are several.</summary>
    private const int SearchLength = 1 << 20;

    public static bool IsWhole(string path, long uncompressedLength)
    {
        using var file = File.OpenRead(path);
        if (file.Length < HeaderLength + TrailerLength) return false;
        var tail = new byte[Math.Min(file.Length, SearchLength)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        var stated = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(tail.Length - 4));
        if (stated == (uint)uncompressedLength) return true;
        return LastMemberLength(tail) == stated;
    }

    private static uint? LastMemberLength(byte[] tail)
    {
        ReadOnlySpan<byte> magic = [0x1f, 0x8b, 0x08];
        for (var end = tail.Length - TrailerLength; ;)
        {
            var start = tail.AsSpan(0, end).LastIndexOf(magic);
            if (start <= 0) return null;
            try
            {
                using var member = new GZipStream(new MemoryStream(tail, start, tail.Length - start), CompressionMode.Decompress);
                using var counted = new TailStream(member);
                counted.CopyTo(Stream.Null);
                return (uint)counted.ByteCount;
            }
            catch (InvalidDataException)
            {
                end = start + magic.Length - 1;
            }
        }
    }
}
