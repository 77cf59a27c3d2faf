using Confluent.Kafka;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>librdkafka's own mock of a Kafka cluster in this process: one broker on loopback, for as long as this object lives.</summary>
internal sealed class MockBroker : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public MockBroker()
    {
        Producer = new ProducerBuilder<byte[]?, byte[]>(new Dictionary<string, string>
        {
            ["test.mock.num.brokers"] = "1", ["bootstrap.servers"] = "mock", ["linger.ms"] = "2",
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(Producer.Handle).Build();
        var broker = admin.GetMetadata(Patience).Brokers[0];
        Servers = $"{broker.Host}:{broker.Port}";
    }

    public IProducer<byte[]?, byte[]> Producer { get; }

    /// <summary>Its address, <c>host:port</c>.</summary>
    public string Servers { get; }

    /// <summary>Makes a topic: who asks for its partitions gets them.</summary>
    public void MakeTopic(string topic)
    {
        using var admin = new DependentAdminClientBuilder(Producer.Handle).Build();
        admin.GetMetadata(topic, Patience);
    }

    public void Dispose() => Producer.Dispose();
}
