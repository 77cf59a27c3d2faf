using System.Runtime.CompilerServices;
using Cassandra;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>
/// State by scope and key. Large pieces are written in chunks under a new version first; then one mutation of the scope's partition makes
/// all pieces of a put visible together. The chunks of a version are removed two puts later, so that who reads meanwhile finds them.
/// </summary>
internal sealed class StateTable(CqlSession session, TimeProvider time)
{
    /// <summary>Bytes up to which a piece lies in the row of its key.</summary>
    private const int InlineBytes = 2048;

    /// <summary>Bytes up to which it does when there are many: offsets, but no assets. A mutation may have 16 MB, and all keys of a put are one.</summary>
    private const int TightBytes = 64;

    /// <summary>Bytes of pieces in the rows of one put from which there are many.</summary>
    private const int MostInline = 1_000_000;

    /// <summary>Bytes of a chunk: cells above a megabyte strain a server's heap.</summary>
    private const int ChunkBytes = 512 * 1024;

    /// <summary>Keys asked for in one question.</summary>
    private const int KeysAtOnce = 200;

    /// <summary>Attempts to read a scope as of one moment while others write.</summary>
    private const int Attempts = 20;

    private const string Columns = "SELECT key, version, previous, chunk_count, body, revision FROM state WHERE scope = ?";

    private const string Revise = "UPDATE state SET revision = now() WHERE scope = ?";

    private long _version = time.GetUtcNow().UtcTicks;

    private sealed record Entry(string Key, long Version, long? Previous, int Chunks, byte[]? Body, Guid? Revision);

    public async Task PutAsync(string scope, IReadOnlyList<StateSnapshot> states, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var last = states.GroupBy(s => s.Key, StringComparer.Ordinal).Select(g => g.Last()).ToList();
        var before = (await EntriesAsync(scope, [.. last.Select(s => s.Key)], ct).ConfigureAwait(false)).ToDictionary(e => e.Key, StringComparer.Ordinal);
        var version = Next(before.Values);
        var inline = last.Where(s => s.Body.Length <= InlineBytes).Sum(s => (long)s.Body.Length) > MostInline ? TightBytes : InlineBytes;
        var chunks = await session.EachAsync(last, state => WriteChunksAsync(scope, state, version, inline, ct), ct).ConfigureAwait(false);
        var together = new List<BoundStatement> { await session.BindAsync(ct, Revise, scope).ConfigureAwait(false) };
        foreach (var (state, count) in last.Zip(chunks))
            together.Add(await session.BindAsync(ct, "INSERT INTO state (scope, key, version, previous, chunk_count, body) VALUES (?, ?, ?, ?, ?, ?)",
                scope, state.Key, version, before.TryGetValue(state.Key, out var old) ? old.Version : null, count, count == 0 ? state.Body.ToArray() : null).ConfigureAwait(false));
        await session.ExecuteTogetherAsync(Traffic.State, together, ct).ConfigureAwait(false);
        var outdated = before.Values.Where(e => e.Previous is not null).Select(e => (e.Key, e.Previous!.Value)).ToList();
        await RemoveChunksAsync(scope, outdated, ct).ConfigureAwait(false);
    }

