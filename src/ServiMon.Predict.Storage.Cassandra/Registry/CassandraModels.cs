using Cassandra;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Registry;

/// <summary>
/// Models and champions of a profile in one partition that is changed by light-weight transactions alone: whatever changes the champion
/// changes the states of both models with it.
/// </summary>
internal sealed class CassandraModels(CqlSession session, TimeProvider time) : IModelRegistry
{
    /// <summary>Hex digits of the digest in an identifier, as in the embedded store.</summary>
    private const int DigestDigits = 12;

    /// <summary>Attempts against others that change the same profile.</summary>
    private const int Attempts = 20;

    private const string Columns = "SELECT id, profile, created, state, sha256, size, summary, chunk_count FROM model";

    private readonly BundleChunks _bundles = new(session);
    private readonly Leases _leases = new(session, time);

    public async Task<ModelRecord> AddAsync(string profile, ReadOnlyMemory<byte> bundle, string summaryJson, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(profile);
        var digest = BundleChunks.Digest(bundle.Span);
        var id = $"{profile}-{digest[..DigestDigits]}";
        if (await FindAsync(id, ct).ConfigureAwait(false) is { } there) return there;
        var chunks = await _bundles.WriteAsync(digest, bundle, ct).ConfigureAwait(false);
        var statement = await session.BindAsync(ct,
            "INSERT INTO model (profile, id, created, state, sha256, size, chunk_count, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS",
            profile, id, time.GetUtcNow().UtcTicks, (sbyte)ModelState.Candidate, digest, (long)bundle.Length, chunks, summaryJson).ConfigureAwait(false);
        await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false);
        return await FindAsync(id, ct).ConfigureAwait(false)
            ?? throw new StoreException(StoreFault.Unavailable, $"{session.Options.Place}: model {id} was not added in time; try again later");
    }

    public async Task<IReadOnlyList<ModelRecord>> ListAsync(string? profile, CancellationToken ct = default)
    {
        // A partition of champions without models does not occur: the champion is never removed.
        var rows = profile is null
            ? await session.ListAsync(Traffic.Registry, Read, ct, Columns).ConfigureAwait(false)
            : await session.ListAsync(Traffic.Registry, Read, ct, $"{Columns} WHERE profile = ?", profile).ConfigureAwait(false);
        return [.. rows.Select(r => r.Model).OrderByDescending(m => m.Created).ThenBy(m => m.Id, StringComparer.Ordinal)];
    }

    public async Task<ModelRecord?> FindAsync(string id, CancellationToken ct = default) => (await FindStoredAsync(id, ct).ConfigureAwait(false))?.Model;

    public async Task<byte[]> ReadBundleAsync(string id, CancellationToken ct = default)
    {
        var (model, chunks) = await FindStoredAsync(id, ct).ConfigureAwait(false) ?? throw NoSuchModel(id);
        return await _bundles.ReadAsync(model, chunks, ct).ConfigureAwait(false);
    }

    public async Task<ModelRecord?> ChampionAsync(string profile, CancellationToken ct = default)
    {
        var log = await LogAsync(profile, ct).ConfigureAwait(false);
        return log.Champion is { } id ? await FindAsync(id, ct).ConfigureAwait(false) : null;
    }

    public async Task<ModelRecord> PromoteAsync(string id, string actor, CancellationToken ct = default)
    {
        var model = await FindAsync(id, ct).ConfigureAwait(false) ?? throw NoSuchModel(id);
        return await ChangeAsync(model.Profile, log => log.Champion == id ? null : log.Promote(id, time.GetUtcNow().UtcTicks, actor), ct).ConfigureAwait(false);
    }

    public async Task<ModelRecord> RollbackAsync(string profile, string actor, CancellationToken ct = default)
    {
        var there = (await ListAsync(profile, ct).ConfigureAwait(false)).Select(m => m.Id).ToHashSet();
        return await ChangeAsync(profile, log => log.Rollback(time.GetUtcNow().UtcTicks, actor, there)
            ?? throw new InputException(profile, "has no champion before the present one to go back to"), ct).ConfigureAwait(false);
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken ct = default)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FindStoredAsync(id, ct).ConfigureAwait(false) is not var (model, chunks)) return false;
            model.ThrowIfInUse();
            var statement = await session.BindAsync(ct, "DELETE FROM model WHERE profile = ? AND id = ? IF state = ?", model.Profile, id, (sbyte)model.State).ConfigureAwait(false);
            if (await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false) != true) continue;
            // After the row: until then somebody may promote the model. What a crash leaves here is known by no one and only takes room.
            await _bundles.DeleteAsync(model.Sha256, chunks, ct).ConfigureAwait(false);
            return true;
        }
        throw FoughtOver(id);
    }

    public async Task<ModelRecord> MarkAsync(string id, ModelState state, CancellationToken ct = default)
    {
        if (state == ModelState.Champion) throw new ArgumentException("a champion is made by promoting", nameof(state));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var model = await FindAsync(id, ct).ConfigureAwait(false) ?? throw NoSuchModel(id);
            if (model.State == ModelState.Champion) throw new InputException(id, "is the champion of its profile; promote another or roll back first");
            if (model.State == state) return model;
            var statement = await session.BindAsync(ct, "UPDATE model SET state = ? WHERE profile = ? AND id = ? IF state = ?",
                (sbyte)state, model.Profile, id, (sbyte)model.State).ConfigureAwait(false);
            if (await session.TryAsync(Traffic.Registry, statement, ct).ConfigureAwait(false) == true) return model with { State = state };
        }
        throw FoughtOver(id);
    }

    public async Task<IReadOnlyList<ChampionChange>> ListChampionsAsync(string profile, CancellationToken ct = default) =>
        [.. (await LogAsync(profile, ct).ConfigureAwait(false)).Changes.Select(c => new ChampionChange(c.Model, new DateTimeOffset(c.At, TimeSpan.Zero), c.Action, c.Actor))];

    public Task<Lease?> TryLeaseAsync(string profile, string owner, TimeSpan duration, CancellationToken ct = default) => _leases.TryTakeAsync(profile, owner, duration, ct);

    public Task<bool> ReleaseAsync(string profile, string owner, CancellationToken ct = default) => _leases.ReleaseAsync(profile, owner, ct);

    public Task<Lease?> FindLeaseAsync(string profile, CancellationToken ct = default) => _leases.FindAsync(profile, ct);

    /// <summary>Adds a change of champion that was made from the newest log, and changes the states of the models with it.</summary>
    /// <param name="make">Null when nothing is to be changed.</param>
    private async Task<ModelRecord> ChangeAsync(string profile, Func<ChampionLog, ChampionLog?> make, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var log = await LogAsync(profile, ct).ConfigureAwait(false);
            if (make(log) is not { } next) return await ChampionOfAsync(log, ct).ConfigureAwait(false);
            var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
            batch.Add(await session.BindAsync(ct, $"UPDATE model SET champions = ?, revision = ? WHERE profile = ? IF revision = ?",
                next.Text, next.Revision, profile, log.Revision).ConfigureAwait(false));
            // Both on condition that they are there: a model that was deleted meanwhile must not come back as a row with a state alone.
            const string SetState = "UPDATE model SET state = ? WHERE profile = ? AND id = ? IF EXISTS";
            if (log.Champion is { } before && before != next.Champion)
                batch.Add(await session.BindAsync(ct, SetState, (sbyte)ModelState.Retired, profile, before).ConfigureAwait(false));
            batch.Add(await session.BindAsync(ct, SetState, (sbyte)ModelState.Champion, profile, next.Champion).ConfigureAwait(false));
            batch.SetConsistencyLevel(session.Options.Consistency.Registry);
            var applied = await session.TryAsync(Traffic.Registry, batch, ct).ConfigureAwait(false);
            // Where no answer came, the log tells: ours is the newest, or still is among those before it.
            if (applied == true || (applied is null && (await LogAsync(profile, ct).ConfigureAwait(false)).Changes.Contains(next.Changes[^1])))
                return await ChampionOfAsync(next, ct).ConfigureAwait(false);
            if (await FindAsync(next.Champion!, ct).ConfigureAwait(false) is null) throw NoSuchModel(next.Champion!);
        }
        throw FoughtOver(profile);
    }

    private async Task<ModelRecord> ChampionOfAsync(ChampionLog log, CancellationToken ct) =>
        await FindAsync(log.Champion!, ct).ConfigureAwait(false) ?? throw NoSuchModel(log.Champion!);

    private async Task<ChampionLog> LogAsync(string profile, CancellationToken ct)
    {
        var row = await session.FindSerialAsync(Traffic.Registry, ct, "SELECT DISTINCT champions, revision FROM model WHERE profile = ?", profile).ConfigureAwait(false);
        return ChampionLog.Parse(row?.GetValue<string>(0), row?.GetValue<int?>(1));
    }

    private async Task<(ModelRecord Model, int Chunks)?> FindStoredAsync(string id, CancellationToken ct)
    {
        // An identifier is the profile's name, a hyphen and the digest's first digits.
        if (id.Length <= DigestDigits + 1) return null;
        var row = await session.FindSerialAsync(Traffic.Registry, ct, $"{Columns} WHERE profile = ? AND id = ?", id[..^(DigestDigits + 1)], id).ConfigureAwait(false);
        return row is null ? null : Read(row);
    }

    private static (ModelRecord Model, int Chunks) Read(Row r) => (new ModelRecord(
        r.GetValue<string>(0), r.GetValue<string>(1), new DateTimeOffset(r.GetValue<long>(2), TimeSpan.Zero), (ModelState)r.GetValue<sbyte>(3),
        r.GetValue<string>(4), r.GetValue<long>(5), r.GetValue<string>(6)), r.GetValue<int>(7));

    private static InputException NoSuchModel(string id) => new(id, "there is no such model in the registry");

    private StoreException FoughtOver(string what) => new(StoreFault.Locked, $"{session.Options.Place}: others keep changing the registry of '{what}'; try again later");
}
