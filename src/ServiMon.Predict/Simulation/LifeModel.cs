using System.Collections.Immutable;

namespace ServiMon.Predict.Simulation;

/// <summary>Why an asset degrades or fails.</summary>
public enum FaultMode
{
    None, MemoryLeak, DiskFill, GcThrash, FdLeak, CompactionBacklog, LinkLoss, Overheating, BearingWear, BrakeWear, SuddenDeath,
}

/// <summary>A way to degrade.</summary>
/// <param name="Mode">What it is.</param>
/// <param name="Process">How the level grows in the middle severity class.</param>
/// <param name="Weight">Share of the onsets that are of this mode, relative to the others.</param>
/// <param name="ReliefHours">Mean of the exponential time to relief (an operator clears it before it fails), hours.</param>
/// <param name="ReliefRestarts">True when relief is a restart, which also resets the counters.</param>
public sealed record FaultModel(FaultMode Mode, Degradation Process, double Weight, double ReliefHours, bool ReliefRestarts);

/// <summary>
/// How assets of a kind live: healthy for an exponential time, then one fault of a random mode and severity that ends in failure, in
/// relief or at planned maintenance; beside it sudden death of a Weibull hazard. Hours throughout.
/// </summary>
public sealed record LifeModel
{
    /// <summary>
    /// Speeds of a fault relative to its model, equally likely: the deciles 1, 3, 5, 7, 9 of a log-normal with sigma 0.6. Finitely many, so
    /// that the true probability is a finite sum.
    /// </summary>
    public static ImmutableArray<double> SeverityClasses { get; } = [0.4635, 0.7300, 1.0, 1.3698, 2.1576];

    public required ImmutableArray<FaultModel> Faults { get; init; }

    /// <summary>Mean healthy time before the onset of a fault.</summary>
    public required double OnsetHours { get; init; }

    /// <summary>Shape of the Weibull hazard of sudden death; 1 is a constant hazard.</summary>
    public double SuddenShape { get; init; } = 1;

    /// <summary>Scale of the same.</summary>
    public required double SuddenScaleHours { get; init; }

    /// <summary>Mean repair time; the time itself is gamma of shape 2.</summary>
    public double RepairHours { get; init; } = 1.5;

    /// <summary>Mean time between restarts that have no reason and no consequence but counters that start again.</summary>
    public double RestartHours { get; init; } = 150;

    /// <summary>Time between planned maintenance of an asset, about: uniform in 0.6 to 1.4 of it.</summary>
    public double MaintenanceIntervalHours { get; init; } = 120;

    /// <summary>Length of planned maintenance: uniform in 0.5 to 1.5 of it.</summary>
    public double MaintenanceHours { get; init; } = 1;

    /// <summary>True when a fault that reaches its failure level is relieved instead: telemetry then tells nothing of failures.</summary>
    public bool FaultsAreHarmless { get; init; }
}
