using System.Globalization;
using Confluent.Kafka;

namespace ServiMon.Predict.Load;

/// <summary>
/// librdkafka's mock of a cluster, in this process. It keeps the newest 5 MB of each partition only, so a sender must not run further ahead
/// than its reader can bear: several topics of four partitions give more room.
/// </summary>
internal sealed class MockBroker : IDisposable
{
    private const int TopicCount = 4, PartitionsOfTopic = 4;

    /// <summary>Half of what the mock keeps, in bytes with what a record adds.</summary>
    public const long Room = TopicCount * PartitionsOfTopic * 5L * 1024 * 1024 / 2;

    private readonly IProducer<Null, byte[]> _producer;

    public MockBroker()
    {
        _producer = new ProducerBuilder<Null, byte[]>(new Dictionary<string, string>
        {
            ["test.mock.num.brokers"] = "1", ["bootstrap.servers"] = "mock", ["linger.ms"] = "5", ["batch.size"] = "262144",
            ["queue.buffering.max.messages"] = "1000000", ["acks"] = "1",
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var broker = admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers[0];
        Servers = $"{broker.Host}:{broker.Port}";
        // Asking for a topic makes it.
        foreach (var topic in Topics) admin.GetMetadata(topic, TimeSpan.FromSeconds(10));
    }

    public string Servers { get; }

    public static IEnumerable<string> Topics => Enumerable.Range(0, TopicCount).Select(TopicOf);

    /// <summary>Sends a message of an asset; all messages of one asset are in one partition. The bytes may be changed afterwards.</summary>
    public void Send(int asset, byte[] value)
    {
        var slot = asset % (TopicCount * PartitionsOfTopic);
        var place = new TopicPartition(TopicNames[slot / PartitionsOfTopic], new Partition(slot % PartitionsOfTopic));
        while (true)
            try
            {
                _producer.Produce(place, new Message<Null, byte[]> { Value = value });
                return;
            }
            catch (ProduceException<Null, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(20));
            }
    }

    public void Flush() => _producer.Flush(TimeSpan.FromSeconds(30));

    public void Dispose() => _producer.Dispose();

    private static readonly string[] TopicNames = [.. Topics];

    private static string TopicOf(int index) => string.Create(CultureInfo.InvariantCulture, $"load-{index}");
}
