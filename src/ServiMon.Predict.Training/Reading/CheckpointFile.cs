using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ServiMon.Predict.Training.Reading;

/// <summary>Records one after the other, each behind its length and a checksum. The first that is torn or damaged ends the file.</summary>
/// <remarks>One process has it open at a time. What was appended survives the death of the process once <see cref="Flush"/> has returned.</remarks>
internal sealed class CheckpointFile : IDisposable
{
    /// <summary>Length (int32) and the first eight bytes of the body's SHA-256.</summary>
    private const int HeadBytes = 12;

    private readonly FileStream _stream;

    private CheckpointFile(FileStream stream) => _stream = stream;

    /// <summary>Where the next record is read or written.</summary>
    public long Position => _stream.Position;

    /// <summary>Null when another process has it, or the place cannot be written to.</summary>
    public static CheckpointFile? Open(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new CheckpointFile(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The next record; null at the end, and for one that is torn or damaged, which is then where the file stands.</summary>
    public byte[]? Read()
    {
        var start = _stream.Position;
        Span<byte> head = stackalloc byte[HeadBytes];
        if (_stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length >= 0 && length <= _stream.Length - _stream.Position)
            {
                var body = new byte[length];
                _stream.ReadExactly(body);
                if (head[4..].SequenceEqual(SHA256.HashData(body).AsSpan(0, HeadBytes - 4))) return body;
            }
        }
        _stream.Position = start;
        return null;
    }

    /// <summary>Drops what lies behind, and goes on there.</summary>
    public void CutAt(long position)
    {
        _stream.SetLength(position);
        _stream.Position = position;
    }

    public void Append(ReadOnlySpan<byte> body)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(head, body.Length);
        SHA256.HashData(body).AsSpan(0, HeadBytes - 4).CopyTo(head[4..]);
        _stream.Write(head);
        _stream.Write(body);
    }

    /// <summary>Hands what was appended to the operating system.</summary>
    public void Flush() => _stream.Flush();

    /// <summary>Closes and removes it.</summary>
    public void Delete()
    {
        Dispose();
        try
        {
            File.Delete(_stream.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run of the profile cuts it, whatever it holds.
        }
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // A full disk: what was not written is torn, and read as such.
        }
    }
}
