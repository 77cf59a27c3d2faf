using Confluent.Kafka;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>Brokers that tests produce to and read from; what is in them is this object's alone.</summary>
internal abstract class TestCluster : IDisposable
{
    protected TestCluster(IEnumerable<KeyValuePair<string, string>> settings) =>
        Producer = new ProducerBuilder<byte[]?, byte[]>([.. settings, new("linger.ms", "5")]).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    /// <summary><c>host:port</c>.</summary>
    public abstract string Servers { get; }

    /// <summary>The least time without a heartbeat after which the brokers let a member of a group be taken for dead.</summary>
    public abstract TimeSpan LeastSession { get; }

    protected IProducer<byte[]?, byte[]> Producer { get; }

    /// <summary>What the topic that a test calls so is called here. It has four partitions.</summary>
    public virtual string Topic(string name) => name;

    /// <summary>What the consumer group that a test calls so is called here.</summary>
    public virtual string Group(string name) => name;

    public void Produce(string topic, int partition, byte[] value, byte[]? key = null) =>
        Producer.Produce(new TopicPartition(Topic(topic), new Partition(partition)), new Message<byte[]?, byte[]> { Key = key, Value = value });

    public void Flush() => Assert.Equal(0, Producer.Flush(TimeSpan.FromSeconds(20)));

    /// <summary>Every message of a topic until none came for a second.</summary>
    public List<Message<byte[]?, byte[]>> ReadAll(string topic)
    {
        using var consumer = Consumer(Group("reader"));
        using var admin = new DependentAdminClientBuilder(Producer.Handle).Build();
        var partitions = admin.GetMetadata(Topic(topic), TimeSpan.FromSeconds(10)).Topics[0].Partitions;
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(Topic(topic), p.PartitionId, Offset.Beginning)));
        var messages = new List<Message<byte[]?, byte[]>>();
        while (consumer.Consume(TimeSpan.FromSeconds(messages.Count == 0 ? 5 : 1)) is { } result) messages.Add(result.Message);
        return messages;
    }

    public virtual void Dispose() => Producer.Dispose();

    protected IConsumer<byte[]?, byte[]> Consumer(string group) => new ConsumerBuilder<byte[]?, byte[]>(new Dictionary<string, string>
    {
        ["bootstrap.servers"] = Servers, ["group.id"] = group, ["auto.offset.reset"] = "earliest", ["enable.auto.commit"] = "false",
    }).SetLogHandler((_, _) => { }).Build();
}
