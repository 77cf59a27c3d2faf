using System.Text.Json;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// Telegraf's JSON: <c>{"fields":{"usage_idle":99.1},"name":"cpu","tags":{"host":"a"},"timestamp":1458229140}</c>, or several under
/// <c>metrics</c>. Each field is a series: metric <c>name_field</c> (the name alone for the field <c>value</c>). Texts are no samples;
/// booleans are 1 and 0.
/// </summary>
/// <param name="unit">What the timestamp counts: Telegraf's <c>json_timestamp_units</c>, seconds by default.</param>
public sealed class TelegrafJson(TimeUnit unit = TimeUnit.Seconds) : ISampleFormat
{
    public string Name => "telegraf-json";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return MessageFault.Syntax;
            var fault = ReadObject(message, ref reader, target, isTop: true);
            if (fault != MessageFault.None) return fault;
            return reader.Read() ? MessageFault.Syntax : target.Count == 0 ? MessageFault.Empty : MessageFault.None;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return MessageFault.Syntax;
        }
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity)
    {
        if (!ParsedSamples.TrySplit(identity, out var tags, out var quotedName, out var quotedField)) return null;
        if (JsonLabels.Read(tags) is not { } labels || JsonLabels.Text(quotedName) is not { } name || JsonLabels.Text(quotedField) is not { } field)
            return null;
        return new SeriesIdentity(FieldName.Join(name, field), labels);
    }

    /// <summary>Reads one metric, or the list of them, from its opening brace to its closing one.</summary>
    private MessageFault ReadObject(ReadOnlySpan<byte> message, ref Utf8JsonReader reader, ParsedSamples target, bool isTop)
    {
        ReadOnlySpan<byte> fields = default, tags = default, name = default;
        long ticks = 0;
        bool hasTime = false, isList = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (isTop && reader.ValueTextEquals("metrics"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartArray) return MessageFault.Syntax;
                isList = true;
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    if (ReadObject(message, ref reader, target, isTop: false) is not MessageFault.None and var fault) return fault;
                if (reader.TokenType != JsonTokenType.EndArray) return MessageFault.Syntax;
            }
            else if (reader.ValueTextEquals("fields"u8))
            {
                if (!TryTakeObject(message, ref reader, out fields)) return MessageFault.Syntax;
            }
            else if (reader.ValueTextEquals("tags"u8))
            {
                if (!TryTakeObject(message, ref reader, out tags)) return MessageFault.Syntax;
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.String) return MessageFault.Syntax;
                name = message[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var time) || !UnixTime.TryTicks(time, unit, out ticks))
                    return MessageFault.BadTime;
                hasTime = true;
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (reader.TokenType != JsonTokenType.EndObject) return MessageFault.Syntax;
        if (isList) return MessageFault.None;
        if (fields.IsEmpty || name.IsEmpty || !hasTime) return MessageFault.MissingPart;
        return ReadFields(fields, tags, name, ticks, target);
    }

    private static MessageFault ReadFields(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> tags, ReadOnlySpan<byte> name, long ticks, ParsedSamples target)
    {
        var reader = new Utf8JsonReader(fields);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // In quotes, as it stands in the message.
            var field = fields.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
            reader.Read();
            double value;
            switch (reader.TokenType)
            {
                case JsonTokenType.Number:
                    if (!reader.TryGetDouble(out value)) return MessageFault.BadValue;
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    value = reader.TokenType == JsonTokenType.True ? 1 : 0;
                    break;
                case JsonTokenType.String or JsonTokenType.Null:
                    continue;
                default:
                    return MessageFault.BadValue;
            }
            if (target.Add(tags, name, field, ticks, value) is not MessageFault.None and var fault) return fault;
        }
        return MessageFault.None;
    }

    private static bool TryTakeObject(ReadOnlySpan<byte> message, scoped ref Utf8JsonReader reader, out ReadOnlySpan<byte> json)
    {
        json = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        json = message[start..(int)reader.BytesConsumed];
        return true;
    }
}

/// <summary>One metric name from a measurement and its field, as Telegraf's Prometheus output does it.</summary>
internal static class FieldName
{
    public static string Join(string measurement, string field) => field == "value" ? measurement : $"{measurement}_{field}";
}
