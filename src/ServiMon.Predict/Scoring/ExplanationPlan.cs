using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>What explaining the predictions of one model needs of its columns. Immutable.</summary>
internal sealed class ExplanationPlan
{
    private readonly EvidenceModel _evidence;
    private readonly HazardModel _hazard;
    private readonly int[] _partOf;

    public ExplanationPlan(ScoringModel model)
    {
        (_evidence, _hazard) = (model.Evidence, model.Hazard);
        var columns = _evidence.Layout.Columns;
        _partOf = new int[columns.Length];
        var baselines = new List<(int, MetricSpec)>();
        for (var c = 0; c < columns.Length; c++)
        {
            var column = columns[c];
            _partOf[c] = column.Part is EvidencePart.Mechanism or EvidencePart.Universal
                ? (int)TopicOf(column.Name)
                : DriverReason.TopicCount + _hazard.ColumnGroup[c];
            if (c >= _evidence.Layout.UniversalCount && column.Metric >= 0 && column.Name.EndsWith(LaneEvidence.BaselineScore, StringComparison.Ordinal))
                baselines.Add((c, _evidence.Profile.Metrics[column.Metric]));
        }
        BaselineColumns = [.. baselines];
        PartCount = DriverReason.TopicCount + _hazard.Groups.Length;
    }

    /// <summary>Parts that the evidence is taken apart into: the topics, then the functional groups.</summary>
    public int PartCount { get; }

    /// <summary>The part of each column.</summary>
    public ReadOnlySpan<int> PartOf => _partOf;

    /// <summary>Columns that tell how far a metric is from its own baseline, each with its metric.</summary>
    public (int Column, MetricSpec Metric)[] BaselineColumns { get; }

    public bool IsOf(ScoringModel model) => ReferenceEquals(model.Evidence, _evidence) && ReferenceEquals(model.Hazard, _hazard);

    /// <summary>What a column of the universal evidence is about, by the first word of its name.</summary>
    public static DriverTopic TopicOf(string column) => column[..(column.IndexOf('_') is > 0 and var cut ? cut : column.Length)] switch
    {
        "urgency" or "reach" => DriverTopic.LimitPace,
        "limit" => DriverTopic.LimitRoom,
        "probe" => column.Contains("latency", StringComparison.Ordinal) ? DriverTopic.ProbeLatency : DriverTopic.ProbeFailure,
        "missing" => DriverTopic.Missing,
        "pause" => DriverTopic.Pause,
        "saturation" => DriverTopic.Saturation,
        "error" => DriverTopic.Error,
        "request" => DriverTopic.Request,
        _ => DriverTopic.Unusual,
    };
}
