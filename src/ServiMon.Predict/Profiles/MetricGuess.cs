using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Profiles;

/// <summary>What a metric's name alone tells about it; limits and the choice of the request counter need the other names too.</summary>
/// <param name="Why">The reasons, for people to check.</param>
internal sealed partial record MetricGuess(MetricSpec Spec, string Why)
{
    private static readonly HashSet<string> ErrorWords =
    [
        "error", "errors", "err", "errs", "failed", "failure", "failures", "fail", "fails", "fault", "faults", "timeout", "timeouts",
        "dropped", "drop", "drops", "rejected", "rejects", "discarded", "exception", "exceptions", "aborted", "unavailable", "lost",
    ];

    /// <summary>Things of which there are some at any time: <c>connection_count</c> is a level, not a running total.</summary>
    private static readonly HashSet<string> Present =
    [
        "connection", "connections", "thread", "threads", "client", "clients", "session", "sessions", "partition", "partitions",
        "replica", "replicas", "leader", "leaders", "broker", "brokers", "node", "nodes", "process", "processes", "queue", "consumer",
        "consumers", "producer", "producers", "worker", "workers", "core", "cores", "cpu", "member", "members", "active", "current",
        "open", "pending", "container", "containers", "pod", "pods", "goroutines", "file", "files", "activity", "lock", "locks", "backends",
        "tables", "keys", "items", "objects", "users",
    ];

    private static readonly HashSet<string> CountedEvents =
    [
        "errors", "faults", "failures", "alarms", "alerts", "warnings", "exceptions", "timeouts", "crashes", "restarts", "trips",
        "events", "replacements", "repairs", "maintenance",
    ];

    private static readonly HashSet<string> StorageWords =
        ["memory", "mem", "ram", "swap", "disk", "filesystem", "fs", "heap", "storage", "space", "inodes"];

    private static readonly HashSet<string> Settings = ["settings", "spec", "config"];

    private static readonly HashSet<string> Use = ["busy", "utilization", "utilisation", "util", "cpu"];

    public static MetricGuess Of(string name, ImmutableArray<string> groups)
    {
        var words = MetricWords.Of(name);
        var (kind, kindWhy) = KindOf(words);
        return With(words, kind, kindWhy, RoleOf(words, kind), groups);
    }

    /// <summary>The guess when the file fixes the kind: role and group then follow from that kind.</summary>
    public static MetricGuess Of(string name, MetricKind kind, ImmutableArray<string> groups)
    {
        var words = MetricWords.Of(name);
        return With(words, kind, "as the profile says", RoleOf(words, kind), groups);
    }

    /// <summary>True for clock readings: they say when, not how, so they are never evidence.</summary>
    public static bool IsClock(string name)
    {
        var words = MetricWords.Of(name);
        return words.LastStem is "timestamp" || words.LastStem.EndsWith("recordtimestamp", StringComparison.Ordinal)
               || words.All is [.., "node", "time", "seconds"];
    }

    /// <summary>The factor that brings a metric into the unit of its role: seconds, or a share of 1.</summary>
    public static double ScaleOf(MetricWords words, MetricKind kind, MetricRole role) => role switch
    {
        MetricRole.ProbeLatency or MetricRole.StartTime => words.SecondsScale ?? 1,
        MetricRole.Saturation or MetricRole.Pause when kind == MetricKind.Counter => words.SecondsScale ?? 1,
        MetricRole.Saturation when words.Unit == "percent" => 0.01,
        _ => 1,
    };

    private static MetricGuess With(MetricWords words, MetricKind kind, string kindWhy, MetricRole role, ImmutableArray<string> groups)
    {
        var (group, groupWhy) = GroupGuess.Of(words, kind, role, groups);
        var aggregation = kind == MetricKind.Event ? Aggregation.Sum : Aggregation.Last;
        var spec = new MetricSpec
        {
            Name = words.Name, Kind = kind, Group = group, Role = role, Aggregation = aggregation, Unit = words.Unit,
            Scale = ScaleOf(words, kind, role),
        };
        return new MetricGuess(spec, $"{kindWhy}; {group}: {groupWhy}");
    }

