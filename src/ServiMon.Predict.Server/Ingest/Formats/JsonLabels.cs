using System.Text.Json;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>Reads a JSON object of texts: the labels or tags of a series.</summary>
internal static class JsonLabels
{
    /// <summary>Null when it is none. Numbers and booleans count as their text.</summary>
    public static List<KeyValuePair<string, string>>? Read(ReadOnlySpan<byte> json)
    {
        var labels = new List<KeyValuePair<string, string>>();
        if (json.IsEmpty) return labels;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var value = reader.TokenType switch
                {
                    JsonTokenType.String => reader.GetString(),
                    JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
                    JsonTokenType.True => "true",
                    JsonTokenType.False => "false",
                    _ => null,
                };
                if (value is null) return null;
                labels.Add(new(name, value));
            }
            return labels;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text that a JSON string in quotes stands for; null when it is none.</summary>
    public static string? Text(ReadOnlySpan<byte> quoted)
    {
        try
        {
            var reader = new Utf8JsonReader(quoted);
            return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
