using System.Text.Json;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// One sample a message, as prometheus-kafka-adapter writes it:
/// <c>{"timestamp":"1970-01-01T00:00:10Z","value":"+Inf","name":"foo","labels":{"__name__":"foo","job":"a"}}</c>. The value is a text;
/// a stale marker has become a plain NaN.
/// </summary>
public sealed class PrometheusJson : ISampleFormat
{
    /// <summary>Most messages of a scrape have the same time: the last one read is kept.</summary>
    private readonly byte[] _lastTime = new byte[32];
    private int _lastTimeLength;
    private long _lastTicks;

    public string Name => "prometheus-json";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        try
        {
            return Read(message, target);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return MessageFault.Syntax;
        }
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity)
    {
        if (!ParsedSamples.TrySplit(identity, out var labelsJson, out var quotedName, out _)) return null;
        if (JsonLabels.Read(labelsJson) is not { } labels) return null;
        var named = labels.FindLast(l => l.Key == "__name__").Value ?? (quotedName.IsEmpty ? null : JsonLabels.Text(quotedName));
        if (string.IsNullOrEmpty(named)) return null;
        labels.RemoveAll(l => l.Key == "__name__");
        return new SeriesIdentity(named, labels);
    }

    private MessageFault Read(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        var reader = new Utf8JsonReader(message);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return MessageFault.Syntax;
        ReadOnlySpan<byte> labels = default, name = default;
        long ticks = 0;
        double value = 0;
        bool hasTime = false, hasValue = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("timestamp"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String || !TryTime(ref reader, out ticks)) return MessageFault.BadTime;
                hasTime = true;
            }
            else if (reader.ValueTextEquals("value"u8))
            {
                reader.Read();
                if (!TryValue(ref reader, out value)) return MessageFault.BadValue;
                hasValue = true;
            }
            else if (reader.ValueTextEquals("labels"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject) return MessageFault.Syntax;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                labels = message[start..(int)reader.BytesConsumed];
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String) return MessageFault.Syntax;
                name = message[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) return MessageFault.Syntax;
        if (!hasTime || !hasValue || (labels.IsEmpty && name.IsEmpty)) return MessageFault.MissingPart;
        return target.Add(labels, name, default, ticks, value);
    }

    private bool TryTime(ref Utf8JsonReader reader, out long ticks)
    {
        if (_lastTimeLength > 0 && reader.ValueSpan.SequenceEqual(_lastTime.AsSpan(0, _lastTimeLength)))
        {
            ticks = _lastTicks;
            return true;
        }
        var isTime = reader.TryGetDateTimeOffset(out var time);
        ticks = isTime ? time.UtcTicks : 0;
        // A time without Z or offset would be read as local.
        if (!isTime || reader.ValueSpan[^1] != (byte)'Z' && !HasOffset(reader.ValueSpan)) return false;
        if (reader.ValueSpan.Length > _lastTime.Length) return true;
        reader.ValueSpan.CopyTo(_lastTime);
        _lastTimeLength = reader.ValueSpan.Length;
        _lastTicks = ticks;
        return true;
    }

    private static bool HasOffset(ReadOnlySpan<byte> time) => time.Length > 6 && time[^3] == (byte)':' && time[^6] is (byte)'+' or (byte)'-';

    private static bool TryValue(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        if (reader.TokenType == JsonTokenType.Number) return reader.TryGetDouble(out value);
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return false;
        return NumberText.TryParse(reader.ValueSpan, out value);
    }
}
