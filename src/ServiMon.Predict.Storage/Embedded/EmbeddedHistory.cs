using System.Runtime.CompilerServices;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>History as compressed blocks of columns in SQLite.</summary>
internal sealed class EmbeddedHistory : IHistoryStore
{
    /// <summary>Assets in one transaction of a removal: some tens of milliseconds, for which other writers wait.</summary>
    private const int AssetsPerDelete = 8;

    private readonly SqliteFile _file;

    /// <summary>Identifiers that the writer has seen: only touched under the write gate.</summary>
    private readonly Dictionary<(long Profile, string Name), int> _metricIds = [];

    public EmbeddedHistory(SqliteFile file)
    {
        _file = file;
        file.RolledBack += _metricIds.Clear;
    }

    public Task<AppendCount> AppendAsync(string profile, IReadOnlyList<AssetRows> rows, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(profile);
        foreach (var asset in rows)
            for (var i = 1; i < asset.Count; i++)
                if (asset.Ticks[i] <= asset.Ticks[i - 1])
                    throw new ArgumentException($"times of asset '{asset.Asset}' do not ascend at row {i}", nameof(rows));
        if (rows.All(r => r.Count == 0)) return Task.FromResult(default(AppendCount));
        return _file.WriteAsync(session =>
        {
            session.Execute("INSERT OR IGNORE INTO profile (name) VALUES ($1)", profile);
            var profileId = session.Count("SELECT id FROM profile WHERE name = $1", profile);
            var count = default(AppendCount);
            foreach (var asset in rows.Where(r => r.Count > 0))
            {
                ct.ThrowIfCancellationRequested();
                var ids = asset.Metrics.Select(m => MetricId(session, profileId, m)).ToArray();
                count += new AssetBlocks(session, _file.Path, profileId, asset.Asset).Append(BlockMerge.FromRows(asset, ids));
            }
            return count;
        }, ct);
    }

    public async IAsyncEnumerable<AssetRows> ReadAsync(HistoryQuery query, [EnumeratorCancellation] CancellationToken ct = default)
    {
        if (query.ChunkRows is < 1 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(query), query.ChunkRows, "ChunkRows is from 1 to 1,000,000");
        var known = await ReadMetricsAsync(query.Profile, ct).ConfigureAwait(false);
        var metrics = query.Metrics ?? [.. known.Select(m => m.Name)];
        var columnsOf = known.ToDictionary(m => m.Id, m => Enumerable.Range(0, metrics.Count).Where(c => metrics[c] == m.Name).ToArray());
        var assets = await ReadAssetsAsync(query.Profile, query.Assets, ct).ConfigureAwait(false);
        var ids = assets.ToDictionary(a => a.Extent.Asset, a => a.Id, StringComparer.Ordinal);
        var from = query.From?.UtcTicks ?? long.MinValue;
        var to = query.To?.UtcTicks ?? long.MaxValue;
        foreach (var asset in query.Assets ?? [.. assets.Select(a => a.Extent.Asset)])
        {
            if (!ids.TryGetValue(asset, out var id)) continue;
            var pieces = new PieceBuilder(asset, metrics, columnsOf, query.ChunkRows);
            // The block that holds the first wanted time starts before it: blocks do not overlap, so it is the last one that does.
            var blocks = _file.StreamAsync(session => session.Query(
                """
                SELECT first, last, body FROM block WHERE asset = $1 AND first < $3 AND last >= $2
                    AND first >= coalesce((SELECT max(first) FROM block WHERE asset = $1 AND first <= $2), $2)
                ORDER BY first
                """, id, from, to), reader => AssetBlocks.Decode(_file.Path, asset, id, reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)), ct);
            await foreach (var block in blocks.ConfigureAwait(false))
                foreach (var piece in pieces.Add(block, from, to)) yield return piece;
            if (pieces.Rest() is { } rest) yield return rest;
        }
    }

    public async Task<IReadOnlyList<AssetExtent>> ListAssetsAsync(string profile, CancellationToken ct = default) =>
        [.. (await ReadAssetsAsync(profile, null, ct).ConfigureAwait(false)).Select(a => a.Extent)];

    public async Task<IReadOnlyList<string>> ListMetricsAsync(string profile, CancellationToken ct = default) =>
        [.. (await ReadMetricsAsync(profile, ct).ConfigureAwait(false)).Select(m => m.Name)];

    public async Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default)
    {
        var old = (await ReadAssetsAsync(profile, null, ct).ConfigureAwait(false)).Where(a => a.Extent.First < cutoff).Select(a => a.Extent.Asset);
        long deleted = 0;
        foreach (var some in old.Chunk(AssetsPerDelete))
            deleted += await _file.WriteAsync(session =>
            {
                var profileId = session.Count("SELECT id FROM profile WHERE name = $1", profile);
                return some.Sum(name => new AssetBlocks(session, _file.Path, profileId, name).DeleteBefore(cutoff.UtcTicks));
            }, ct).ConfigureAwait(false);
        return deleted;
    }

    public Task<long> DeleteAssetAsync(string profile, string asset, CancellationToken ct = default) => _file.WriteAsync(session =>
    {
        var profileId = session.Count("SELECT id FROM profile WHERE name = $1", profile);
        return new AssetBlocks(session, _file.Path, profileId, asset).DeleteBefore(long.MaxValue);
    }, ct);

    private Task<List<(long Id, AssetExtent Extent)>> ReadAssetsAsync(string profile, IReadOnlyCollection<string>? names, CancellationToken ct) => _file.ReadAsync(session => session.List(
        r => (r.GetInt64(0), new AssetExtent(r.GetString(1), Time(r.GetInt64(2)), Time(r.GetInt64(3)), r.GetInt64(4))),
        $"""
        SELECT a.id, a.name, a.first, a.last, a.row_count FROM asset a JOIN profile p ON p.id = a.profile
        WHERE p.name = $1 AND {(names is null ? "$2 IS NULL" : "a.name IN (SELECT value FROM json_each($2))")} ORDER BY a.name
        """, profile, JsonNames.Of(names)), ct);

    private Task<List<(int Id, string Name)>> ReadMetricsAsync(string profile, CancellationToken ct) => _file.ReadAsync(session => session.List(
        r => (r.GetInt32(0), r.GetString(1)),
        "SELECT m.id, m.name FROM metric m JOIN profile p ON p.id = m.profile WHERE p.name = $1 ORDER BY m.id", profile), ct);

    private int MetricId(Session session, long profile, string name)
    {
        if (_metricIds.TryGetValue((profile, name), out var id)) return id;
        session.Execute("INSERT OR IGNORE INTO metric (profile, name) VALUES ($1, $2)", profile, name);
        id = (int)session.Count("SELECT id FROM metric WHERE profile = $1 AND name = $2", profile, name);
        _metricIds.Add((profile, name), id);
        return id;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
