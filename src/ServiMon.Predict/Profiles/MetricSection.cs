using System.Collections.Immutable;
using System.Globalization;

namespace ServiMon.Predict.Profiles;

/// <summary>
/// Reads <c>metrics</c> and <c>probes</c>. What a named metric leaves out (kind, group, role, unit) is guessed from its name; a limit is
/// only what is written.
/// </summary>
internal sealed class MetricSection(YamlFields file, ImmutableArray<string> groups)
{
    public const int MostMetrics = 10_000;
    public const int LongestName = 256;
    public const int MostProbes = 16;
    public const double LargestNumber = 1e18;

    public static readonly ImmutableArray<string> Kinds = ["gauge", "counter", "event", "static"];
    public static readonly ImmutableArray<string> Aggregations = ["last", "mean", "max", "min", "sum"];

    public static readonly ImmutableArray<string> Roles =
        ["none", "probe_up", "probe_latency", "error", "request", "saturation", "pause", "scrape_up", "age", "start_time"];

    private static readonly string[] MetricKeys = ["kind", "group", "role", "aggregation", "limit", "scale", "unit"];
    private static readonly string[] LimitKeys = ["metric", "constant", "remaining"];
    private static readonly string[] ProbeKeys = ["up", "latency", "timeout"];
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);

    /// <summary>A metric with what its entry fixes and so may not be changed by what follows.</summary>
    private sealed record Entry(MetricSpec Spec, YamlFields? Fields)
    {
        public bool Fixes(string key) => Fields?.Has(key) == true;
    }

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    public ImmutableArray<MetricSpec> Read()
    {
        if (file.Map("metrics", null, "a mapping from metric names to their properties") is { } metrics)
        {
            var named = metrics.Entries.ToList();
            if (named.Count > MostMetrics) file.Problem("metrics", $"names {named.Count} metrics; allowed: at most {MostMetrics}");
            foreach (var entry in named.Take(MostMetrics)) ReadMetric(metrics, entry);
        }

        foreach (var probe in file.Maps("probes", MostProbes, ProbeKeys, "a mapping with up, latency and timeout")) ReadProbe(probe);
        foreach (var name in _order.ToList())
            if (_entries[name].Spec.Limit?.Metric is { } limit) MarkAsLimit(limit, _entries[name]);
        return [.. _order.Select(name => _entries[name].Spec)];
    }

    /// <summary>Adds a problem for every limit that names a metric which cannot exist.</summary>
    public void CheckLimits(bool infers)
    {
        foreach (var (spec, fields) in _order.Select(name => _entries[name]))
        {
            if (spec.Limit?.Metric is not { } limit) continue;
            if (limit == spec.Name) fields!.Problem("limit", "names the metric itself");
            else if (_entries.TryGetValue(limit, out var target))
            {
                // A share of events (throttled periods of all periods) is a rate over a rate.
                var isShare = spec is { Kind: MetricKind.Counter, Role: MetricRole.Saturation };
                if (target.Spec.Kind == MetricKind.Event || (target.Spec.Kind == MetricKind.Counter && !isShare))
                    fields!.Problem("limit", $"'{limit}' is a {Kinds[(int)target.Spec.Kind]}; a limit must be a static or a gauge");
            }
            else if (!infers)
                fields!.Problem("limit", $"unknown metric '{limit}': infer_metrics is false and metrics does not name it");
        }
    }

    private void ReadMetric(YamlFields metrics, YamlEntry entry)
    {
        if (CheckName(entry.Key) is { } problem)
        {
            metrics.Problem(entry.Key, problem);
            return;
        }

        var fields = metrics.Map(entry.Value, metrics.PathOf(entry.Key), MetricKeys, "a mapping such as {kind: gauge, group: pressure}");
        if (fields is null) return;
        var guess = fields.Choice("kind", Kinds) is { } kind
            ? MetricGuess.Of(entry.Key, (MetricKind)kind, groups).Spec
            : MetricGuess.Of(entry.Key, groups).Spec;
        var role = fields.Choice("role", Roles) is { } given ? (MetricRole)given : guess.Role;
        var scale = ReadScale(fields) ?? MetricGuess.ScaleOf(MetricWords.Of(entry.Key), guess.Kind, role);
        var spec = guess with
        {
            Role = role, Scale = scale, Group = ReadGroup(fields) ?? guess.Group, Limit = ReadLimit(fields),
            Aggregation = fields.Choice("aggregation", Aggregations) is { } a ? (Aggregation)a : guess.Aggregation,
            Unit = ReadUnit(fields) ?? guess.Unit,
        };
        // A constant is written in the unit of the name; a written scale says which unit the user thinks in.
        if (spec.Limit?.Constant is { } constant && !fields.Has("scale"))
            spec = spec with { Limit = spec.Limit with { Constant = constant * scale } };
        Add(spec, fields);
    }

    private void Add(MetricSpec spec, YamlFields? fields)
    {
        if (_entries.TryAdd(spec.Name, new Entry(spec, fields))) _order.Add(spec.Name);
        else _entries[spec.Name] = new Entry(spec, _entries[spec.Name].Fields);
    }

    private string? ReadGroup(YamlFields fields)
    {
        if (fields.Text("group", "one of " + string.Join(", ", groups)) is not { } group) return null;
        if (groups.Contains(group)) return group;
        fields.Problem("group", $"unknown group '{group}'; {Spelling.Suggest(group, groups)}");
        return null;
    }

    private static double? ReadScale(YamlFields fields)
    {
        const string expected = "a number other than 0, at most 1e18 in size";
        if (fields.Text("scale", expected) is not { } text) return null;
        if (YamlFields.Number(text) is { } scale && scale != 0 && Math.Abs(scale) <= LargestNumber) return scale;
        fields.Problem("scale", $"is '{text}'; expected {expected}");
        return null;
    }

    private static string? ReadUnit(YamlFields fields)
    {
        if (fields.Node("unit") is YamlText { Value: "" }) return "";
        if (fields.Text("unit", "a unit of at most 32 letters, such as bytes") is not { } unit) return null;
        if (unit.Length <= 32) return unit;
        fields.Problem("unit", $"has {unit.Length} letters; allowed: at most 32");
        return null;
    }

    private static MetricLimit? ReadLimit(YamlFields fields)
    {
        const string expected = "a number above 0, the name of a metric, or {metric: NAME, remaining: true}";
        var node = fields.Node("limit");
        if (node is null || node.IsNull || node is YamlText { Value: "none" }) return null;
        if (node is YamlText text)
        {
            if (double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
                return fields.Positive("limit", LargestNumber) is { } value ? new MetricLimit(null, value, false) : null;
            return LimitMetric(fields, "limit") is { } name ? new MetricLimit(name, null, false) : null;
        }

        if (fields.Map("limit", LimitKeys, expected) is not { } parts) return null;
        var remaining = parts.Flag("remaining") ?? false;
        if (parts.Has("metric") == parts.Has("constant"))
        {
            fields.Problem("limit", "needs either metric or constant");
            return null;
        }

        if (parts.Has("metric")) return LimitMetric(parts, "metric") is { } metric ? new MetricLimit(metric, null, remaining) : null;
        return parts.Positive("constant", LargestNumber) is { } constant ? new MetricLimit(null, constant, remaining) : null;
    }

    private static string? LimitMetric(YamlFields fields, string key)
    {
        if (fields.Text(key, "the name of a metric") is not { } name) return null;
        if (CheckName(name) is not { } problem) return name;
        fields.Problem(key, problem);
        return null;
    }

    private void ReadProbe(YamlFields probe)
    {
        if (!probe.Has("up") && !probe.Has("latency")) probe.Problem("up", "a probe needs up, latency or both");
        if (probe.Has("timeout") && !probe.Has("latency")) probe.Problem("timeout", "needs latency: it is the limit of that metric");
        var timeout = probe.Duration("timeout", ShortestTimeout, LongestTimeout);
        ReadProbeMetric(probe, "up", MetricRole.ProbeUp, null);
        ReadProbeMetric(probe, "latency", MetricRole.ProbeLatency, timeout);
    }

    private void ReadProbeMetric(YamlFields probe, string key, MetricRole role, TimeSpan? timeout)
    {
        if (LimitMetric(probe, key) is not { } name) return;
        var entry = _entries.GetValueOrDefault(name);
        if (entry?.Fixes("role") == true && entry.Spec.Role != role)
            probe.Problem(key, $"'{name}' has the role {Roles[(int)entry.Spec.Role]} under metrics; expected {Roles[(int)role]} or none written");
        if (timeout is not null && entry?.Fixes("limit") == true)
            probe.Problem("timeout", $"'{name}' has a limit under metrics too; write one of them");
        var words = MetricWords.Of(name);
        var spec = entry?.Spec ?? MetricGuess.Of(name, MetricKind.Gauge, groups).Spec with
        {
            Group = GroupGuess.Of(words, MetricKind.Gauge, role, groups).Group,
        };
        if (entry?.Fixes("scale") != true) spec = spec with { Scale = MetricGuess.ScaleOf(words, spec.Kind, role) };
        // Probe latencies are in seconds once scaled, and so is the limit.
        var limit = timeout is { } t ? new MetricLimit(null, t.TotalSeconds, false) : spec.Limit;
        Add(spec with { Role = role, Limit = limit }, entry?.Fields);
    }

    /// <summary>A metric that is another's limit is a fixed property in the same unit, unless its entry says otherwise.</summary>
    private void MarkAsLimit(string limit, Entry user)
    {
        if (!_entries.TryGetValue(limit, out var entry)) return;
        var spec = entry.Spec;
        if (!entry.Fixes("kind")) spec = spec with { Kind = MetricKind.Static };
        if (!entry.Fixes("group")) spec = spec with { Group = MetricGuess.Of(limit, spec.Kind, groups).Spec.Group };
        if (!entry.Fixes("role")) spec = spec with { Role = MetricRole.None };
        if (!entry.Fixes("scale")) spec = spec with { Scale = user.Fixes("scale") ? 1 : user.Spec.Scale };
        _entries[limit] = entry with { Spec = spec };
    }

    /// <summary>What is wrong with a metric's name, or null.</summary>
    public static string? CheckName(string name) =>
        name.Length is 0 or > LongestName || name.Any(IsUnprintable) || name != name.Trim()
            ? $"a metric's name has 1 to {LongestName} printable characters and no space around it"
            : null;

    /// <summary>Control and format characters, and the separators that YAML takes for the end of a line.</summary>
    private static bool IsUnprintable(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
