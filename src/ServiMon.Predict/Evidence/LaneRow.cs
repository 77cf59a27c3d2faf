namespace ServiMon.Predict.Evidence;

/// <summary>What is kept for a lane, a float each. Which of them: <see cref="ILaneKind"/>.</summary>
internal enum LaneRow
{
    // Exponentially weighted means at the three half-lives, and the weight seen so far.
    MeanFast, MeanMiddle, MeanSlow,
    WeightFast, WeightMiddle, WeightSlow,

    // The asset's own baseline: a mean over its first steps that then follows very slowly.
    BaselineMean, BaselineVariance, BaselineCount,

    /// <summary>The last value that was there.</summary>
    Last,

    /// <summary>Steps since the value changed; for events, since the last event.</summary>
    SinceChange,

    // Exponentially weighted variances.
    VarianceFast, VarianceMiddle, VarianceSlow,

    /// <summary>Exponentially weighted mean absolute deviation at the slow half-life.</summary>
    AbsoluteDeviation,

    // Cumulative sums against the baseline, upwards and downwards (Page 1954).
    CusumUp, CusumDown,

    /// <summary>Exponentially weighted share of missing values at the middle half-life.</summary>
    MissingShare,

    /// <summary>The least spread that a deviation is divided by; of lanes that are no metric it is a constant of the model.</summary>
    Floor,

    End,
}

/// <summary>What is kept for lanes of a kind: means and weights always.</summary>
internal interface ILaneKind
{
    static abstract bool HasBaseline { get; }

    /// <summary>The last value, and for how long it has been that.</summary>
    static abstract bool HasRuns { get; }

    /// <summary>All that is told of a metric.</summary>
    static abstract bool HasScores { get; }
}

/// <summary>Metrics.</summary>
internal readonly struct MetricKindOfLane : ILaneKind
{
    public static bool HasBaseline => true;

    public static bool HasRuns => true;

    public static bool HasScores => true;
}

/// <summary>Used / limit, latencies of probes, saturation, requests: what is told of them is how far they have risen.</summary>
internal readonly struct RatioKindOfLane : ILaneKind
{
    public static bool HasBaseline => true;

    public static bool HasRuns => true;

    public static bool HasScores => false;
}

/// <summary>Failed probes, pauses, errors and missing metrics, as shares.</summary>
internal readonly struct ShareKindOfLane : ILaneKind
{
    public static bool HasBaseline => false;

    public static bool HasRuns => true;

    public static bool HasScores => false;
}

/// <summary>Anomaly levels.</summary>
internal readonly struct AnomalyKindOfLane : ILaneKind
{
    public static bool HasBaseline => true;

    public static bool HasRuns => false;

    public static bool HasScores => false;
}
