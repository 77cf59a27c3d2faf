using System.Buffers.Binary;
using System.Text;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>Labels as bytes that name a series: for each its name and its value in UTF-8, each with its length. One buffer for all messages.</summary>
internal sealed class LabelBytes
{
    private byte[] _bytes = new byte[1024];
    private int _used;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    public void Clear() => _used = 0;

    public void Add(string name, string value)
    {
        Put(name);
        Put(value);
    }

    /// <summary>Appends the labels; null when the bytes are no such list.</summary>
    public static List<KeyValuePair<string, string>>? Read(ReadOnlySpan<byte> bytes, List<KeyValuePair<string, string>> labels)
    {
        while (!bytes.IsEmpty)
        {
            if (Take(ref bytes) is not { } name || Take(ref bytes) is not { } value) return null;
            labels.Add(new(name, value));
        }
        return labels;
    }

    private void Put(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length) + sizeof(int);
        if (_used + most > _bytes.Length) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _used + most));
        var length = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_used + sizeof(int)));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_used), length);
        _used += sizeof(int) + length;
    }

    private static string? Take(scoped ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int)) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int)) return null;
        var text = Encoding.UTF8.GetString(bytes.Slice(sizeof(int), length));
        bytes = bytes[(sizeof(int) + length)..];
        return text;
    }
}
