using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Profiles;

/// <summary>
/// The functional group of a metric, from its name. Names go from the general to the particular (<c>namespace_subsystem_what</c>), so the
/// last word that means something decides.
/// </summary>
internal static partial class GroupGuess
{
    public const string Throughput = "throughput";
    public const string Latency = "latency";
    public const string Pressure = "pressure";
    public const string Network = "network";
    public const string Structural = "structural_state";

    /// <summary>The five groups by which predictions are explained unless the profile names its own.</summary>
    public static readonly ImmutableArray<string> Default = [Throughput, Latency, Pressure, Network, Structural];

    private static readonly HashSet<string> LatencyWords =
        ["latency", "duration", "delay", "lag", "rtt", "ping", "wait", "waiting", "elapsed", "quantile", "jitter"];

    private static readonly HashSet<string> RateWords = ["throughput", "rps", "qps", "iops", "tps"];

    private static readonly HashSet<string> WorkWords =
    [
        "request", "requests", "message", "messages", "rows", "row", "records", "operations", "ops", "queries", "transactions",
        "commits", "inserts", "updates", "deletes", "commands", "calls", "events", "processed", "completed", "hits", "misses",
        "reads", "writes", "consumed", "produced", "published", "delivered", "in", "out", "tasks", "hints",
    ];

    private static readonly HashSet<string> NetworkWords =
    [
        "network", "net", "tcp", "udp", "icmp", "socket", "sockets", "sockstat", "netstat", "connection", "connections", "packets",
        "retrans", "conntrack", "sessions", "clients", "link", "rx", "tx", "dns", "receive", "transmit",
    ];

    private static readonly HashSet<string> PressureWords =
    [
        "cpu", "memory", "mem", "ram", "heap", "nonheap", "gc", "queue", "queued", "pending", "threads", "thread", "fds", "fd",
        "load", "load1", "load5", "load15", "swap", "pool", "buffer", "buffers", "cache", "busy", "idle", "utilization", "util",
        "utilisation", "usage", "backlog", "throttled", "oom", "blocked", "evicted", "cfs", "rss", "switches", "io", "failcnt", "shed",
        "temperature", "temp", "vibration", "torque", "voltage", "goroutines", "ready", "unacked", "pressure",
    ];

    private static readonly HashSet<string> StructuralWords =
    [
        "up", "max", "maximum", "limit", "size", "capacity", "quota", "version", "partition", "partitions", "replica", "replicas",
        "leader", "leaders", "broker", "brokers", "nodes", "members", "segments", "topics", "topic", "classes", "filesystem", "fs",
        "disk", "files", "inodes", "state", "status", "health", "healthy", "offline", "uptime", "age", "cycles", "cycle", "start",
        "boot", "success", "started", "storage", "tables", "indexes",
    ];

    /// <summary>The group and the word that decided; <paramref name="groups"/> are the profile's.</summary>
    public static (string Group, string Why) Of(MetricWords words, MetricKind kind, MetricRole role, ImmutableArray<string> groups)
    {
        // A profile with groups of its own: a metric that has a group's name in it belongs there.
        foreach (var group in groups)
            if (!Default.Contains(group) && words.All.Contains(group.ToLowerInvariant()))
                return (group, $"'{group}' in its name");
        var (guess, why) = ByRole(words, kind, role) ?? ByWords(words, kind) ?? (Pressure, "no known word: the default group");
        if (groups.Contains(guess)) return (guess, why);
        return groups.Contains(Pressure)
            ? (Pressure, $"would be {guess}, which the profile does not have")
            : (groups[0], $"would be {guess}, which the profile does not have: its first group");
    }

    private static (string, string)? ByRole(MetricWords words, MetricKind kind, MetricRole role) => role switch
    {
        MetricRole.ProbeUp or MetricRole.ScrapeUp or MetricRole.StartTime or MetricRole.Age => (Structural, "its role"),
        MetricRole.ProbeLatency => (Latency, "its role"),
        MetricRole.Saturation or MetricRole.Pause => (Pressure, "its role"),
        MetricRole.Error when !words.HasAny(NetworkWords) => (Structural, "failed operations"),
        _ when kind == MetricKind.Static => (Structural, "a fixed property"),
        _ => null,
    };

    private static (string, string)? ByWords(MetricWords words, MetricKind kind)
    {
        var counts = kind is MetricKind.Counter or MetricKind.Event;
        // The count of a latency histogram counts operations; of garbage collections, pressure.
        var ofOperations = words.Last == "count" && counts;
        var moving = words.Has("rate") || words.Has("per") || counts;
        for (var i = words.Stem.Length - 1; i >= 0; i--)
        {
            var word = words.Stem[i];
            if (GroupOf(word, counts, moving, words.Has("gc")) is not { } group) continue;
            if (group == Latency && ofOperations) return (Throughput, $"counts what '{word}' was measured on");
            // The time that requests took, or their longest, is no throughput and no size.
            if (group is Throughput or Structural && words.SecondsScale is not null && words.Last != "count")
                return (Latency, $"'{word}' measured in {words.Unit}");
            return (group, $"'{word}'");
        }

        if (words.SecondsScale is not null) return (Latency, $"measured in {words.Unit}");
        return words.Unit is "celsius" or "volts" or "amperes" or "watts" ? (Pressure, $"measured in {words.Unit}") : null;
    }

    private static string? GroupOf(string word, bool counts, bool moving, bool gc) => word switch
    {
        _ when !gc && (LatencyWords.Contains(word) || Quantile().IsMatch(word)
                       || Any(word, "latency", "duration", "timems", "waitingon", "lagms")) => Latency,
        _ when RateWords.Contains(word) || (moving && (WorkWords.Contains(word) || Any(word, Work))) => Throughput,
        _ when PressureWords.Contains(word) || Any(word, Load) => Pressure,
        _ when NetworkWords.Contains(word) || Any(word, "connection", "retrans", "socket", "nativeclients") => Network,
        _ when StructuralWords.Contains(word) || Any(word, Structure) => Structural,
        // Requests and messages that are not counted up are waiting: rabbitmq_queue_messages, requests_in_flight.
        _ when !counts && word is not ("in" or "out") && WorkWords.Contains(word) => Pressure,
        _ => null,
    };

    private static readonly string[] Work =
        ["requests", "messagesin", "bytesin", "bytesout", "completed", "produced", "consumed", "compacted", "tableswitch", "flushrate"];

    private static readonly string[] Load =
    [
        "queue", "pending", "thread", "memory", "idle", "blocked", "throttl", "heap", "task", "purgatory", "memtable", "buffer",
        "dropped", "keycache", "usedsize",
    ];

    private static readonly string[] Structure =
        ["partition", "replica", "offline", "sstable", "diskspace", "segment", "logsize", "hints", "controller", "broker", "size"];

    private static bool Any(string word, params ReadOnlySpan<string> pieces)
    {
        foreach (var piece in pieces)
            if (word.Contains(piece, StringComparison.Ordinal)) return true;
        return false;
    }

    [GeneratedRegex("^p[0-9]{2,4}$")]
    private static partial Regex Quantile();
}
