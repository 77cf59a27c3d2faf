using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Load;

/// <summary>
/// Messages of a fleet, made once and changed in place for every sending: the generator should cost little beside what it measures.
/// </summary>
internal sealed class Feed
{
    private const string ZeroTime = "2026-01-01T00:00:00.000Z", ZeroValue = "1000000.000", ZeroUnix = "1000000000000";

    private readonly LoadFleet _fleet;
    private readonly bool _isBinary;
    private readonly Message[][] _messages;
    private readonly byte[] _time = new byte[ZeroTime.Length];
    private ulong _random = 88172645463325252;

    /// <param name="format"><c>prometheus-json</c>: one sample a message; <c>telegraf-json</c>, <c>servimon</c>: all metrics of an asset.</param>
    public Feed(LoadFleet fleet, string format)
    {
        _fleet = fleet;
        _isBinary = format == "servimon";
        Format = format;
        _messages = [.. Enumerable.Range(0, fleet.AssetCount).Select(a => format switch
        {
            "prometheus-json" => Enumerable.Range(0, fleet.MetricCount).Select(m => OneSample(a, m)).ToArray(),
            "telegraf-json" => [AllFields(a)],
            "servimon" => [Batch(a)],
            _ => throw new ArgumentException($"there is no feed '{format}'", nameof(format)),
        })];
        MessagesOfAsset = _messages[0].Length;
        AssetBytes = _messages[0].Sum(m => m.Bytes.Length + 12L);
    }

    public string Format { get; }

    public int MessagesOfAsset { get; }

    /// <summary>Bytes of one asset's messages as the broker keeps them, roughly.</summary>
    public long AssetBytes { get; }

    /// <summary>Sends one sample of every metric of an asset.</summary>
    /// <param name="send">Told the asset and each message, whose bytes are good until the next.</param>
    /// <param name="time">UTC, to the millisecond.</param>
    /// <param name="round">Grows: counters with it.</param>
    public void Send(Action<int, byte[]> send, int asset, DateTimeOffset time, long round)
    {
        var unix = time.ToUnixTimeMilliseconds();
        if (Format == "prometheus-json") time.UtcDateTime.TryFormat(_time, out _, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        foreach (var message in _messages[asset])
        {
            if (_isBinary) BinaryPrimitives.WriteInt64LittleEndian(message.Bytes.AsSpan(message.TimeAt), unix * 1_000_000);
            else if (Format == "prometheus-json") _time.CopyTo(message.Bytes.AsSpan(message.TimeAt));
            else WriteDigits(message.Bytes.AsSpan(message.TimeAt, ZeroUnix.Length), unix);
            for (var i = 0; i < message.Values.Length; i++)
            {
                var (metric, at) = message.Values[i];
                var thousandths = LoadFleet.Floor * 1000 + (LoadFleet.IsCounter(metric) ? round * 500_000 % 8_000_000_000 : 0) + Noise();
                if (_isBinary) BinaryPrimitives.WriteDoubleLittleEndian(message.Bytes.AsSpan(at), thousandths / 1000.0);
                else WriteValue(message.Bytes.AsSpan(at, ZeroValue.Length), thousandths);
            }
            send(asset, message.Bytes);
        }
    }

    private Message OneSample(int asset, int metric)
    {
        var name = LoadFleet.MetricOf(metric);
        var text = $$"""{"timestamp":"{{ZeroTime}}","value":"{{ZeroValue}}","name":"{{name}}","labels":{"__name__":"{{name}}","instance":"{{LoadFleet.AssetOf(asset)}}","job":"node"} }""";
        var bytes = Encoding.UTF8.GetBytes(text);
        return new Message(bytes, text.IndexOf(ZeroTime, StringComparison.Ordinal), [(metric, text.IndexOf(ZeroValue, StringComparison.Ordinal))]);
    }

    private Message AllFields(int asset)
    {
        var fields = string.Join(',', Enumerable.Range(0, _fleet.MetricCount).Select(m => $"\"{LoadFleet.MetricOf(m)["load_".Length..]}\":{ZeroValue}"));
        var text = $$"""{"fields":{{{fields}}},"name":"load","tags":{"instance":"{{LoadFleet.AssetOf(asset)}}","job":"node"},"timestamp":{{ZeroUnix}}}""";
        var places = new List<(int, int)>();
        for (int m = 0, at = -1; m < _fleet.MetricCount; m++) places.Add((m, at = text.IndexOf(ZeroValue, at + 1, StringComparison.Ordinal)));
        return new Message(Encoding.UTF8.GetBytes(text), text.LastIndexOf(ZeroUnix, StringComparison.Ordinal), [.. places]);
    }

    private Message Batch(int asset)
    {
        var batch = new SampleBatch { Profile = LoadFleet.ProfileName, Asset = LoadFleet.AssetOf(asset), BaseTimeUnixNanos = long.MaxValue };
        for (var m = 0; m < _fleet.MetricCount; m++)
        {
            batch.Metrics.Add(LoadFleet.MetricOf(m));
            batch.TimeOffsetNanos.Add(0);
            batch.MetricIndex.Add((uint)m);
            batch.Value.Add(1);
        }
        var bytes = batch.ToByteArray();
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(time, long.MaxValue);
        // The values are the last field, packed.
        var first = bytes.Length - sizeof(double) * _fleet.MetricCount;
        return new Message(bytes, bytes.AsSpan().IndexOf(time), [.. Enumerable.Range(0, _fleet.MetricCount).Select(m => (m, first + m * sizeof(double)))]);
    }

    /// <summary>0 to 8,999,999 (thousandths): xorshift (Marsaglia 2003), seeded as there.</summary>
    private long Noise()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return (long)(_random % 9_000_000);
    }

    private static void WriteValue(Span<byte> target, long thousandths)
    {
        WriteDigits(target[^3..], thousandths % 1000);
        WriteDigits(target[..^4], thousandths / 1000);
    }

    private static void WriteDigits(Span<byte> target, long number)
    {
        for (var i = target.Length - 1; i >= 0; i--, number /= 10) target[i] = (byte)('0' + number % 10);
    }

    private sealed record Message(byte[] Bytes, int TimeAt, (int Metric, int At)[] Values);
}
