namespace ServiMon.Predict.Scoring;

/// <summary>What detectors find in the metrics of an asset.</summary>
public enum FindingKind
{
    /// <summary>A value that clean data would bring no more often than was allowed; of several in a row the first.</summary>
    Spike,

    /// <summary>The level has changed, since a time that is told.</summary>
    Changepoint,

    /// <summary>The level has moved slowly away from its past.</summary>
    Drift,

    /// <summary>One value is repeated for far longer than ever before.</summary>
    Stuck,

    /// <summary>No value comes any more, for longer than the profile allows, though other metrics of the asset have theirs.</summary>
    Missing,

    /// <summary>The metrics do not go together as they did; the one that contributes most is named.</summary>
    Apart,
}

/// <summary>One thing found, at the step at which it became known.</summary>
/// <param name="Metric">Index in the profile.</param>
/// <param name="Ticks">UTC, 100 ns: the newest row in that step. Nothing after it was looked at.</param>
/// <param name="LocationTicks">When it began, where that is another time: the first row of the new level, of the repeated value, or of the gap.</param>
/// <param name="Value">The metric's value at the step, after rate and scale; NaN for missing.</param>
/// <param name="Score">
/// Spikes and changepoints: novelty. Drift: its cumulative sum in deviations. Stuck, missing: steps so far. Apart: root mean square of what common directions leave, in
/// deviations. Higher is more anomalous; scores of different kinds do not compare.
/// </param>
/// <param name="PValue">Spikes, changepoints and apart: in (0, 1]; else NaN.</param>
/// <param name="Share">Apart: the metric's share of what is unexplained, 0 to 1; else NaN.</param>
public readonly record struct Finding(FindingKind Kind, int Metric, long Ticks, long? LocationTicks, double Value, double Score, double PValue, double Share);
