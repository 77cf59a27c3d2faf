using System.Collections.Immutable;

namespace ServiMon.Predict.Profiles;

/// <summary>How the samples of a metric are read.</summary>
public enum MetricKind
{
    /// <summary>A level that goes up and down.</summary>
    Gauge,

    /// <summary>A running total that only grows, and starts again from zero at a reset: used as a rate per second.</summary>
    Counter,

    /// <summary>A count of events in the step (errors, maintenance work done): zero is the normal value, not missing.</summary>
    Event,

    /// <summary>A property that does not change (a size, an age at installation): used as it is, never tracked for change.</summary>
    Static,
}

/// <summary>How several samples of one metric in one step become one value. All are independent of the order of arrival.</summary>
public enum Aggregation { Last, Mean, Max, Min, Sum }

/// <summary>What a metric means for any kind of asset: its part in the universal evidence.</summary>
public enum MetricRole
{
    None,

    /// <summary>1 when a health probe answered in time, else 0.</summary>
    ProbeUp,

    /// <summary>Seconds a health probe took.</summary>
    ProbeLatency,

    /// <summary>Failed operations.</summary>
    Error,

    /// <summary>All operations: what errors are a share of, and what a drop in throughput is measured on.</summary>
    Request,

    /// <summary>A share 0 to 1 of a resource's time or room that is in use or lost (throttling, a busy pool); of its limit, when it has one.</summary>
    Saturation,

    /// <summary>A share 0 to 1 of time in which the process does nothing else: garbage collection, stops.</summary>
    Pause,

    /// <summary>1 when the metrics themselves could be collected (Prometheus's <c>up</c>), else 0.</summary>
    ScrapeUp,

    /// <summary>The asset's true age or accumulated use, in any unit.</summary>
    Age,

    /// <summary>Seconds since the epoch at which the process started: a change is a restart; never used as a level.</summary>
    StartTime,
}

/// <summary>The room that a metric has, for the ratio to limit and the time to limit.</summary>
/// <param name="Metric">The metric that holds the limit, or null when <paramref name="Constant"/> does.</param>
/// <param name="Constant">The limit in the metric's own unit (after differencing: per second, for a counter).</param>
/// <param name="Remaining">True when the metric counts what is left (free bytes) rather than what is used: used = limit - value.</param>
public sealed record MetricLimit(string? Metric, double? Constant, bool Remaining);

/// <summary>One metric of a profile.</summary>
public sealed record MetricSpec
{
    public required string Name { get; init; }

    public MetricKind Kind { get; init; } = MetricKind.Gauge;

    /// <summary>The functional group, one of <see cref="Profile.Groups"/>.</summary>
    public required string Group { get; init; }

    public MetricRole Role { get; init; } = MetricRole.None;

    public Aggregation Aggregation { get; init; } = Aggregation.Last;

    public MetricLimit? Limit { get; init; }

    /// <summary>Multiplies the value (or the rate) before anything else: milliseconds to seconds, percent to ratio.</summary>
    public double Scale { get; init; } = 1;

    public string Unit { get; init; } = "";
}

/// <summary>A horizon, with the text it is written as in the profile (<c>15m</c>), which is its name everywhere outside.</summary>
public sealed record Horizon(TimeSpan Span, string Text);

/// <summary>How an incident is recognised in the metrics: a condition that has held for a time.</summary>
/// <param name="Kind">The incident's kind.</param>
/// <param name="Metric">The metric looked at.</param>
/// <param name="Comparison">One of <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>==</c>, <c>missing</c>.</param>
/// <param name="Value">What it is compared with; ignored for <c>missing</c>.</param>
/// <param name="For">How long it must hold; zero for at once.</param>
public sealed record FailureRule(string Kind, string Metric, string Comparison, double Value, TimeSpan For);

/// <summary>
/// What an asset is and what failing means: immutable and valid once made. Read by <see cref="ProfileReader"/> from YAML; what the
/// file leaves out is inferred from the names of the data's columns by <see cref="ProfileInference"/>.
/// </summary>
public sealed record Profile
{
    public required string Name { get; init; }

    /// <summary>Spacing of the grid.</summary>
    public required TimeSpan Step { get; init; }

    /// <summary>Ascending, each a positive multiple of the step or at least one step.</summary>
    public required ImmutableArray<Horizon> Horizons { get; init; }

    /// <summary>How late a sample may arrive behind the newest of its asset and still be counted. Default: two steps.</summary>
    public required TimeSpan Lateness { get; init; }

    /// <summary>Rows of an asset's start that neither train nor get more than the prior. Default: three steps.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>An asset without samples for this long is stale. Default: ten steps.</summary>
    public required TimeSpan StaleAfter { get; init; }

    /// <summary>Half-lives of the exponential averages, ascending; always three. Default: 1/10, 1/3 and 1 of the geometric mean horizon.</summary>
    public required ImmutableArray<TimeSpan> HalfLives { get; init; }

    /// <summary>Functional groups, in the order of their evidence. Default: throughput, latency, pressure, network, structural_state.</summary>
    public required ImmutableArray<string> Groups { get; init; }

    /// <summary>The metrics in the order of their lanes. Empty only before inference.</summary>
    public required ImmutableArray<MetricSpec> Metrics { get; init; }

    /// <summary>Columns or metrics (with <c>*</c>) that are not evidence: identifiers, host-wide noise, leaks.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>True when metrics that the file does not name are taken from the data by inference. Default: true.</summary>
    public bool InferMetrics { get; init; } = true;

    /// <summary>Metrics that set the operating regime; the others are standardised for each regime.</summary>
    public ImmutableArray<string> Drivers { get; init; } = [];

    /// <summary>True when drivers are looked for in the training data where <see cref="Drivers"/> names none.</summary>
    public bool InferDrivers { get; init; }

    /// <summary>Labels that name the asset, for long and for streamed samples, joined by <c>/</c>. Default: <c>asset</c>, else <c>instance</c>.</summary>
    public ImmutableArray<string> Identity { get; init; } = ["asset"];

    public ImmutableArray<FailureRule> FailureRules { get; init; } = [];

    /// <summary>Predict for parents of path names too, from the evidence of all members.</summary>
    public bool Composite { get; init; }

    /// <summary>
    /// True when an asset's first row is the beginning of its life, so that the steps since are its age. Null: inferred from the incidents
    /// at hand, yes if no unit of the fleet ever came back from a failure.
    /// </summary>
    public bool? AgeFromFirstRow { get; init; }

    /// <summary>Failure rate per asset and year that is believed before any data; null for the library's weak default.</summary>
    public double? PriorFailuresPerYear { get; init; }

    /// <summary>
    /// Name of the time zone whose clock daily and weekly seasons follow (<c>Europe/Rome</c>); null for UTC. Only its form is checked here:
    /// looking a zone up reads files, so who uses it does.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>The text it was read from, for the bundle; empty for a profile made in code.</summary>
    public string Source { get; init; } = "";

    public TimeSpan LongestHorizon => Horizons[^1].Span;

    /// <summary>Steps in a span, at least one.</summary>
    public int Steps(TimeSpan span) => Math.Max(1, (int)Math.Round(span / Step));

    public int MetricIndex(string name)
    {
        for (var i = 0; i < Metrics.Length; i++)
            if (Metrics[i].Name == name) return i;
        return -1;
    }
}
