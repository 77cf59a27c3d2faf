namespace ServiMon.Predict.Training.Evaluation;

/// <summary>Scores over a set of answered rows at one horizon; null where a score is not defined (one class only).</summary>
public sealed record RowScores
{
    public required long Count { get; init; }

    public required long Positives { get; init; }

    public required double BaseRate { get; init; }

    public double? RocAuc { get; init; }

    public double? AveragePrecision { get; init; }

    public required double Brier { get; init; }

    /// <summary>1 - Brier / Brier of these rows' own base rate.</summary>
    public double? BrierSkill { get; init; }

    /// <summary>95 % interval of the Brier skill by bootstrap over assets.</summary>
    public double? BrierSkillLow { get; init; }

    public double? BrierSkillHigh { get; init; }

    public required double LogLoss { get; init; }

    /// <summary>Log-loss, in nats, of answering every row with these rows' own base rate.</summary>
    public required double BaseRateLogLoss { get; init; }

    /// <summary>Expected calibration error over 15 bins of equal mass.</summary>
    public required double CalibrationError { get; init; }
}
