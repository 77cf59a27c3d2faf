using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Cassandra;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>Reads the options of section <c>cassandra</c> and checks all of them.</summary>
public static partial class CassandraOptionsReader
{
    private static readonly Dictionary<string, ConsistencyLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ONE"] = ConsistencyLevel.One, ["LOCAL_ONE"] = ConsistencyLevel.LocalOne, ["QUORUM"] = ConsistencyLevel.Quorum,
        ["LOCAL_QUORUM"] = ConsistencyLevel.LocalQuorum, ["EACH_QUORUM"] = ConsistencyLevel.EachQuorum, ["ALL"] = ConsistencyLevel.All,
    };

    private static readonly Dictionary<string, ConsistencyLevel> SerialLevels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SERIAL"] = ConsistencyLevel.Serial, ["LOCAL_SERIAL"] = ConsistencyLevel.LocalSerial,
    };

    private const string MappingPrefix = "mapping.";

    /// <param name="texts">What stands in section <c>cassandra</c>, by key within it. What is about a mapping is for <see cref="Mapping.MappingOptions"/>.</param>
    /// <exception cref="InputException">With every unknown key and every value out of its range.</exception>
    public static CassandraOptions Read(IReadOnlyDictionary<string, OptionText> texts)
    {
        var keys = new OptionTexts(texts.Where(t => !IsMapping(t.Key)).ToDictionary(), "cassandra");
        var defaults = new CassandraOptions { ContactPoints = [] };
        TimeSpan day = TimeSpan.FromDays(1), longest = TimeSpan.FromDays(3650), shortBucket = TimeSpan.FromMinutes(10), longBucket = TimeSpan.FromDays(30);
        var options = new CassandraOptions
        {
            ContactPoints = Servers(keys),
            LocalDatacenter = keys.Text("local_datacenter"),
            Keyspace = keys.Text("keyspace") ?? defaults.Keyspace,
            ReplicationFactor = keys.Number("replication_factor", defaults.ReplicationFactor, 1, 16),
            MakesSchema = keys.Flag("make_schema", defaults.MakesSchema),
            User = keys.Text("user"),
            Password = keys.Secret("password", "password_file"),
            Tls = Tls(keys),
            KeepHistory = keys.Span("keep_history", defaults.KeepHistory, day, longest),
            KeepLog = keys.Span("keep_log", defaults.KeepLog, day, longest),
            HistoryBucket = keys.Span("history_bucket", defaults.HistoryBucket, shortBucket, longBucket),
            LogBucket = keys.Span("log_bucket", defaults.LogBucket, shortBucket, longBucket),
            LogShards = keys.Number("log_shards", defaults.LogShards, 1, 256),
            PageRows = keys.Number("page_rows", defaults.PageRows, 10, 20_000),
            ReadsAhead = keys.Number("reads_ahead", defaults.ReadsAhead, 1, 64),
            RequestsAtOnce = keys.Number("requests_at_once", defaults.RequestsAtOnce, 1, 1024),
            BatchRows = keys.Number("batch_rows", defaults.BatchRows, 1, 5000),
            ConnectWait = keys.Span("connect_wait", defaults.ConnectWait, TimeSpan.Zero, TimeSpan.FromHours(1)),
            RequestTimeout = keys.Span("request_timeout", defaults.RequestTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            SpeculateAfter = keys.Span("speculate_after", defaults.SpeculateAfter, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            ReconnectPause = keys.Span("reconnect_pause", defaults.ReconnectPause, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            Consistency = Consistency(keys),
        };
        if (!KeyspaceName().IsMatch(options.Keyspace))
            keys.Add("keyspace", $"'{options.Keyspace}' is no name of a keyspace; allowed: 1 to 48 lower-case letters, digits and underscores, a letter first");
        if (options.User is null != options.Password is null)
            keys.Add(options.User is null ? "user" : "password_file", "is missing; a user and a password come together, the password in a file or as SERVIMON__CASSANDRA__PASSWORD");
        keys.Finish();
        return options;
    }

    /// <summary>The part that is about a mapping, by key within it.</summary>
    public static IReadOnlyDictionary<string, OptionText> MappingTexts(IReadOnlyDictionary<string, OptionText> texts) =>
        texts.Where(t => IsMapping(t.Key)).ToDictionary(t => t.Key[MappingPrefix.Length..], t => t.Value);

    private static bool IsMapping(string key) => key.StartsWith(MappingPrefix, StringComparison.OrdinalIgnoreCase);

    private static ImmutableArray<string> Servers(OptionTexts keys)
    {
        var servers = (keys.Text("contact_points") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (servers.Length == 0) keys.Add("contact_points", "is missing or empty; give servers as host or host:port, joined by commas");
        foreach (var server in servers)
            if (!TryParse(server, out _, out _)) keys.Add("contact_points", $"'{server}' is no server; give host or host:port, the port from 1 to 65535");
        return [.. servers];
    }

    /// <summary>Splits a server into host and port.</summary>
    internal static bool TryParse(string server, out string host, out int port)
    {
        var colon = server.LastIndexOf(':');
        var hasPort = colon > 0 && server.IndexOf(':', StringComparison.Ordinal) == colon;
        host = hasPort ? server[..colon] : server;
        port = ProtocolOptions.DefaultPort;
        return host.Length > 0 && !host.Contains(' ', StringComparison.Ordinal)
            && (!hasPort || (int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535));
    }

    private static TlsOptions? Tls(OptionTexts keys)
    {
        var isOn = keys.Flag("tls.enabled", false);
        var tls = new TlsOptions(keys.File("tls.authority_file"), keys.File("tls.certificate_file"), keys.File("tls.key_file"), keys.Flag("tls.check_name", true));
        if (tls.CertificateFile is null != tls.KeyFile is null)
            keys.Add(tls.KeyFile is null ? "tls.key_file" : "tls.certificate_file", "is missing; a certificate and its key come together");
        if (!isOn && (tls.AuthorityFile ?? tls.CertificateFile) is not null) keys.Add("tls.enabled", "is not true, but files for TLS are given");
        return isOn ? tls : null;
    }

    private static ConsistencyOptions Consistency(OptionTexts keys)
    {
        var defaults = new ConsistencyOptions();
        return new ConsistencyOptions
        {
            HistoryWrite = keys.Word("consistency.history_write", defaults.HistoryWrite, Levels),
            HistoryRead = keys.Word("consistency.history_read", defaults.HistoryRead, Levels),
            Log = keys.Word("consistency.log", defaults.Log, Levels),
            State = keys.Word("consistency.state", defaults.State, Levels),
            Incidents = keys.Word("consistency.incidents", defaults.Incidents, Levels),
            Registry = keys.Word("consistency.registry", defaults.Registry, Levels),
            Serial = keys.Word("consistency.serial", defaults.Serial, SerialLevels),
        };
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,47}$")]
    private static partial Regex KeyspaceName();
}
