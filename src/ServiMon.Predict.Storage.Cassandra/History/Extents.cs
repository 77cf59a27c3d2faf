using System.Collections.Concurrent;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>What there is of an asset in one bucket.</summary>
internal readonly record struct Extent(int Bucket, long First, long Last, long RowCount);

/// <summary>
/// The extents of assets. They are written after the rows they tell of, so that a process that dies in between leaves rows that are not
/// told of, never the other way round; appending those rows again counts them.
/// </summary>
internal sealed class Extents(CqlSession session)
{
    /// <summary>Extents that are remembered: those of the buckets that a fleet is writing to now.</summary>
    private const int MostRemembered = 200_000;

    private readonly ConcurrentDictionary<(string Profile, string Asset, int Bucket), Extent> _remembered = new();
    private readonly ConcurrentDictionary<(string Profile, string Asset), byte> _listed = new();

    public async Task<Extent?> FindAsync(string profile, string asset, int bucket, CancellationToken ct)
    {
        if (_remembered.TryGetValue((profile, asset, bucket), out var there)) return there;
        var found = await session.ListAsync(Traffic.Registry, r => Read(r), ct,
            "SELECT bucket, first, last, row_count FROM history_extent WHERE profile = ? AND asset = ? AND bucket = ?", profile, asset, bucket).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>By bucket, which is by time.</summary>
    public Task<List<Extent>> ListAsync(string profile, string asset, int fromBucket, int toBucket, CancellationToken ct) => session.ListAsync(
        Traffic.Registry, r => Read(r), ct,
        "SELECT bucket, first, last, row_count FROM history_extent WHERE profile = ? AND asset = ? AND bucket >= ? AND bucket <= ?", profile, asset, fromBucket, toBucket);

    public async Task PutAsync(string profile, string asset, Extent extent, CancellationToken ct)
    {
        await session.ExecuteAsync(Traffic.HistoryWrite, ct, "INSERT INTO history_extent (profile, asset, bucket, first, last, row_count) VALUES (?, ?, ?, ?, ?, ?)",
            profile, asset, extent.Bucket, extent.First, extent.Last, extent.RowCount).ConfigureAwait(false);
        if (_remembered.Count >= MostRemembered) _remembered.Clear();
        _remembered[(profile, asset, extent.Bucket)] = extent;
        if (_listed.ContainsKey((profile, asset))) return;
        await session.ExecuteAsync(Traffic.Registry, ct, "INSERT INTO asset (profile, asset) VALUES (?, ?)", profile, asset).ConfigureAwait(false);
        _listed[(profile, asset)] = 0;
    }

    public Task RemoveAsync(string profile, string asset, int bucket, CancellationToken ct)
    {
        Forget(profile, asset, bucket);
        return session.ExecuteAsync(Traffic.HistoryWrite, ct, "DELETE FROM history_extent WHERE profile = ? AND asset = ? AND bucket = ?", profile, asset, bucket);
    }

    /// <summary>After a failure nobody knows what was written.</summary>
    public void Forget(string profile, string asset, int bucket) => _remembered.TryRemove((profile, asset, bucket), out _);

    /// <summary>Names of all assets that ever had rows, by name (ordinal).</summary>
    public async Task<List<string>> AssetsAsync(string profile, CancellationToken ct)
    {
        var names = await session.ListAsync(Traffic.Registry, r => r.GetValue<string>(0), ct, "SELECT asset FROM asset WHERE profile = ?", profile).ConfigureAwait(false);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static Extent Read(global::Cassandra.Row r) => new(r.GetValue<int>(0), r.GetValue<long>(1), r.GetValue<long>(2), r.GetValue<long>(3));
}
