using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ServiMon.Predict.Cli.Terminal;

/// <summary>Values as JSON: names in snake_case, numbers that are not finite as null.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumbers(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions Spaced = new(Compact) { WriteIndented = true };

    /// <summary>Several lines, for files and single results.</summary>
    public static string Indented<T>(T value) => JsonSerializer.Serialize(value, Spaced);

    /// <summary>One line, for streams of objects.</summary>
    public static string OneLine<T>(T value) => JsonSerializer.Serialize(value, Compact);

    private sealed class FiniteNumbers : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
