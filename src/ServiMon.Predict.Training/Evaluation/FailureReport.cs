using System.Text.Json.Serialization;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>How good predicted probabilities were, in the form that report.json has.</summary>
public sealed record FailureReport
{
    public required string Profile { get; init; }

    /// <summary>How the test part was held out, for people: <c>20 folds by asset</c>.</summary>
    public required string Split { get; init; }

    public required int AssetCount { get; init; }

    /// <summary>Incidents of the replayed part.</summary>
    public required int IncidentCount { get; init; }

    public required long RowCount { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>One for each horizon, ascending.</summary>
    public required IReadOnlyList<HorizonScore> Horizons { get; init; }

    /// <summary>Composites, scored apart from their members; not there unless the profile asks for them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompositeReport? Composites { get; init; }

    /// <summary>What was fitted, one line for each model (one a fold): its basis and recipe, with what cross-validation said.</summary>
    public required IReadOnlyList<string> Models { get; init; }
}

/// <summary>How good predicted probabilities of composites were.</summary>
public sealed record CompositeReport
{
    public required int Count { get; init; }

    /// <summary>Incidents of composites in the replayed part.</summary>
    public required int IncidentCount { get; init; }

    public required long RowCount { get; init; }

    /// <summary>One for each horizon, ascending.</summary>
    public required IReadOnlyList<HorizonScore> Horizons { get; init; }

    /// <summary>What combining the members' probabilities would have scored, one for each horizon.</summary>
    public required IReadOnlyList<CombinedScore> Combined { get; init; }
}

/// <summary>1 - product of (1 - p) over the probabilities p of the members: right where a composite fails with any of its members, and these fail independently.</summary>
/// <param name="BrierSkill">1 - Brier / Brier of the rows' own base rate.</param>
public sealed record CombinedScore(string Horizon, long Count, double? Brier, double? BrierSkill);

/// <summary>Scores at one horizon over the rows that were answered; null where a score is not defined (one class only).</summary>
public sealed record HorizonScore
{
    public required string Horizon { get; init; }

    public required double Seconds { get; init; }

    public required long Count { get; init; }

    public required long Positives { get; init; }

    /// <summary>Rows without a probability.</summary>
    public required long Abstained { get; init; }

    /// <summary>Rows whose outcome is not known.</summary>
    public required long Censored { get; init; }

    /// <summary>Answered rows times the step, in days: what rates per asset-day refer to.</summary>
    public double AssetDays { get; init; }

    /// <summary>Answered rows that had no more than the base rate for an answer, as in warm-up.</summary>
    public long PriorCount { get; init; }

    public double? BaseRate { get; init; }

    public double? RocAuc { get; init; }

    public double? AveragePrecision { get; init; }

    public double? Brier { get; init; }

    /// <summary>1 - Brier / Brier of the answered rows' own base rate.</summary>
    public double? BrierSkill { get; init; }

    public double? LogLoss { get; init; }

    /// <summary>Log-loss, in nats, of answering every one of these rows with their own base rate.</summary>
    public double? BaseRateLogLoss { get; init; }

    /// <summary>Expected calibration error over 15 bins of equal mass.</summary>
    public double? CalibrationError { get; init; }

    /// <summary>95 % interval of the Brier skill by bootstrap over assets.</summary>
    public double? BrierSkillLow { get; init; }

    public double? BrierSkillHigh { get; init; }

    /// <summary>The same scores over the rows that a model answered, without those counted in <see cref="PriorCount"/>; null when there are none.</summary>
    public RowScores? ModelRows { get; init; }

    /// <summary>Count, mean probability and observed frequency of each calibration bin.</summary>
    public IReadOnlyList<CalibrationBin> Reliability { get; init; } = [];

    /// <summary>Incidents caught and lead times under budgets of false alarms.</summary>
    public IReadOnlyList<AlarmScore> Alarms { get; init; } = [];
}

/// <summary>One bin of the reliability diagram: predictions of about the same probability.</summary>
/// <param name="Count">Predictions in the bin.</param>
/// <param name="Probability">Their mean probability.</param>
/// <param name="Frequency">The share of them that an incident followed.</param>
public sealed record CalibrationBin(long Count, double Probability, double Frequency);

/// <summary>What alarms at a threshold would have caught, under one budget of false alarms.</summary>
/// <param name="Budget">False alarm episodes allowed per asset-day.</param>
/// <param name="Threshold">The probability at which an alarm goes off, or null when no threshold keeps the budget.</param>
/// <param name="Caught">Incidents with an alarm in the horizon before them.</param>
/// <param name="Incidents">Incidents that could have been caught.</param>
/// <param name="MedianLeadSeconds">Median time from the first such alarm to the incident.</param>
/// <param name="Vacuous">True when an alarm that is always on keeps the budget too, so that it says nothing.</param>
public sealed record AlarmScore(double Budget, double? Threshold, int Caught, int Incidents, double? MedianLeadSeconds, double FalseEpisodesPerAssetDay, bool Vacuous);
