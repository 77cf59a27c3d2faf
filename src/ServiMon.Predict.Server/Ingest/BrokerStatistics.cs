using System.Text;
using System.Text.Json;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>
/// What librdkafka's statistics say of the brokers. Its errors tell that the last broker went, but nothing tells on a topic without
/// messages that one came back.
/// </summary>
internal static class BrokerStatistics
{
    /// <summary>True when a connection to some broker is up, false when none is; null when the text says nothing of brokers.</summary>
    /// <param name="json">As librdkafka's STATISTICS.md describes it: <c>{"brokers":{"host:port/1":{"state":"UP",…},…},…}</c>.</param>
    public static bool? IsAnyUp(string json)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isBrokers = reader.ValueTextEquals("brokers"u8);
                reader.Read();
                if (isBrokers) return reader.TokenType == JsonTokenType.StartObject ? IsAnyUp(ref reader) : null;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Cut off, or no JSON: nothing is known.
        }
        return null;
    }

    private static bool IsAnyUp(ref Utf8JsonReader reader)
    {
        var inBroker = reader.CurrentDepth + 2;
        while (reader.Read() && reader.CurrentDepth >= inBroker - 1)
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == inBroker && reader.ValueTextEquals("state"u8))
            {
                reader.Read();
                if (reader.ValueTextEquals("UP"u8)) return true;
            }
        return false;
    }
}