    private static (MetricKind Kind, string Why) KindOf(MetricWords words)
    {
        var before = words.All.Length > 1 ? words.All[^2] : "";
        switch (words.Last)
        {
            case "total" when StorageWords.Contains(before): return (MetricKind.Static, "the total of a store");
            case "total" when words.All.Length > 1: return (MetricKind.Counter, "_total");
            case "sum" or "bucket" when words.All.Length > 1: return (MetricKind.Counter, $"_{words.Last}");
            case "count" when words.All.Length > 1 && !Present.Contains(before) && !words.Contains("currently", "inprogress"):
                return (MetricKind.Counter, "_count");
        }

        // A position in a log only grows; its rate is throughput, its level only tells the time.
        if (words.LastStem == "offset" && words.Contains("log", "partition", "topic", "record", "commit", "consumergroup"))
            return (MetricKind.Counter, "a position in a log");
        if (words.Unit.Length == 0 && (CountedEvents.Contains(words.LastStem) || NumberedError().IsMatch(words.Name)))
            return (MetricKind.Event, "a count of events");
        if (words.LastStem is "limit" or "quota" or "capacity" || words.StemEndsWith("max", "fds")
            || (words.LastStem is "total" or "size" && words.Unit == "bytes" && words.Stem.Length > 1 && StorageWords.Contains(words.Stem[^2])))
            return (MetricKind.Static, "a limit");
        if (words.LastStem == "total" && words.Unit == "bytes" && words.HasAny(StorageWords)) return (MetricKind.Static, "a limit");
        return words.HasAny(Settings) ? (MetricKind.Static, "a setting") : (MetricKind.Gauge, "a level");
    }

    private static MetricRole RoleOf(MetricWords words, MetricKind kind)
    {
        var level = kind is MetricKind.Gauge or MetricKind.Static;
        if (!level && IsError(words)) return MetricRole.Error;
        if (kind == MetricKind.Counter && words.SecondsScale is not null && IsLostTime(words))
            return words.Has("gc") || words.Contains("safepoint") ? MetricRole.Pause : MetricRole.Saturation;
        if (!level) return MetricRole.None;
        return words.Stem switch
        {
            [.., "probe", "up" or "success" or "ok"] => MetricRole.ProbeUp,
            [.., "probe", "latency" or "duration"] => MetricRole.ProbeLatency,
            ["up"] or [.., "scrape", "up" or "success"] => MetricRole.ScrapeUp,
            [.., "start" or "boot", "time"] => MetricRole.StartTime,
            _ when IsAge(words) => MetricRole.Age,
            _ when kind == MetricKind.Gauge && words.HasAny(Use) && words.Unit is "ratio" or "percent" && !GoodWhenHigh(words) =>
                MetricRole.Saturation,
            _ => MetricRole.None,
        };
    }

    /// <summary>A share of which a high value is the healthy one: idle, hit and success shares.</summary>
    public static bool GoodWhenHigh(MetricWords words) =>
        words.Contains("idle", "free", "avail", "remain", "success", "health", "steal") || words.Contains("hitrate", "battery")
        || words.Has("hit") || words.Has("hits") || words.Has("left");

    private static bool IsAge(MetricWords words) =>
        words.Has("uptime") || words.LastStem is "age" or "cycle" or "cycles" or "mileage" or "odometer"
        || (words.Unit == "hours" && words.LastStem is "operating" or "operation" or "running" or "on" or "use");

    private static bool IsError(MetricWords words)
    {
        // Page faults are ordinary work, failcnt counts touches of a memory limit, and bytes are no operations.
        if (words.Has("page") || words.Unit == "bytes" || words.Contains("bytes", "pagefault")) return false;
        return words.HasAny(ErrorWords)
               || words.Contains("error", "failed", "failure", "timeout", "timedout", "dropped", "rejected", "exception", "discarded",
                   "unavailable")
               || NumberedError().IsMatch(words.Name);
    }

    /// <summary>Time counters whose rate is the share of time lost or in use: garbage collection, throttling, stalls, device time.</summary>
    private static bool IsLostTime(MetricWords words)
    {
        if (words.Last == "count") return false;
        return words.Contains("throttl", "stalled", "safepoint") || words.Has("gc") || words.StemEndsWith("io", "time")
               || (words.Has("pressure") && words.Has("waiting"));
    }

    [GeneratedRegex("^(error|fault|alarm|event)[ _-]?(id)?[ _-]?[0-9]+$", RegexOptions.IgnoreCase)]
    private static partial Regex NumberedError();
}