    public async Task<StateSnapshot?> FindAsync(string scope, string key, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var entries = await EntriesAsync(scope, [key], ct).ConfigureAwait(false);
            if (entries.Count == 0) return null;
            if (await BodyAsync(scope, entries[0], ct).ConfigureAwait(false) is { } body) return new StateSnapshot(key, body);
        }
        throw Changing(scope);
    }

    public async IAsyncEnumerable<StateSnapshot> ReadAsync(string scope, [EnumeratorCancellation] CancellationToken ct)
    {
        var entries = await MomentAsync(scope, ct).ConfigureAwait(false);
        foreach (var group in entries.Chunk(session.Options.RequestsAtOnce))
        {
            var bodies = await session.EachAsync(group, entry => BodyAsync(scope, entry, ct), ct).ConfigureAwait(false);
            foreach (var (entry, body) in group.Zip(bodies)) yield return new StateSnapshot(entry.Key, body ?? throw Changing(scope));
        }
    }

    public async Task<long> DeleteAsync(string scope, IReadOnlyCollection<string>? keys, CancellationToken ct)
    {
        var there = keys is null ? await MomentAsync(scope, ct).ConfigureAwait(false) : await EntriesAsync(scope, keys, ct).ConfigureAwait(false);
        if (there.Count == 0) return 0;
        var together = new List<BoundStatement> { await session.BindAsync(ct, Revise, scope).ConfigureAwait(false) };
        foreach (var entry in there)
            together.Add(await session.BindAsync(ct, "DELETE FROM state WHERE scope = ? AND key = ?", scope, entry.Key).ConfigureAwait(false));
        await session.ExecuteTogetherAsync(Traffic.State, together, ct).ConfigureAwait(false);
        await RemoveChunksAsync(scope, [.. there.SelectMany(e => new[] { e.Previous, e.Chunks > 0 ? e.Version : null }.OfType<long>().Select(v => (e.Key, v)))], ct).ConfigureAwait(false);
        return there.Count;
    }

    /// <summary>All entries by key (ordinal) as of one moment: read again while the revision changes between the first page and the last.</summary>
    private async Task<List<Entry>> MomentAsync(string scope, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var entries = await session.ListAsync(Traffic.State, Read, ct, Columns, scope).ConfigureAwait(false);
            // A scope whose keys are all gone still has its static column, and then one row without a key.
            if (entries.Select(e => e.Revision).Distinct().Count() <= 1)
                return [.. entries.Where(e => e.Key is not null).OrderBy(e => e.Key, StringComparer.Ordinal)];
        }
        throw Changing(scope);
    }

    private async Task<List<Entry>> EntriesAsync(string scope, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        var found = await session.EachAsync([.. keys.Chunk(KeysAtOnce)], some => session.ListAsync(Traffic.State, Read, ct, $"{Columns} AND key IN ?", scope, some), ct).ConfigureAwait(false);
        return [.. found.SelectMany(f => f).Where(e => e.Key is not null)];
    }

    private async Task<int> WriteChunksAsync(string scope, StateSnapshot state, long version, int inline, CancellationToken ct)
    {
        if (state.Body.Length <= inline) return 0;
        var count = (state.Body.Length + ChunkBytes - 1) / ChunkBytes;
        for (var i = 0; i < count; i++)
            await session.ExecuteAsync(Traffic.State, ct, "INSERT INTO state_chunk (scope, key, version, number, body) VALUES (?, ?, ?, ?, ?)",
                scope, state.Key, version, i, state.Body.Slice(i * ChunkBytes, Math.Min(ChunkBytes, state.Body.Length - i * ChunkBytes)).ToArray()).ConfigureAwait(false);
        return count;
    }

    /// <summary>Null when the chunks of this version are gone.</summary>
    private async Task<byte[]?> BodyAsync(string scope, Entry entry, CancellationToken ct)
    {
        if (entry.Chunks == 0) return entry.Body ?? [];
        var chunks = await session.ListAsync(Traffic.State, r => r.GetValue<byte[]>(0), ct,
            "SELECT body FROM state_chunk WHERE scope = ? AND key = ? AND version = ?", scope, entry.Key, entry.Version).ConfigureAwait(false);
        return chunks.Count == entry.Chunks ? [.. chunks.SelectMany(c => c)] : null;
    }

    private async Task RemoveChunksAsync(string scope, List<(string Key, long Version)> versions, CancellationToken ct) =>
        await session.EachAsync(versions, async v =>
        {
            await session.ExecuteAsync(Traffic.State, ct, "DELETE FROM state_chunk WHERE scope = ? AND key = ? AND version = ?", scope, v.Key, v.Version).ConfigureAwait(false);
            return 0;
        }, ct).ConfigureAwait(false);

    /// <summary>Above every version there is, also when another process with a clock that is ahead wrote them.</summary>
    private long Next(IEnumerable<Entry> before)
    {
        var least = before.Select(e => e.Version).DefaultIfEmpty(0).Max() + 1;
        while (true)
        {
            var last = Volatile.Read(ref _version);
            var next = Math.Max(Math.Max(last + 1, least), time.GetUtcNow().UtcTicks);
            if (Interlocked.CompareExchange(ref _version, next, last) == last) return next;
        }
    }

    private static Entry Read(Row r) => new(r.GetValue<string>(0), r.GetValue<long?>(1) ?? 0, r.GetValue<long?>(2), r.GetValue<int?>(3) ?? 0, r.GetValue<byte[]>(4), r.GetValue<Guid?>(5));

    private StoreException Changing(string scope) => new(StoreFault.Locked, $"{session.Options.Place}: the state of '{scope}' changes faster than it can be read; try again");
}
