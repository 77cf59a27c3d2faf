using System.Buffers.Binary;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>
/// Finds the series that a sample belongs to by the very bytes that name it in the message, so that labels are read once for each series and
/// not for each sample.
/// </summary>
/// <typeparam name="T">What a series leads to.</typeparam>
/// <param name="resolve">Asked once for each series; again when <paramref name="isGone"/>.</param>
/// <param name="isGone">True when what a series led to is there no more.</param>
/// <param name="most">Most series kept, and <paramref name="mostBytes"/> of their names, which only labels that never repeat can reach. Beyond these the table starts anew: nothing
/// but time is lost.</param>
/// <param name="cleared">Told when it starts anew: every series will be asked for again.</param>
internal sealed class SeriesTable<T>(Func<SeriesIdentity?, T> resolve, Func<T, bool> isGone, int most = 2_000_000, long mostBytes = 512 << 20, Action? cleared = null)
{
    private long _bytes;

    private readonly Dictionary<byte[], T> _known = new(ByteComparer.Instance);
    private Dictionary<byte[], T>.AlternateLookup<ReadOnlySpan<byte>>? _lookup;

    public int Count => _known.Count;

    public T Find(ISampleFormat format, ReadOnlySpan<byte> identity)
    {
        var lookup = _lookup ??= _known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(identity, out var found) && !isGone(found)) return found;
        if (_known.Count >= most || _bytes + identity.Length > mostBytes) Clear();
        found = resolve(format.ReadIdentity(identity));
        var before = _known.Count;
        lookup[identity] = found;
        if (_known.Count > before) _bytes += identity.Length;
        return found;
    }

    public void Clear()
    {
        _known.Clear();
        _bytes = 0;
        cleared?.Invoke();
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        /// <summary>Multiply and fold over words of 8 bytes, with odd constants (the golden ratio's and another): labels differ in few bytes.</summary>
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            const ulong golden = 0x9e3779b97f4a7c15, odd = 0xd6e8feb86659fd93;
            var hash = (ulong)alternate.Length * golden;
            while (alternate.Length >= sizeof(ulong))
            {
                var high = Math.BigMul(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(alternate), odd, out var low);
                hash = high ^ low ^ golden;
                alternate = alternate[sizeof(ulong)..];
            }
            ulong rest = 0;
            foreach (var b in alternate) rest = rest << 8 | b;
            var top = Math.BigMul(hash ^ rest, odd, out var bottom);
            return (int)((top ^ bottom) >> 16);
        }
    }
}
