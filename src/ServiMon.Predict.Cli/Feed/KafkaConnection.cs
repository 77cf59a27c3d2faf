using Confluent.Kafka;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>Connects to brokers to produce.</summary>
internal static class KafkaConnection
{
    /// <param name="settings">Further settings of librdkafka, such as <c>security.protocol</c>.</param>
    /// <param name="note">Told once when no broker answers; librdkafka keeps trying.</param>
    public static IProducer<byte[]?, byte[]> Open(string servers, IReadOnlyDictionary<string, string> settings, Action<string> note)
    {
        var said = 0;
        return new ProducerBuilder<byte[]?, byte[]>(new Dictionary<string, string>(settings) { ["bootstrap.servers"] = servers, ["linger.ms"] = "20", ["enable.idempotence"] = "true" })
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) =>
            {
                if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport or ErrorCode.Local_Resolve && Interlocked.Exchange(ref said, 1) == 0)
                    note($"no broker answers at {servers} ({error.Reason}); trying on");
            })
            .Build();
    }
}
