using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>Models as files in <c>models/</c>, everything else about them in SQLite.</summary>
internal sealed class EmbeddedModels(SqliteFile file, string folder, TimeProvider time) : IModelRegistry
{
    private const string Columns = "id, profile, created, state, sha256, size, summary";

    /// <summary>Hex digits of the digest in an identifier: 48 bits, one chance in 10^8 of a clash among a thousand models.</summary>
    private const int DigestDigits = 12;

    public Task<ModelRecord> AddAsync(string profile, ReadOnlyMemory<byte> bundle, string summaryJson, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(profile);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bundle.Span));
        var id = $"{profile}-{digest[..DigestDigits]}";
        return file.WriteAsync(session =>
        {
            if (Find(session, id) is { } there) return there;
            WriteBundle(id, bundle.Span);
            var model = new ModelRecord(id, profile, time.GetUtcNow(), ModelState.Candidate, digest, bundle.Length, summaryJson);
            session.Execute($"INSERT INTO model ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                id, profile, model.Created.UtcTicks, (int)model.State, digest, model.Size, summaryJson);
            return model;
        }, ct);
    }

    public async Task<IReadOnlyList<ModelRecord>> ListAsync(string? profile, CancellationToken ct = default) =>
        await file.ReadAsync(session => session.List(Read,
            $"SELECT {Columns} FROM model WHERE $1 IS NULL OR profile = $1 ORDER BY created DESC, id", profile), ct).ConfigureAwait(false);

    public Task<ModelRecord?> FindAsync(string id, CancellationToken ct = default) => file.ReadAsync(session => Find(session, id), ct);

    public async Task<byte[]> ReadBundleAsync(string id, CancellationToken ct = default)
    {
        var model = await file.ReadAsync(session => Get(session, id), ct).ConfigureAwait(false);
        var path = BundlePath(id);
        if (!File.Exists(path)) throw new StoreException(StoreFault.Damaged, $"{path}: the bundle of model {id} is missing");
        var bytes = await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false);
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (digest == model.Sha256) return bytes;
        throw new StoreException(StoreFault.Damaged, $"{path}: the bundle of model {id} is not the one that was added: {bytes.Length} bytes with SHA-256 {digest}, "
            + $"expected {model.Size} with {model.Sha256}");
    }

    public Task<ModelRecord?> ChampionAsync(string profile, CancellationToken ct = default) => file.ReadAsync(session => session.List(Read,
        $"SELECT {Columns} FROM model WHERE profile = $1 AND state = $2", profile, (int)ModelState.Champion).SingleOrDefault(), ct);

    public Task<ModelRecord> PromoteAsync(string id, string actor, CancellationToken ct = default) => file.WriteAsync(session =>
    {
        var model = Get(session, id);
        if (model.State == ModelState.Champion) return model;
        var below = session.Scalar("SELECT max(seq) FROM champion WHERE profile = $1", model.Profile);
        return Crown(session, model, actor, ChampionAction.Promote, below);
    }, ct);

    public Task<ModelRecord> RollbackAsync(string profile, string actor, CancellationToken ct = default) => file.WriteAsync(session =>
    {
        var below = session.Scalar("SELECT below FROM champion WHERE profile = $1 ORDER BY seq DESC LIMIT 1", profile);
        while (below is not null)
        {
            (var id, below) = session.List(r => (r.GetString(0), r.IsDBNull(1) ? null : (object)r.GetInt64(1)), "SELECT model, below FROM champion WHERE seq = $1", below).Single();
            if (Find(session, id) is { } model) return Crown(session, model, actor, ChampionAction.Rollback, below);
        }
        throw new InputException(profile, "has no champion before the present one to go back to");
    }, ct);

    public Task<ModelRecord> MarkAsync(string id, ModelState state, CancellationToken ct = default)
    {
        if (state == ModelState.Champion) throw new ArgumentException("a champion is made by promoting", nameof(state));
        return file.WriteAsync(session =>
        {
            var model = Get(session, id);
            if (model.State == ModelState.Champion) throw new InputException(id, "is the champion of its profile; promote another or roll back first");
            return SetState(session, model, state);
        }, ct);
    }

    public Task<bool> DeleteAsync(string id, CancellationToken ct = default) => file.WriteAsync(session =>
    {
        if (Find(session, id) is not { } model) return false;
        model.ThrowIfInUse();
        session.Execute("DELETE FROM model WHERE id = $1", id);
        // A crash before the commit leaves the row without its bundle, which the next attempt removes; the other order could leave a file for ever.
        File.Delete(BundlePath(id));
        return true;
    }, ct);

    public async Task<IReadOnlyList<ChampionChange>> ListChampionsAsync(string profile, CancellationToken ct = default) =>
        await file.ReadAsync(session => session.List(
            r => new ChampionChange(r.GetString(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero), (ChampionAction)r.GetInt32(2), r.GetString(3)),
            "SELECT model, at, action, actor FROM champion WHERE profile = $1 ORDER BY seq", profile), ct).ConfigureAwait(false);

    public Task<Lease?> TryLeaseAsync(string profile, string owner, TimeSpan duration, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return file.WriteAsync(session =>
        {
            if (FindLease(session, profile) is { } held && held.Owner != owner) return null;
            var lease = new Lease(profile, owner, time.GetUtcNow() + duration);
            session.Execute("INSERT OR REPLACE INTO lease VALUES ($1, $2, $3)", profile, owner, lease.Expires.UtcTicks);
            return lease;
        }, ct);
    }

    public Task<bool> ReleaseAsync(string profile, string owner, CancellationToken ct = default) => file.WriteAsync(session =>
    {
        var held = FindLease(session, profile)?.Owner == owner;
        if (held) session.Execute("DELETE FROM lease WHERE profile = $1", profile);
        return held;
    }, ct);

    public Task<Lease?> FindLeaseAsync(string profile, CancellationToken ct = default) => file.ReadAsync(session => FindLease(session, profile), ct);

    private ModelRecord Crown(Session session, ModelRecord model, string actor, ChampionAction action, object? below)
    {
        session.Execute("UPDATE model SET state = $2 WHERE profile = $1 AND state = $3", model.Profile, (int)ModelState.Retired, (int)ModelState.Champion);
        session.Execute("INSERT INTO champion (profile, model, at, action, actor, below) VALUES ($1, $2, $3, $4, $5, $6)",
            model.Profile, model.Id, time.GetUtcNow().UtcTicks, (int)action, actor, below);
        return SetState(session, model, ModelState.Champion);
    }

    private static ModelRecord SetState(Session session, ModelRecord model, ModelState state)
    {
        session.Execute("UPDATE model SET state = $2 WHERE id = $1", model.Id, (int)state);
        return model with { State = state };
    }

    private Lease? FindLease(Session session, string profile) => session.List(
        r => new Lease(profile, r.GetString(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero)),
        "SELECT owner, expires FROM lease WHERE profile = $1 AND expires > $2", profile, time.GetUtcNow().UtcTicks).SingleOrDefault();

    private static ModelRecord? Find(Session session, string id) =>
        session.List(Read, $"SELECT {Columns} FROM model WHERE id = $1", id).SingleOrDefault();

    private static ModelRecord Get(Session session, string id) =>
        Find(session, id) ?? throw new InputException(id, "there is no such model in the registry");

    private static ModelRecord Read(SqliteDataReader r) => new(
        r.GetString(0), r.GetString(1), new DateTimeOffset(r.GetInt64(2), TimeSpan.Zero), (ModelState)r.GetInt32(3), r.GetString(4), r.GetInt64(5), r.GetString(6));

    internal static string BundlePath(string folder, string id) => Path.Combine(folder, Uri.EscapeDataString(id) + ".zip");

    private string BundlePath(string id) => BundlePath(folder, id);

    /// <summary>The file is whole and on the disk before the row that names it: a crash between the two leaves only an unnamed file.</summary>
    private void WriteBundle(string id, ReadOnlySpan<byte> bundle)
    {
        var path = BundlePath(id);
        var temporary = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            Directory.CreateDirectory(folder);
            using (var target = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                target.Write(bundle);
                target.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException e)
        {
            File.Delete(temporary);
            throw new StoreException(StoreFault.Full, $"{path}: cannot be written: {e.Message}", e);
        }
    }
}
