using System.Net;
using System.Net.Sockets;
using Cassandra;
using Cassandra.Metrics;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>The connection to a cluster as the options want it; the driver reconnects by itself once it stands.</summary>
internal static class ClusterConnection
{
    private static readonly TimeSpan PauseBetweenAttempts = TimeSpan.FromSeconds(1);

    /// <summary>Connects; servers that are not there yet are tried again until the options' wait is over.</summary>
    /// <exception cref="InputException">When the servers refuse the user, or a server's name is unknown.</exception>
    /// <exception cref="StoreException">When no server answers.</exception>
    public static async Task<(Cluster Cluster, ISession Session)> OpenAsync(CassandraOptions options, DriverMeters meters, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var cluster = Build(options, meters);
            try
            {
                return (cluster, await cluster.ConnectAsync().WaitAsync(ct).ConfigureAwait(false));
            }
            catch (Exception e) when (e is DriverException or SocketException)
            {
                cluster.Dispose();
                var told = CqlFailure.Translate(options.Place, e);
                if (told is not StoreException || time.GetElapsedTime(start) >= options.ConnectWait) throw told;
            }
            catch
            {
                cluster.Dispose();
                throw;
            }
            await Task.Delay(PauseBetweenAttempts, time, ct).ConfigureAwait(false);
        }
    }

    private static Cluster Build(CassandraOptions options, DriverMeters meters)
    {
        var names = new Dictionary<IPAddress, string>();
        var builder = Cluster.Builder()
            .AddContactPoints(options.ContactPoints.SelectMany(server => Resolve(server, names)))
            .WithLoadBalancingPolicy(new TokenAwarePolicy(options.LocalDatacenter is { } dc ? new DCAwareRoundRobinPolicy(dc) : new DCAwareRoundRobinPolicy()))
            .WithReconnectionPolicy(new ExponentialReconnectionPolicy(1000, (long)options.ReconnectPause.TotalMilliseconds))
            .WithRetryPolicy(new NextHostRetry())
            .WithTimestampGenerator(new ServerTimestamps())
            .WithQueryOptions(new QueryOptions().SetDefaultIdempotence(true).SetPageSize(options.PageRows)
                .SetConsistencyLevel(options.Consistency.Registry).SetSerialConsistencyLevel(options.Consistency.Serial))
            .WithSocketOptions(new SocketOptions().SetConnectTimeoutMillis((int)options.RequestTimeout.TotalMilliseconds).SetReadTimeoutMillis((int)options.RequestTimeout.TotalMilliseconds))
            .WithExecutionProfiles(profiles => TrafficProfiles.Define(profiles, options))
            .WithApplicationName("servimon")
            .WithSessionName("servimon")
            .WithMonitorReporting(false)
            .WithMetrics(meters, new DriverMetricsOptions()
                .SetEnabledNodeMetrics(NodeMetric.DefaultNodeMetrics).SetEnabledSessionMetrics(SessionMetric.DefaultSessionMetrics.Append(SessionMetric.Timers.CqlRequests).Distinct()));
        if (options.User is not null) builder.WithCredentials(options.User, options.Password);
        if (options.Tls is not null) builder.WithSSL(ServerTrust.Make(options.Tls, names));
        return builder.Build();
    }

    private static IPEndPoint[] Resolve(string server, Dictionary<IPAddress, string> names)
    {
        CassandraOptionsReader.TryParse(server, out var host, out var port);
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var address) ? [address] : Dns.GetHostAddresses(host, AddressFamily.InterNetwork);
        }
        catch (SocketException e)
        {
            throw new StoreException(StoreFault.Unavailable, $"cassandra.contact_points: the name '{host}' leads to no address: {e.Message}", e);
        }
        foreach (var found in addresses) names.TryAdd(found, host);
        return [.. addresses.Select(found => new IPEndPoint(found, port))];
    }
}
