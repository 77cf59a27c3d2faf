using System.Globalization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>What a column of the universal evidence is about.</summary>
internal enum DriverTopic { LimitPace, LimitRoom, ProbeFailure, ProbeLatency, Missing, Pause, Saturation, Error, Request, Unusual }

/// <summary>Finds the words for what drives a prediction, and the metric that it concerns.</summary>
internal readonly ref struct DriverReason(
    EvidenceModel model, (int Column, MetricSpec Metric)[] baselines, AssetMonitor monitor, ReadOnlySpan<float> evidence)
{
    public static readonly int TopicCount = Enum.GetValues<DriverTopic>().Length;

    /// <summary>Shares below this count as none.</summary>
    private const float LeastShare = 0.005f;

    private readonly ReadOnlySpan<float> _evidence = evidence;

    /// <param name="group">The group where no metric is concerned.</param>
    public Driver OfTopic(DriverTopic topic, string group, double share) => topic switch
    {
        DriverTopic.LimitPace when (monitor.UrgentLimit ?? monitor.FullestLimit) is { } limit => Limit(limit, share),
        DriverTopic.LimitRoom when monitor.FullestLimit is { } limit => Limit(limit, share),
        DriverTopic.ProbeFailure => Probe(group, share),
        DriverTopic.ProbeLatency => Furthest(m => m.Role == MetricRole.ProbeLatency, group, share),
        DriverTopic.Missing => new Driver(group, share, Missing()),
        DriverTopic.Pause => Furthest(m => m.Role == MetricRole.Pause, group, share),
        DriverTopic.Saturation => Furthest(m => m.Role == MetricRole.Saturation, group, share),
        DriverTopic.Error => Furthest(m => m.Role == MetricRole.Error, group, share),
        DriverTopic.Request => Furthest(m => m.Role == MetricRole.Request, group, share),
        DriverTopic.Unusual => Furthest(_ => true, group, share),
        _ => new Driver(group, share, ""),
    };

    /// <summary>The metric of the group that is furthest from the asset's own baseline, and by how much.</summary>
    public Driver OfGroup(string group, double share) => Furthest(m => m.Group == group, group, share);

    private Driver Limit(LimitReading reading, double share)
    {
        var metric = model.Profile.Metrics[reading.Metric];
        var limit = metric.Limit!;
        var whole = limit.Metric ?? "its limit";
        var text = limit.Remaining
            ? Format($"{metric.Name} leaves {100 * (1 - reading.Ratio):0} % of {whole}")
            : Format($"{metric.Name} at {100 * reading.Ratio:0} % of {whole}");
        if (reading.TimeToLimit is { } time) text += $", limit in {Span(time)}";
        return new Driver(metric.Group, share, text);
    }

    private Driver Probe(string group, double share)
    {
        if (monitor.FailingProbe is { } probe)
        {
            var metric = model.Profile.Metrics[probe.Metric];
            return new Driver(metric.Group, share, Format($"{metric.Name} failed {probe.FailureCount} {(probe.FailureCount == 1 ? "time" : "times in a row")}"));
        }
        var recent = Universal("probe_failed_slow");
        return new Driver(group, share, recent >= LeastShare ? Format($"health probe failed in {100 * recent:0} % of recent steps") : "");
    }

    private string Missing()
    {
        var steps = monitor.MissingStepCount;
        if (steps > 0) return Format($"no metrics for {steps} {(steps == 1 ? "step" : "steps")}");
        var recent = Universal("missing_slow");
        return recent >= LeastShare ? Format($"{100 * recent:0} % of recent metrics missing") : "";
    }

    private Driver Furthest(Func<MetricSpec, bool> wanted, string group, double share)
    {
        var best = -1;
        MetricSpec? metric = null;
        foreach (var (c, candidate) in baselines)
        {
            if (float.IsNaN(_evidence[c]) || !wanted(candidate)) continue;
            if (best < 0 || Math.Abs(_evidence[c]) > Math.Abs(_evidence[best])) (best, metric) = (c, candidate);
        }
        if (metric is null) return new Driver(group, share, "");
        var score = _evidence[best];
        return new Driver(metric.Group, share, Format($"{metric.Name} {Math.Abs(score):0.0} sd {(score < 0 ? "below" : "above")} its baseline"));
    }

    private float Universal(string name)
    {
        var columns = model.Layout.Columns;
        for (var c = 0; c < model.Layout.UniversalCount; c++)
            if (columns[c].Name == name) return _evidence[c];
        return float.NaN;
    }

    /// <summary>A span in its largest fitting unit, without fractions: <c>40 s</c>, <c>35 min</c>, <c>7 h</c>, <c>3 d</c>.</summary>
    private static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => Format($"{Math.Ceiling(span.TotalSeconds):0} s"),
        { TotalMinutes: < 120 } => Format($"{span.TotalMinutes:0} min"),
        { TotalHours: < 48 } => Format($"{span.TotalHours:0} h"),
        _ => Format($"{span.TotalDays:0} d"),
    };

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
