using System.Collections.Immutable;

namespace ServiMon.Predict.Hazard;

/// <summary>
/// The hazard of one bucket: the probability of failing within it, given survival up to its start. Learned: the mean log-odds of the
/// components, calibrated, then mixed with the base hazard. Without components: the base hazard, moved by <see cref="Anomaly"/> if there is one.
/// </summary>
public sealed record BucketHazard
{
    /// <summary>The hazard of the whole fleet in this bucket, in (0, 1).</summary>
    public required double Base { get; init; }

    /// <summary>Fitted scores; empty when nothing could be learned.</summary>
    public ImmutableArray<IRiskScore> Components { get; init; } = [];

    /// <summary>From the mean score to a probability; needed when there are components.</summary>
    public ICalibration? Calibration { get; init; }

    /// <summary>Weight of the learned hazard, 0 to 1; the base hazard has the rest. Mixing probabilities keeps their mean.</summary>
    public double LearnedWeight { get; init; } = 1;

    /// <summary>Hazard ratio by unsupervised evidence, used only without components.</summary>
    public AnomalyRatio? Anomaly { get; init; }

    public PredictionBasis Basis =>
        Components.Length > 0 ? PredictionBasis.Learned : Anomaly is not null ? PredictionBasis.Evidence : PredictionBasis.Prior;

    /// <summary>Columns of the evidence vector that are read.</summary>
    public int Width => Math.Max(Components.Length == 0 ? 0 : Components.Max(c => c.Width), Anomaly is null ? 0 : Anomaly.Column + 1);

    /// <summary>The mean log-odds of the components, before calibration.</summary>
    public double Score(ReadOnlySpan<float> evidence)
    {
        var sum = 0.0;
        foreach (var component in Components) sum += component.Score(evidence);
        return sum / Components.Length;
    }

    /// <summary>The hazard in [<see cref="LogOdds.Margin"/>, 1 - <see cref="LogOdds.Margin"/>].</summary>
    public double Hazard(ReadOnlySpan<float> evidence)
    {
        if (Components.Length > 0) return Calibrated(Score(evidence));
        // A hazard ratio r multiplies the cumulative hazard: survival S becomes S^r (proportional hazards).
        return LogOdds.Clip(Anomaly is null ? Base : 1 - Math.Pow(1 - Base, Anomaly.Ratio(evidence)));
    }

    /// <summary>The hazard of a mean score.</summary>
    public double Calibrated(double score) =>
        LogOdds.Clip(LearnedWeight * Calibration!.Probability(score) + (1 - LearnedWeight) * Base);
}
