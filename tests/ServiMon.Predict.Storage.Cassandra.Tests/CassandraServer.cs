using Cassandra;
using DotNet.Testcontainers.Builders;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>
/// The server that the tests run against: <c>SERVIMON_CASSANDRA=host:port</c>, else a container where Docker runs. Each store gets a keyspace
/// of its own, which is dropped at its end.
/// </summary>
internal static class CassandraServer
{
    private const string Image = "cassandra:4.1.7";

    private static readonly Lazy<string?> Found = new(() => Environment.GetEnvironmentVariable("SERVIMON_CASSANDRA") is { Length: > 0 } address ? address : StartContainer());

    private static int _count;

    /// <summary>Null when there is none.</summary>
    public static string? Address => Found.Value;

    public static void SkipWithout() =>
        Assert.SkipWhen(Address is null, "no Cassandra: set SERVIMON_CASSANDRA=host:port to one that may be written to, or run Docker");

    /// <summary>One for all tests of the run; it is removed when the process ends.</summary>
    private static string? StartContainer()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is null && !File.Exists("/var/run/docker.sock")) return null;
        var container = new ContainerBuilder(Image).WithPortBinding(ProtocolOptions.DefaultPort, assignRandomHostPort: true)
            .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Startup complete")).Build();
        container.StartAsync().GetAwaiter().GetResult();
        return FormattableString.Invariant($"{container.Hostname}:{container.GetMappedPublicPort(ProtocolOptions.DefaultPort)}");
    }

    public static CassandraOptions Options() => new()
    {
        ContactPoints = [Address!],
        Keyspace = FormattableString.Invariant($"servimon_test_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}"),
        ReplicationFactor = 1,
        ConnectWait = TimeSpan.Zero,
    };
}

/// <summary>An empty store in a keyspace of its own, on a clock that stands still.</summary>
internal sealed class OpenStore : IDisposable
{
    private readonly CassandraOptions _options;

    public OpenStore(Func<CassandraOptions, CassandraOptions>? change = null)
    {
        CassandraServer.SkipWithout();
        _options = change is null ? CassandraServer.Options() : change(CassandraServer.Options());
        Store = CassandraStore.OpenAsync(_options, Clock).GetAwaiter().GetResult();
    }

    public SetClock Clock { get; } = new();

    public CassandraStore Store { get; }

    public CassandraOptions Options => _options;

    /// <summary>Runs a statement beside the store.</summary>
    public List<Row> Cql(string cql, params object[] values)
    {
        CassandraOptionsReader.TryParse(CassandraServer.Address!, out var host, out var port);
        using var cluster = Cluster.Builder().AddContactPoint(host).WithPort(port).WithMonitorReporting(false).Build();
        using var session = cluster.Connect();
        session.ChangeKeyspace(_options.Keyspace);
        return [.. session.Execute(new SimpleStatement(cql, values))];
    }

    public void Dispose()
    {
        Store.Dispose();
        Cql($"DROP KEYSPACE {_options.Keyspace}");
    }
}

internal sealed class SetClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
