using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>
/// A real Apache Kafka: <c>SERVIMON_KAFKA=host:port</c>, else a container where Docker runs. Topics and groups have names of their own, and are
/// removed at the end. Test classes are in one collection of its name: some restart the broker, which the others would feel.
/// </summary>
internal sealed class RealCluster : TestCluster
{
    private const string Image = "apache/kafka:4.1.2";

    private static readonly Lazy<(string? Address, IContainer? Container, string WhyNot)> Found = new(() =>
        Environment.GetEnvironmentVariable("SERVIMON_KAFKA") is { Length: > 0 } address ? (address, null, "") : StartContainer());

    private static int _count;

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"servimon-test-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-");
    private readonly HashSet<string> _topics = [], _groups = [];
    private readonly IAdminClient _admin;

    public RealCluster()
        : base(new Dictionary<string, string> { ["bootstrap.servers"] = Address ?? "" }) => _admin = new DependentAdminClientBuilder(Producer.Handle).Build();

    /// <summary>Null when there is none.</summary>
    public static string? Address => Found.Value.Address;

    /// <summary>True when the broker can be restarted: it is the container, or <c>SERVIMON_KAFKA_RESTART</c> is a command that does it.</summary>
    public static bool CanRestart => Found.Value.Container is not null || RestartCommand.Length > 0;

    public override string Servers => Address!;

    public override TimeSpan LeastSession => TimeSpan.FromSeconds(6);

    private static string RestartCommand => Environment.GetEnvironmentVariable("SERVIMON_KAFKA_RESTART") ?? "";

    public static void SkipWithout() =>
        Assert.SkipWhen(Address is null, $"no Apache Kafka: set SERVIMON_KAFKA=host:port to one whose topics may be made and deleted, or run Docker{Found.Value.WhyNot}");

    /// <summary>What <see cref="Topic"/> will call it, which it is not made by.</summary>
    public string NameOf(string topic) => _prefix + topic;

    public override string Topic(string name)
    {
        if (name.StartsWith(_prefix, StringComparison.Ordinal)) return name;
        lock (_topics)
            if (_topics.Add(_prefix + name))
                _admin.CreateTopicsAsync([new TopicSpecification { Name = _prefix + name, NumPartitions = 4, ReplicationFactor = 1 }]).GetAwaiter().GetResult();
        return _prefix + name;
    }

    public override string Group(string name)
    {
        lock (_groups) _groups.Add(_prefix + name);
        return _prefix + name;
    }

    /// <summary>Removes a partition's messages before an offset, as retention does.</summary>
    public Task RemoveBeforeAsync(string topic, int partition, long first) => _admin.DeleteRecordsAsync([new TopicPartitionOffset(Topic(topic), partition, first)]);

    /// <summary>Deletes a topic and makes it anew, with nothing in it.</summary>
    public async Task MakeAnewAsync(string topic)
    {
        await _admin.DeleteTopicsAsync([Topic(topic)]);
        lock (_topics) _topics.Remove(Topic(topic));
        // It is gone some time after the brokers have said that they will delete it.
        for (var tries = 0; ; tries++)
            try
            {
                Topic(topic);
                return;
            }
            catch (CreateTopicsException) when (tries < 100)
            {
                lock (_topics) _topics.Remove(_prefix + topic);
                await Task.Delay(100);
            }
    }

    /// <summary>Forgets how far a group has read, as brokers do some days after its last member left.</summary>
    public Task ForgetAsync(string group) => _admin.DeleteGroupsAsync([Group(group)]);

    /// <summary>Says that a group without members has read a partition up to here.</summary>
    public void Commit(string group, string topic, int partition, long next)
    {
        using var consumer = Consumer(Group(group));
        consumer.Commit([new TopicPartitionOffset(Topic(topic), partition, next)]);
    }

    /// <summary>Stops the broker and starts it again, with what it had.</summary>
    public static async Task RestartAsync()
    {
        if (Found.Value.Container is { } container)
        {
            await container.StopAsync();
            await container.StartAsync();
            return;
        }
        using var command = Process.Start("sh", ["-c", RestartCommand]);
        await command.WaitForExitAsync();
        Assert.Equal(0, command.ExitCode);
    }

    public override void Dispose()
    {
        try
        {
            if (_topics.Count > 0) _admin.DeleteTopicsAsync(_topics).Wait();
            if (_groups.Count > 0) _admin.DeleteGroupsAsync([.. _groups]).Wait();
        }
        catch (AggregateException e) when (e.InnerException is KafkaException)
        {
            // Groups that were never joined are not there.
        }
        _admin.Dispose();
        base.Dispose();
    }

    /// <summary>One for all tests of the run; it is removed when the process ends. It tells clients the port that they see it at.</summary>
    private static (string?, IContainer?, string) StartContainer()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is null && !File.Exists("/var/run/docker.sock")) return (null, null, "");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var container = new ContainerBuilder(Image).WithPortBinding(port, port)
            .WithEnvironment(new Dictionary<string, string>
            {
                ["KAFKA_NODE_ID"] = "1",
                ["KAFKA_PROCESS_ROLES"] = "broker,controller",
                ["KAFKA_LISTENERS"] = FormattableString.Invariant($"PLAINTEXT://:{port},CONTROLLER://:9093"),
                ["KAFKA_ADVERTISED_LISTENERS"] = FormattableString.Invariant($"PLAINTEXT://127.0.0.1:{port}"),
                ["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                ["KAFKA_CONTROLLER_LISTENER_NAMES"] = "CONTROLLER",
                ["KAFKA_CONTROLLER_QUORUM_VOTERS"] = "1@localhost:9093",
                ["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] = "1",
                ["KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR"] = "1",
                ["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] = "1",
                ["KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS"] = "0",
            })
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Kafka Server started")).Build();
        try
        {
            container.StartAsync().GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            // No registry, or no engine behind the socket: a reason to skip, not to fail.
            return (null, null, $" with access to {Image} ({e.Message})");
        }
        return (FormattableString.Invariant($"127.0.0.1:{port}"), container, "");
    }
}
