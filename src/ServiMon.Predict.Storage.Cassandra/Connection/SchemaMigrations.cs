using System.Globalization;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>Makes the keyspace and brings it to the present version. The statements are those of docs/cassandra.</summary>
internal static class SchemaMigrations
{
    /// <summary>Scripts by the version that they lead from.</summary>
    private static readonly string[] Scripts = ["001-initial.cql"];

    /// <summary>The version that this code writes.</summary>
    public static int Version => Scripts.Length;

    /// <summary>TimeWindowCompactionStrategy wants 20 to 30 windows over the time that rows are kept.</summary>
    private const int Windows = 25;

    private const string ReadSetting = "SELECT value FROM setting WHERE name = ?";

    /// <exception cref="InputException">When the keyspace is of a newer version, is not there and may not be made, or has other fixed settings.</exception>
    public static async Task ApplyAsync(ISession session, CassandraOptions options, CancellationToken ct)
    {
        try
        {
            if (options.MakesSchema) await MakeKeyspaceAsync(session, options).WaitAsync(ct).ConfigureAwait(false);
            session.ChangeKeyspace(options.Keyspace);
        }
        catch (InvalidQueryException e)
        {
            throw new InputException("cassandra.keyspace", $"the keyspace '{options.Keyspace}' cannot be used: {e.Message}; set cassandra.make_schema, or make it with docs/cassandra");
        }
        catch (Exception e) when (e is DriverException)
        {
            throw CqlFailure.Translate(options.Place, e);
        }

        var version = await VersionAsync(session, options, ct).ConfigureAwait(false);
        if (version > Version)
            throw new InputException("cassandra.keyspace", $"'{options.Keyspace}' is a store of version {version}; this program reads versions 1 to {Version}: use a newer one, or another keyspace");
        if (version < Version)
        {
            if (!options.MakesSchema)
                throw new InputException("cassandra.make_schema", $"is false, but the keyspace '{options.Keyspace}' has {(version == 0 ? "no tables" : $"version {version}")}; run the scripts of docs/cassandra, or set it to true");
            for (var from = version; from < Version; from++)
                foreach (var statement in Statements(Script(Scripts[from]))) await RunAsync(session, options, statement, ct).ConfigureAwait(false);
            await FixAsync(session, options, "version", Version, "cassandra.keyspace", ct).ConfigureAwait(false);
        }
        await FixAsync(session, options, "history_bucket", options.HistoryBucket.Ticks, "cassandra.history_bucket", ct).ConfigureAwait(false);
        await FixAsync(session, options, "log_bucket", options.LogBucket.Ticks, "cassandra.log_bucket", ct).ConfigureAwait(false);
        await FixAsync(session, options, "log_shards", options.LogShards, "cassandra.log_shards", ct).ConfigureAwait(false);
        if (options.MakesSchema)
            foreach (var (table, keep, windowed) in Kept(options)) await KeepAsync(session, options, table, keep, windowed, ct).ConfigureAwait(false);
    }

