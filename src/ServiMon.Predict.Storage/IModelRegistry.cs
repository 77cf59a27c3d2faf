namespace ServiMon.Predict.Storage;

/// <summary>What a model is used for.</summary>
public enum ModelState
{
    /// <summary>Trained, not used.</summary>
    Candidate,

    /// <summary>Scores in the shadow of the champion.</summary>
    Challenger,

    /// <summary>Gives the predictions of its profile; at most one of a profile.</summary>
    Champion,

    /// <summary>No longer used.</summary>
    Retired,
}

/// <summary>A model bundle in the registry.</summary>
/// <param name="Id">The profile's name and the first 12 hex digits of the bundle's SHA-256.</param>
/// <param name="Sha256">Of the whole bundle, in lower-case hex.</param>
/// <param name="Size">Bytes of the bundle.</param>
/// <param name="SummaryJson">What the trainer wants to be listed: opaque to the registry.</param>
public sealed record ModelRecord(
    string Id, string Profile, DateTimeOffset Created, ModelState State, string Sha256, long Size, string SummaryJson)
{
    /// <exception cref="InputException">When something scores with it.</exception>
    public void ThrowIfInUse()
    {
        if (State is ModelState.Champion or ModelState.Challenger) throw new InputException(Id, $"is the {State.ToString().ToLowerInvariant()} of its profile and cannot be removed");
    }
}

/// <summary>How a profile got a champion.</summary>
public enum ChampionAction { Promote, Rollback }

/// <summary>One change of champion.</summary>
public sealed record ChampionChange(string ModelId, DateTimeOffset At, ChampionAction Action, string Actor);

/// <summary>The right to do something alone for a profile until a time.</summary>
public sealed record Lease(string Profile, string Owner, DateTimeOffset Expires);

/// <summary>Models by profile, the champion pointer with its history, and leases. Times come from the store's clock.</summary>
public interface IModelRegistry
{
    /// <summary>Adds a bundle as candidate. The same bytes again give the record that is there.</summary>
    Task<ModelRecord> AddAsync(string profile, ReadOnlyMemory<byte> bundle, string summaryJson, CancellationToken ct = default);

    /// <summary>All models of a profile, or of all profiles when null, newest first.</summary>
    Task<IReadOnlyList<ModelRecord>> ListAsync(string? profile, CancellationToken ct = default);

    /// <summary>Null when there is no such model.</summary>
    Task<ModelRecord?> FindAsync(string id, CancellationToken ct = default);

    /// <summary>The bundle's bytes, checked against the digest.</summary>
    /// <exception cref="InputException">When there is no such model.</exception>
    /// <exception cref="StoreException">When the bytes are not those that were added.</exception>
    Task<byte[]> ReadBundleAsync(string id, CancellationToken ct = default);

    /// <summary>The champion of a profile, or null.</summary>
    Task<ModelRecord?> ChampionAsync(string profile, CancellationToken ct = default);

    /// <summary>Makes a model the champion; the one before is retired. Promoting the champion changes nothing.</summary>
    /// <exception cref="InputException">When there is no such model.</exception>
    Task<ModelRecord> PromoteAsync(string id, string actor, CancellationToken ct = default);

    /// <summary>Takes the last promotion back; again, the one before it. Models that were deleted are passed over. Gives the champion there is now.</summary>
    /// <exception cref="InputException">When there is no champion before the present one.</exception>
    Task<ModelRecord> RollbackAsync(string profile, string actor, CancellationToken ct = default);

    /// <summary>Sets candidate, challenger or retired.</summary>
    /// <exception cref="InputException">When there is no such model, or it is the champion.</exception>
    /// <exception cref="ArgumentException">For <see cref="ModelState.Champion"/>: use <see cref="PromoteAsync"/>.</exception>
    Task<ModelRecord> MarkAsync(string id, ModelState state, CancellationToken ct = default);

    /// <summary>Removes a model with its bundle; its changes of champion stay listed. False when there is no such model.</summary>
    /// <exception cref="InputException">When it is the champion or a challenger: something scores with it.</exception>
    Task<bool> DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Every change of champion, oldest first, also of models that were deleted.</summary>
    Task<IReadOnlyList<ChampionChange>> ListChampionsAsync(string profile, CancellationToken ct = default);

    /// <summary>Takes the lease, or extends one's own; null when another owner holds it.</summary>
    Task<Lease?> TryLeaseAsync(string profile, string owner, TimeSpan duration, CancellationToken ct = default);

    /// <summary>Gives one's own lease back. False when it was not held.</summary>
    Task<bool> ReleaseAsync(string profile, string owner, CancellationToken ct = default);

    /// <summary>Who holds the lease now, or null.</summary>
    Task<Lease?> FindLeaseAsync(string profile, CancellationToken ct = default);
}
