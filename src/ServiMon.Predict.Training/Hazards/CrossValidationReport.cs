using System.Collections.Immutable;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>One way of fitting that was tried.</summary>
/// <param name="Name">What it is, with the strength that cross-validation chose.</param>
/// <param name="LogLoss">Weighted mean log-loss a row, summed over buckets, out of fold and calibrated out of fold.</param>
/// <param name="StandardError">Standard error, over groups, of its difference from the base rate.</param>
/// <param name="Skill">1 - LogLoss / the base rate's: above 0 is better than the base rate.</param>
public sealed record CandidateScore(string Name, double LogLoss, double StandardError, double Skill);

/// <summary>Out-of-fold quality at one horizon, on the rows whose outcome is known there.</summary>
/// <param name="Seconds">The horizon.</param>
/// <param name="RowCount">Rows scored.</param>
/// <param name="IncidentCount">Distinct incidents among the positive rows.</param>
/// <param name="BaseRate">Weighted share of positive rows.</param>
/// <param name="LogLoss">Weighted mean, natural logarithm.</param>
/// <param name="BrierSkill">1 - Brier score / that of the constant <paramref name="BaseRate"/>; NaN without both labels.</param>
/// <param name="AreaUnderCurve">Of the receiver operating characteristic; NaN without both labels.</param>
/// <param name="CalibrationError">Expected calibration error over ten bins of equal weight.</param>
/// <param name="ExpectedOverObserved">Sum of probabilities over sum of outcomes; NaN without a positive row.</param>
public sealed record HorizonMetrics(
    double Seconds, int RowCount, int IncidentCount, double BaseRate, double LogLoss, double BrierSkill,
    double AreaUnderCurve, double CalibrationError, double ExpectedOverObserved);

/// <summary>What was tried, what it scored, what was chosen and why.</summary>
public sealed record CrossValidationReport
{
    /// <summary>Folds used; 0 when there were too few incidents to cross-validate.</summary>
    public required int FoldCount { get; init; }

    /// <summary>True when the pooled fleets' rows were evaluated too, as the fleet's own incidents were too few.</summary>
    public required bool EvaluatedOnPooled { get; init; }

    public required int OwnRowCount { get; init; }

    public required int OwnIncidentCount { get; init; }

    public required int PooledRowCount { get; init; }

    public required int PooledIncidentCount { get; init; }

    /// <summary>Simplest first; the base rate is always the first when there was a cross-validation.</summary>
    public required ImmutableArray<CandidateScore> Candidates { get; init; }

    /// <summary>The name of the one chosen.</summary>
    public required string Chosen { get; init; }

    public required PredictionBasis Basis { get; init; }

    /// <summary>Out-of-fold metrics of the model as a whole; empty without a cross-validation.</summary>
    public required ImmutableArray<HorizonMetrics> Horizons { get; init; }

    /// <summary>Whole sentences for people: fallbacks, shrinkage, calibration.</summary>
    public required ImmutableArray<string> Notes { get; init; }
}

/// <summary>An ML.NET model as <c>MLContext.Model.Save</c> writes it.</summary>
/// <param name="Name">For example <c>bucket-1-trees</c>: letters, digits and dashes.</param>
/// <param name="Zip">Its bytes; equal for equal models.</param>
public sealed record MlNetModel(string Name, ImmutableArray<byte> Zip);

/// <summary>A fitted hazard model with what is kept about its making.</summary>
/// <param name="Model">The pure evaluator.</param>
/// <param name="MlNetModels">The ML.NET models that <paramref name="Model"/> was taken from; empty when nothing was learned.</param>
/// <param name="Report">Cross-validation.</param>
public sealed record TrainedHazard(HazardModel Model, ImmutableArray<MlNetModel> MlNetModels, CrossValidationReport Report);
