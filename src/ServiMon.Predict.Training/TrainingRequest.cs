using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>Another fleet whose incidents help to train the universal part.</summary>
public sealed record PooledFleet(Profile Profile, FleetRecord Data);

/// <summary>Where a long piece of work stands: a stage's name and the share of it that is done, 0 to 1.</summary>
public sealed record TrainingProgress(string Stage, double Share);

/// <summary>What to train from.</summary>
public sealed record TrainingRequest
{
    /// <summary>Complete: its metrics are known (see <see cref="ProfileInference"/>).</summary>
    public required Profile Profile { get; init; }

    /// <summary>From memory (a <see cref="FleetRecord"/>) or from a store (<see cref="FleetInStore"/>).</summary>
    public required TrainingFleet Fleet { get; init; }

    /// <summary>Nothing from this time on is used, neither rows nor incidents; null for all there is.</summary>
    public DateTimeOffset? Until { get; init; }

    public IReadOnlyList<PooledFleet> Pool { get; init; } = [];

    /// <summary>Seed of every random choice. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How much of the fleet's history is read. Pooled fleets are in memory and read by the defaults.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>What the fleet was opened with, so that a run that is stopped can go on; null for one that starts from the beginning.</summary>
    public ReadingCheckpoint? Checkpoint { get; init; }
}
