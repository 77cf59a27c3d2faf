using Cassandra;
using ServiMon.Predict.Storage.Cassandra.Connection;
using ServiMon.Predict.Storage.Cassandra.History;
using ServiMon.Predict.Storage.Cassandra.Log;
using ServiMon.Predict.Storage.Cassandra.Registry;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>
/// All stores in one keyspace. Any number of processes may have it open. What differs from the embedded store, and the tables:
/// docs/formats/cassandra-store.md.
/// </summary>
public sealed class CassandraStore : IStore
{
    private readonly Cluster _cluster;
    private readonly DriverMeters _meters;

    private CassandraStore(Cluster cluster, DriverMeters meters, CqlSession session, TimeProvider time)
    {
        _cluster = cluster;
        _meters = meters;
        Place = session.Options.Place;
        History = new CassandraHistory(session, new StrictReading(time, meters.Rereads));
        Incidents = new CassandraIncidents(session);
        Models = new CassandraModels(session, time);
        Log = new CassandraLog(session, time);
    }

    public string Place { get; }

    public IHistoryStore History { get; }

    public IIncidentStore Incidents { get; }

    public IModelRegistry Models { get; }

    public ILogStore Log { get; }

    /// <summary>Connects; makes the keyspace, or brings an older one to the present version, unless the options forbid it.</summary>
    /// <exception cref="InputException">When the options do not fit the keyspace or the servers refuse the user.</exception>
    /// <exception cref="StoreException">When no server answers.</exception>
    public static async Task<CassandraStore> OpenAsync(CassandraOptions options, TimeProvider? time = null, CancellationToken ct = default)
    {
        time ??= TimeProvider.System;
        var meters = new DriverMeters();
        Cluster? cluster = null;
        try
        {
            (cluster, var session) = await ClusterConnection.OpenAsync(options, meters, TimeProvider.System, ct).ConfigureAwait(false);
            await SchemaMigrations.ApplyAsync(session, options, ct).ConfigureAwait(false);
            return new CassandraStore(cluster, meters, new CqlSession(session, options), time);
        }
        catch
        {
            cluster?.Dispose();
            meters.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _cluster.Dispose();
        _meters.Dispose();
    }
}