    /// <summary>The statements of a script: comments left out, each up to a semicolon at the end of a line.</summary>
    internal static IEnumerable<string> Statements(string script) => string
        .Join('\n', script.ReplaceLineEndings("\n").Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal)))
        .Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    internal static string Script(string name)
    {
        using var reader = new StreamReader(typeof(SchemaMigrations).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the script {name} is not in the assembly"));
        return reader.ReadToEnd();
    }

    /// <summary>The hours of a compaction window for rows that are kept for a time.</summary>
    internal static int WindowHours(TimeSpan keep) => Math.Max(1, (int)Math.Ceiling(keep.TotalHours / Windows));

    private static IEnumerable<(string Table, TimeSpan Keep, bool Windowed)> Kept(CassandraOptions options) =>
    [
        ("history", options.KeepHistory, true), ("history_extent", options.KeepHistory, false),
        ("prediction", options.KeepLog, true), ("outcome", options.KeepLog, true), ("log_bucket", options.KeepLog, false),
    ];

    private static async Task MakeKeyspaceAsync(ISession session, CassandraOptions options)
    {
        var there = await session.ExecuteAsync(new SimpleStatement("SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", options.Keyspace)).ConfigureAwait(false);
        if (there.Any()) return;
        var hosts = session.Cluster.AllHosts();
        var datacenter = options.LocalDatacenter ?? hosts.First().Datacenter;
        var count = hosts.Count(h => h.Datacenter == datacenter);
        if (count < options.ReplicationFactor)
            throw new InputException("cassandra.replication_factor", $"{options.ReplicationFactor} copies need as many servers, but data center '{datacenter}' has {count}");
        await session.ExecuteAsync(new SimpleStatement(string.Create(CultureInfo.InvariantCulture,
            $"CREATE KEYSPACE IF NOT EXISTS {options.Keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', '{datacenter}': {options.ReplicationFactor}}}"))).ConfigureAwait(false);
    }

    /// <summary>The version of the keyspace; 0 when it has no tables of ours.</summary>
    private static async Task<int> VersionAsync(ISession session, CassandraOptions options, CancellationToken ct)
    {
        var tables = await RunAsync(session, options, "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?", ct, options.Keyspace).ConfigureAwait(false);
        var names = tables.Select(r => r.GetValue<string>(0)).ToList();
        if (!names.Contains("setting"))
            return names.Count == 0 ? 0 : throw new InputException("cassandra.keyspace", $"'{options.Keyspace}' holds tables of something else ({string.Join(", ", names.Take(3))}); give a keyspace of its own");
        var row = (await RunAsync(session, options, ReadSetting, ct, "version").ConfigureAwait(false)).FirstOrDefault();
        return row is null ? 0 : int.Parse(row.GetValue<string>(0), CultureInfo.InvariantCulture);
    }

    /// <summary>Writes a setting that may never change; of several that write it at once one does.</summary>
    private static async Task FixAsync(ISession session, CassandraOptions options, string name, long value, string key, CancellationToken ct)
    {
        var wanted = value.ToString(CultureInfo.InvariantCulture);
        var row = (await RunAsync(session, options, ReadSetting, ct, name).ConfigureAwait(false)).FirstOrDefault();
        if (row is null)
        {
            await RunAsync(session, options, "INSERT INTO setting (name, value) VALUES (?, ?) IF NOT EXISTS", ct, name, wanted).ConfigureAwait(false);
            row = (await RunAsync(session, options, ReadSetting, ct, name).ConfigureAwait(false)).First();
        }
        if (row.GetValue<string>(0) is var fixedTo && fixedTo != wanted)
            throw new InputException(key, $"is {wanted}, but {fixedTo} since the keyspace '{options.Keyspace}' was made (in ticks of 100 ns, or a count); it cannot be changed");
    }

    /// <summary>Brings a table's time to live, and its compaction windows, to what the options say.</summary>
    private static async Task KeepAsync(ISession session, CassandraOptions options, string table, TimeSpan keep, bool windowed, CancellationToken ct)
    {
        var seconds = (int)keep.TotalSeconds;
        var row = (await RunAsync(session, options, "SELECT default_time_to_live, compaction FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?",
            ct, options.Keyspace, table).ConfigureAwait(false)).First();
        var hours = WindowHours(keep).ToString(CultureInfo.InvariantCulture);
        var has = row.GetValue<IDictionary<string, string>>("compaction").TryGetValue("compaction_window_size", out var size) ? size : null;
        if (row.GetValue<int>("default_time_to_live") == seconds && (!windowed || has == hours)) return;
        var compaction = windowed
            ? $" AND compaction = {{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'HOURS', 'compaction_window_size': '{hours}'}}" : "";
        await RunAsync(session, options, string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {table} WITH default_time_to_live = {seconds}{compaction}"), ct).ConfigureAwait(false);
    }

    private static async Task<RowSet> RunAsync(ISession session, CassandraOptions options, string cql, CancellationToken ct, params object[] values)
    {
        try
        {
            return await session.ExecuteAsync(new SimpleStatement(cql, values), TrafficProfiles.Of(Traffic.Registry)).WaitAsync(ct).ConfigureAwait(false);
        }
        catch (DriverException e)
        {
            throw CqlFailure.Translate(options.Place, e);
        }
    }
}
