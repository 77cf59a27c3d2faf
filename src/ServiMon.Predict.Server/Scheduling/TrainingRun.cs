using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>How a training run stands.</summary>
public enum TrainingRunState
{
    Running,

    /// <summary>Ended with a model in the registry.</summary>
    Succeeded,

    /// <summary>Ended without one.</summary>
    Failed,

    /// <summary>Stopped: the service ends, or the right to train was lost.</summary>
    Cancelled,
}

/// <summary>What is asked of a training run.</summary>
/// <param name="Profile">Name of a configured profile.</param>
/// <param name="Actor">Who asks: <c>schedule</c>, or a person or program.</param>
/// <param name="Seed">Seed of every random choice.</param>
/// <param name="KeepCandidate">True to leave the new model a candidate, whatever the comparison says.</param>
public sealed record TrainingOrder(string Profile, string Actor, ulong Seed, bool KeepCandidate);

/// <summary>What came of a training run.</summary>
/// <param name="Promoted">True when the model became champion.</param>
/// <param name="Message">What was decided and why, for people.</param>
/// <param name="Comparison">Null when there was no champion to compare with, or nothing held out.</param>
public sealed record TrainingOutcome(string ModelId, bool Promoted, string Message, ModelComparison? Comparison);

/// <summary>One training of one profile as it stands. Immutable.</summary>
public sealed record TrainingRun
{
    public required string Id { get; init; }

    public required TrainingOrder Order { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public TrainingRunState State { get; init; }

    /// <summary>What is being done, for people.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Share of the stage that is done, 0 to 1.</summary>
    public double StageShare { get; init; }

    /// <summary>Null until it has succeeded.</summary>
    public TrainingOutcome? Outcome { get; init; }

    /// <summary>What came of it, for people; empty while it runs.</summary>
    public string Message { get; init; } = "";
}
