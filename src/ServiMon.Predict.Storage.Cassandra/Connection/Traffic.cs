using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>What a statement is for: decides its consistency and whether a slow server is doubled by another.</summary>
internal enum Traffic { HistoryRead, HistoryWrite, Log, State, Incidents, Registry }

/// <summary>The driver's execution profiles, one for each kind of traffic.</summary>
internal static class TrafficProfiles
{
    public static string Of(Traffic traffic) => traffic.ToString();

    public static void Define(IExecutionProfileOptions profiles, CassandraOptions options)
    {
        foreach (var traffic in Enum.GetValues<Traffic>())
            profiles.WithProfile(Of(traffic), profile =>
            {
                profile.WithConsistencyLevel(Level(traffic, options.Consistency)).WithSerialConsistencyLevel(options.Consistency.Serial)
                    .WithReadTimeoutMillis((int)options.RequestTimeout.TotalMilliseconds).WithRetryPolicy(new NextHostRetry());
                // Doubling writes would double the load just when servers are slow.
                profile.WithSpeculativeExecutionPolicy(traffic == Traffic.HistoryWrite || options.SpeculateAfter == TimeSpan.Zero
                    ? NoSpeculativeExecutionPolicy.Instance
                    : new ConstantSpeculativeExecutionPolicy((long)options.SpeculateAfter.TotalMilliseconds, maxSpeculativeExecutions: 1));
            });
    }

    private static ConsistencyLevel Level(Traffic traffic, ConsistencyOptions levels) => traffic switch
    {
        Traffic.HistoryRead => levels.HistoryRead,
        Traffic.HistoryWrite => levels.HistoryWrite,
        Traffic.Log => levels.Log,
        Traffic.State => levels.State,
        Traffic.Incidents => levels.Incidents,
        _ => levels.Registry,
    };
}
