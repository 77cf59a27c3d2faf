using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>The samples of one message: time, value, and the bytes that name the series. Made once and used for every message.</summary>
public sealed class ParsedSamples
{
    /// <summary>Most bytes that name one series.</summary>
    public const int LongestIdentity = 8192;

    /// <summary>Most bytes that name the series of one message, 64 MiB: a message whose samples repeat long labels cannot take more memory.</summary>
    private const int MostIdentityBytes = 64 << 20;

    private readonly List<(int Start, int Length, long Ticks, double Value)> _samples = [];
    private byte[] _identities = new byte[4096];
    private int _used;

    /// <param name="maxSamples">Most samples of one message. Default 100,000, range 1 to 10,000,000.</param>
    public ParsedSamples(int maxSamples = 100_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSamples, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSamples, 10_000_000);
        MaxSamples = maxSamples;
    }

    public int MaxSamples { get; }

    public int Count => _samples.Count;

    /// <summary>UTC ticks of 100 ns.</summary>
    public long Ticks(int index) => _samples[index].Ticks;

    public double Value(int index) => _samples[index].Value;

    public ReadOnlySpan<byte> Identity(int index) => _identities.AsSpan(_samples[index].Start, _samples[index].Length);

    public void Clear()
    {
        _samples.Clear();
        _used = 0;
    }

    /// <summary>Adds a sample of the series that these three texts name; each but the last is kept with its length.</summary>
    /// <returns>A fault when there are too many samples, or the texts are too long.</returns>
    public MessageFault Add(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, long ticks, double value)
    {
        var length = first.Length + second.Length + third.Length + 2 * sizeof(int);
        if (length > LongestIdentity) return MessageFault.LabelsTooLong;
        if (_samples.Count >= MaxSamples || _used + length > MostIdentityBytes) return MessageFault.TooManySamples;
        if (_used + length > _identities.Length) Array.Resize(ref _identities, Math.Max(2 * _identities.Length, _used + length));
        var target = _identities.AsSpan(_used, length);
        BinaryPrimitives.WriteInt32LittleEndian(target, first.Length);
        first.CopyTo(target[sizeof(int)..]);
        target = target[(sizeof(int) + first.Length)..];
        BinaryPrimitives.WriteInt32LittleEndian(target, second.Length);
        second.CopyTo(target[sizeof(int)..]);
        third.CopyTo(target[(sizeof(int) + second.Length)..]);
        _samples.Add((_used, length, ticks, value));
        _used += length;
        return MessageFault.None;
    }

    /// <summary>Sets the time of every sample from an index on: where the time comes after the values.</summary>
    public void SetTicks(int from, long ticks)
    {
        foreach (ref var sample in CollectionsMarshal.AsSpan(_samples)[from..]) sample.Ticks = ticks;
    }

    /// <summary>Takes the three texts of <see cref="Add"/> apart again.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> identity, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second, out ReadOnlySpan<byte> third)
    {
        second = third = default;
        if (!TryTake(ref identity, out first) || !TryTake(ref identity, out second)) return false;
        third = identity;
        return true;
    }

    private static bool TryTake(scoped ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (bytes.Length < sizeof(int)) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int)) return false;
        part = bytes.Slice(sizeof(int), length);
        bytes = bytes[(sizeof(int) + length)..];
        return true;
    }
}
