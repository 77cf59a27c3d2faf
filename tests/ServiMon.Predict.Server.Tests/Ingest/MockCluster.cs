using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>librdkafka's own mock of a cluster, in this process: brokers on loopback that live as long as this object.</summary>
internal sealed class MockCluster : IDisposable
{
    private readonly IProducer<byte[]?, byte[]> _producer;

    public MockCluster()
    {
        _producer = new ProducerBuilder<byte[]?, byte[]>(new Dictionary<string, string>
        {
            ["test.mock.num.brokers"] = "1", ["bootstrap.servers"] = "mock", ["linger.ms"] = "5",
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var broker = admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers[0];
        Servers = $"{broker.Host}:{broker.Port}";
    }

    public string Servers { get; }

    public void Produce(string topic, int partition, byte[] value, byte[]? key = null) =>
        _producer.Produce(new TopicPartition(topic, new Partition(partition)), new Message<byte[]?, byte[]> { Key = key, Value = value });

    public void Flush() => _producer.Flush(TimeSpan.FromSeconds(20));

    /// <summary>Every message of a topic until none came for a second.</summary>
    public List<Message<byte[]?, byte[]>> ReadAll(string topic)
    {
        using var consumer = new ConsumerBuilder<byte[]?, byte[]>(new Dictionary<string, string>
        {
            ["bootstrap.servers"] = Servers, ["group.id"] = "reader", ["auto.offset.reset"] = "earliest",
        }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(_producer.Handle).Build();
        var partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions;
        consumer.Assign(partitions.Select(p => new TopicPartitionOffset(topic, p.PartitionId, Offset.Beginning)));
        var messages = new List<Message<byte[]?, byte[]>>();
        while (consumer.Consume(TimeSpan.FromSeconds(messages.Count == 0 ? 5 : 1)) is { } result) messages.Add(result.Message);
        return messages;
    }

    /// <summary>Takes the broker away: it accepts no connection and drops those that there are. And brings it back.</summary>
    public void SetDown(bool isDown)
    {
        // Confluent.Kafka loads one of several builds of the library: the functions that it does not offer are asked of that one.
        using var process = Process.GetCurrentProcess();
        var library = NativeLibrary.Load(process.Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains("librdkafka", StringComparison.Ordinal)).FileName);
        var handle = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(_producer.Handle)!;
        var cluster = Marshal.GetDelegateForFunctionPointer<ClusterOf>(NativeLibrary.GetExport(library, "rd_kafka_handle_mock_cluster"))(handle.DangerousGetHandle());
        var set = Marshal.GetDelegateForFunctionPointer<SetBroker>(NativeLibrary.GetExport(library, isDown ? "rd_kafka_mock_broker_set_down" : "rd_kafka_mock_broker_set_up"));
        Assert.Equal(0, set(cluster, 1));
    }

    public void Dispose() => _producer.Dispose();

    private delegate nint ClusterOf(nint client);

    private delegate int SetBroker(nint cluster, int broker);
}
