using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Storage;

/// <summary>The probability of failing within a horizon, 0 to 1.</summary>
public readonly record struct HorizonProbability(TimeSpan Horizon, double Probability);

/// <summary>A prediction as it was given. It is known by profile, asset, time and model.</summary>
/// <param name="Time">The step that it was made for.</param>
/// <param name="EvidenceDigest">Tells whether a replay has the same evidence.</param>
/// <param name="Probabilities">By ascending horizon; empty when not ready.</param>
/// <param name="Detail">The reason, opaque to the store.</param>
/// <param name="Given">When it was given: what was known then.</param>
public sealed record LoggedPrediction(
    string Asset, DateTimeOffset Time, string ModelId, PredictionState State, PredictionBasis Basis, ulong EvidenceDigest,
    IReadOnlyList<HorizonProbability> Probabilities, string Detail, DateTimeOffset Given);

/// <summary>What followed a prediction within one of its horizons.</summary>
public sealed record LoggedOutcome(string Asset, DateTimeOffset Time, string ModelId, TimeSpan Horizon, bool Happened, DateTimeOffset Resolved);

/// <summary>Which predictions or outcomes to read.</summary>
public sealed record LogQuery
{
    public required string Profile { get; init; }

    /// <summary>Null (the default) for all assets.</summary>
    public IReadOnlyCollection<string>? Assets { get; init; }

    /// <summary>First time, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Last time, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Null (the default) for all models.</summary>
    public string? ModelId { get; init; }
}

/// <summary>A piece of saved state: opaque bytes under a key.</summary>
public sealed record StateSnapshot(string Key, ReadOnlyMemory<byte> Body);

/// <summary>Something that was done, by whom, to what.</summary>
public sealed record AuditLine(DateTimeOffset At, string Actor, string Action, string Subject, string Detail);

/// <summary>What the service said, what came of it, what it was in the middle of, and who did what.</summary>
public interface ILogStore
{
    /// <summary>Adds predictions, all or none. One that is there already stays as it was first given.</summary>
    /// <returns>How many were new.</returns>
    Task<long> AppendPredictionsAsync(string profile, IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct = default);

    /// <summary>Reads by time, then asset (ordinal), then model.</summary>
    IAsyncEnumerable<LoggedPrediction> ReadPredictionsAsync(LogQuery query, CancellationToken ct = default);

    /// <summary>Adds outcomes, all or none. A later one of the same prediction and horizon wins: incidents may be reported late.</summary>
    Task<AppendCount> AppendOutcomesAsync(string profile, IReadOnlyList<LoggedOutcome> outcomes, CancellationToken ct = default);

    /// <summary>Reads by time, then asset (ordinal), model and horizon.</summary>
    IAsyncEnumerable<LoggedOutcome> ReadOutcomesAsync(LogQuery query, CancellationToken ct = default);

    /// <summary>
    /// Removes predictions and outcomes of times before the cutoff, some at a time, so that writes of others come in between; when it is stopped,
    /// what was removed stays removed.
    /// </summary>
    /// <returns>How many predictions.</returns>
    Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default);

    /// <summary>Puts pieces of state under one scope (a profile and partition, say), all together or none: state and offsets belong together.</summary>
    Task PutStatesAsync(string scope, IReadOnlyList<StateSnapshot> states, CancellationToken ct = default);

    /// <summary>Null when there is none under that key.</summary>
    Task<StateSnapshot?> FindStateAsync(string scope, string key, CancellationToken ct = default);

    /// <summary>All pieces of a scope by key (ordinal), as of one moment.</summary>
    IAsyncEnumerable<StateSnapshot> ReadStatesAsync(string scope, CancellationToken ct = default);

    /// <summary>Removes some keys of a scope, or all when null.</summary>
    Task<long> DeleteStatesAsync(string scope, IReadOnlyCollection<string>? keys = null, CancellationToken ct = default);

    Task AppendAuditAsync(AuditLine line, CancellationToken ct = default);

    /// <summary>Reads from (inclusive) to (exclusive) by time, in the order of appending within one time.</summary>
    IAsyncEnumerable<AuditLine> ReadAuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken ct = default);
}
