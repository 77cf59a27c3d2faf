using System.Collections.Immutable;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>How connections are encrypted. Files are PEM.</summary>
/// <param name="AuthorityFile">Certificates of the authorities that are trusted; null for those of the machine.</param>
/// <param name="CertificateFile">Our own certificate for servers that ask for one; null for none. Comes with <paramref name="KeyFile"/>.</param>
/// <param name="KeyFile">The key of our own certificate.</param>
/// <param name="ChecksName">Whether the server's certificate must be for the name or address that was asked for.</param>
public sealed record TlsOptions(string? AuthorityFile, string? CertificateFile, string? KeyFile, bool ChecksName);

/// <summary>How many replicas have to answer, for each kind of table.</summary>
public sealed record ConsistencyOptions
{
    /// <summary>Default LOCAL_QUORUM: what was acknowledged survives the loss of a replica.</summary>
    public ConsistencyLevel HistoryWrite { get; init; } = ConsistencyLevel.LocalQuorum;

    /// <summary>Default LOCAL_ONE: training reads much, and a row that one replica lacks for a moment is a gap like others.</summary>
    public ConsistencyLevel HistoryRead { get; init; } = ConsistencyLevel.LocalOne;

    /// <summary>Predictions, outcomes and audit. Default LOCAL_QUORUM.</summary>
    public ConsistencyLevel Log { get; init; } = ConsistencyLevel.LocalQuorum;

    /// <summary>Saved state and offsets. Default LOCAL_QUORUM.</summary>
    public ConsistencyLevel State { get; init; } = ConsistencyLevel.LocalQuorum;

    /// <summary>Incidents and maintenance. Default LOCAL_QUORUM.</summary>
    public ConsistencyLevel Incidents { get; init; } = ConsistencyLevel.LocalQuorum;

    /// <summary>Models, champions, leases, names of assets and metrics, extents. Default LOCAL_QUORUM.</summary>
    public ConsistencyLevel Registry { get; init; } = ConsistencyLevel.LocalQuorum;

    /// <summary>What light-weight transactions agree in. Default LOCAL_SERIAL; SERIAL when several data centers promote models.</summary>
    public ConsistencyLevel Serial { get; init; } = ConsistencyLevel.LocalSerial;
}

/// <summary>Where Cassandra is and how it is used. Read by <see cref="CassandraOptionsReader"/>; keys in docs/formats/cassandra-store.md.</summary>
public sealed record CassandraOptions
{
    /// <summary>Servers to begin with, <c>host</c> or <c>host:port</c> (9042 unless given). At least one.</summary>
    public required ImmutableArray<string> ContactPoints { get; init; }

    /// <summary>The data center whose servers are used; null (the default) for that of the first contact point.</summary>
    public string? LocalDatacenter { get; init; }

    /// <summary>Default <c>servimon</c>; 1 to 48 letters, digits and underscores, a letter first.</summary>
    public string Keyspace { get; init; } = "servimon";

    /// <summary>Copies of every row in the local data center, when the keyspace is made. Default 3, range 1 to 16.</summary>
    public int ReplicationFactor { get; init; } = 3;

    /// <summary>Whether the keyspace and its tables are made and brought up to date. Default true; without, they must be there.</summary>
    public bool MakesSchema { get; init; } = true;

    /// <summary>Null (the default) for servers that ask for none.</summary>
    public string? User { get; init; }

    /// <summary>Comes from a file or the environment.</summary>
    public string? Password { get; init; }

    /// <summary>Null (the default) for connections without encryption.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>How long history is kept. Default 400 d, range 1 d to 3,650 d.</summary>
    public TimeSpan KeepHistory { get; init; } = TimeSpan.FromDays(400);

    /// <summary>How long predictions and outcomes are kept. Default 400 d, range 1 d to 3,650 d.</summary>
    public TimeSpan KeepLog { get; init; } = TimeSpan.FromDays(400);

    /// <summary>The time that one partition of history covers; fixed once the keyspace is made. Default 1 d, range 10 min to 30 d.</summary>
    public TimeSpan HistoryBucket { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The time that one partition of the log covers; fixed once the keyspace is made. Default 1 d, range 10 min to 30 d.</summary>
    public TimeSpan LogBucket { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Partitions that the assets of a profile are spread over in the log; fixed once the keyspace is made. Default 8, range 1 to 256.</summary>
    public int LogShards { get; init; } = 8;

    /// <summary>Rows that are fetched at a time. Default 2000, range 10 to 20,000.</summary>
    public int PageRows { get; init; } = 2000;

    /// <summary>Partitions whose first page is asked for ahead of the reader: memory is bounded by this many pages. Default 8, range 1 to 64.</summary>
    public int ReadsAhead { get; init; } = 8;

    /// <summary>Requests of one call under way at once. Default 32, range 1 to 1024.</summary>
    public int RequestsAtOnce { get; init; } = 32;

    /// <summary>Rows of one partition written as one mutation, whole or not at all. Default 100, range 1 to 5000.</summary>
    public int BatchRows { get; init; } = 100;

    /// <summary>How long the first connection is tried for. Default 30 s, range 0 to 1 h.</summary>
    public TimeSpan ConnectWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request waits for a server's answer. Default 12 s, range 100 ms to 10 min.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>After which wait a read is asked of a second server as well; zero for never. Default 500 ms, range 0 to 1 min.</summary>
    public TimeSpan SpeculateAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause between attempts to reach a server that is down; it begins at 1 s and doubles. Default 1 min, range 1 s to 1 h.</summary>
    public TimeSpan ReconnectPause { get; init; } = TimeSpan.FromMinutes(1);

    public ConsistencyOptions Consistency { get; init; } = new();

    /// <summary>The contact points and the keyspace, for messages.</summary>
    public string Place => $"cassandra://{string.Join(',', ContactPoints)}/{Keyspace}";

    /// <summary>Without the password, which must not come into a log by accident.</summary>
    public override string ToString() => Place;
}
