using Confluent.Kafka;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>Bytes of a key or value as they came, in memory that is used again for the next: nothing is allocated for a message.</summary>
internal sealed class LentBytes : IDeserializer<ReadOnlyMemory<byte>>
{
    private byte[] _bytes = new byte[4096];

    public ReadOnlyMemory<byte> Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
    {
        if (data.Length > _bytes.Length) _bytes = new byte[Math.Max(data.Length, 2 * _bytes.Length)];
        data.CopyTo(_bytes);
        return _bytes.AsMemory(0, data.Length);
    }
}
