using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>librdkafka's own mock of a cluster, in this process: brokers on loopback that live as long as this object.</summary>
internal sealed class MockCluster : TestCluster
{
    private readonly nint _library, _cluster;

    public MockCluster()
        : base(new Dictionary<string, string> { ["test.mock.num.brokers"] = "1", ["bootstrap.servers"] = "mock" })
    {
        using var admin = new DependentAdminClientBuilder(Producer.Handle).Build();
        var broker = admin.GetMetadata(TimeSpan.FromSeconds(10)).Brokers[0];
        Servers = $"{broker.Host}:{broker.Port}";
        // Confluent.Kafka loads one of several builds of the library: the functions that it does not offer are asked of that one.
        using var process = Process.GetCurrentProcess();
        _library = NativeLibrary.Load(process.Modules.Cast<ProcessModule>().First(m => m.ModuleName.Contains("librdkafka", StringComparison.Ordinal)).FileName);
        var handle = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(Producer.Handle)!;
        _cluster = Function<ClusterOf>("rd_kafka_handle_mock_cluster")(handle.DangerousGetHandle());
        // Else every group waits three seconds for further members before its first is given partitions.
        Function<SetGroupDelay>("rd_kafka_mock_group_initial_rebalance_delay_ms")(_cluster, 0);
    }

    public override string Servers { get; }

    public override TimeSpan LeastSession => TimeSpan.FromSeconds(4);

    /// <summary>Takes the broker away: it accepts no connection and drops those that there are. And brings it back.</summary>
    public void SetDown(bool isDown) => Assert.Equal(0, Function<SetBroker>(isDown ? "rd_kafka_mock_broker_set_down" : "rd_kafka_mock_broker_set_up")(_cluster, 1));

    private T Function<T>(string name) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));

    private delegate nint ClusterOf(nint client);

    private delegate int SetBroker(nint cluster, int broker);

    private delegate void SetGroupDelay(nint cluster, int milliseconds);
}
