using System.Runtime.CompilerServices;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.History;

/// <summary>History as rows of all metrics of an asset, one partition for each asset and bucket of time.</summary>
internal sealed class CassandraHistory(CqlSession session, StrictReading strict) : IHistoryStore
{
    /// <summary>Assets whose extents are asked for at once while reading.</summary>
    private const int AssetsAhead = 32;

    private readonly long _bucketTicks = session.Options.HistoryBucket.Ticks;
    private readonly MetricColumns _metrics = new(session);
    private readonly Extents _extents = new(session);
    private BucketWriter? _writer;

    public async Task<AppendCount> AppendAsync(string profile, IReadOnlyList<AssetRows> rows, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(profile);
        foreach (var asset in rows)
            for (var i = 1; i < asset.Count; i++)
                if (asset.Ticks[i] <= asset.Ticks[i - 1])
                    throw new ArgumentException($"times of asset '{asset.Asset}' do not ascend at row {i}", nameof(rows));
        ct.ThrowIfCancellationRequested();
        var buckets = new List<BucketRows>();
        IReadOnlyList<string>? metrics = null;
        int[] numbers = [];
        foreach (var asset in rows.Where(r => r.Count > 0))
        {
            // The assets of a profile share their list of metrics.
            if (!ReferenceEquals(asset.Metrics, metrics)) numbers = await _metrics.NumbersAsync(profile, metrics = asset.Metrics, ct).ConfigureAwait(false);
            buckets.AddRange(Split(asset, numbers));
        }
        var writer = LazyInitializer.EnsureInitialized(ref _writer, () => new BucketWriter(session, _extents));
        var counts = await session.EachAsync(buckets, bucket => writer.WriteAsync(profile, bucket, ct), ct).ConfigureAwait(false);
        return counts.Aggregate(default(AppendCount), (sum, count) => sum + count);
    }

    public async IAsyncEnumerable<AssetRows> ReadAsync(HistoryQuery query, [EnumeratorCancellation] CancellationToken ct = default)
    {
        if (query.ChunkRows is < 1 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(query), query.ChunkRows, "ChunkRows is from 1 to 1,000,000");
        ct.ThrowIfCancellationRequested();
        var known = await _metrics.ListAsync(query.Profile, ct).ConfigureAwait(false);
        var metrics = query.Metrics ?? known;
        var parts = PartColumns.For(metrics, known);
        var ahead = new Queue<BucketReader>();
        await using var places = PlacesAsync(query, ct).GetAsyncEnumerator(ct);
        var more = await FillAsync().ConfigureAwait(false);
        RowPieces? pieces = null;
        while (ahead.TryDequeue(out var bucket))
        {
            if (pieces is null || pieces.Asset != bucket.Asset)
            {
                if (pieces?.Rest() is { } last) yield return last;
                pieces = new RowPieces(bucket.Asset, metrics, query.ChunkRows);
            }
            if (await bucket.ReadAsync(metrics).ConfigureAwait(false) is { } rows)
                for (var row = 0; row < rows.Count; row++)
                {
                    rows.Row(row).CopyTo(pieces.Add(rows.Ticks[row]));
                    if (pieces.IsFull) yield return pieces.Build();
                }
            if (more) more = await FillAsync().ConfigureAwait(false);
        }
        if (pieces?.Rest() is { } rest) yield return rest;

        async ValueTask<bool> FillAsync()
        {
            while (ahead.Count < session.Options.ReadsAhead)
            {
                if (!await places.MoveNextAsync().ConfigureAwait(false)) return false;
                ahead.Enqueue(new BucketReader(session, places.Current, parts, strict, ct));
            }
            return true;
        }
    }

    public async Task<IReadOnlyList<AssetExtent>> ListAssetsAsync(string profile, CancellationToken ct = default)
    {
        var names = await _extents.AssetsAsync(profile, ct).ConfigureAwait(false);
        var extents = await session.EachAsync(names, name => _extents.ListAsync(profile, name, 0, int.MaxValue, ct), ct).ConfigureAwait(false);
        return [.. names.Zip(extents).Where(a => a.Second.Count > 0)
            .Select(a => new AssetExtent(a.First, Time(a.Second[0].First), Time(a.Second[^1].Last), a.Second.Sum(e => e.RowCount)))];
    }

    public Task<IReadOnlyList<string>> ListMetricsAsync(string profile, CancellationToken ct = default) => _metrics.ListAsync(profile, ct);

    public async Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default)
    {
        var parts = (await _metrics.ListAsync(profile, ct).ConfigureAwait(false)).Count / MetricColumns.Width + 1;
        var names = await _extents.AssetsAsync(profile, ct).ConfigureAwait(false);
        var deleted = await session.EachAsync(names, async name =>
        {
            long rows = 0;
            foreach (var extent in await _extents.ListAsync(profile, name, 0, Bucket(cutoff.UtcTicks), ct).ConfigureAwait(false))
                if (extent.First < cutoff.UtcTicks)
                    rows += await DeleteBeforeAsync(profile, name, extent, cutoff.UtcTicks, parts, ct).ConfigureAwait(false);
            return rows;
        }, ct).ConfigureAwait(false);
        return deleted.Sum();
    }

    public async Task<long> DeleteAssetAsync(string profile, string asset, CancellationToken ct = default)
    {
        long rows = 0;
        foreach (var extent in await _extents.ListAsync(profile, asset, 0, int.MaxValue, ct).ConfigureAwait(false))
            rows += await DeleteBeforeAsync(profile, asset, extent, long.MaxValue, 0, ct).ConfigureAwait(false);
        return rows;
    }

    private async Task<long> DeleteBeforeAsync(string profile, string asset, Extent extent, long cutoff, int parts, CancellationToken ct)
    {
        if (extent.Last < cutoff)
        {
            // The extent goes last: as long as it is there the deletion can be done again.
            await session.ExecuteAsync(Traffic.HistoryWrite, ct, "DELETE FROM history WHERE profile = ? AND asset = ? AND bucket = ?", profile, asset, extent.Bucket).ConfigureAwait(false);
            await _extents.RemoveAsync(profile, asset, extent.Bucket, ct).ConfigureAwait(false);
            return extent.RowCount;
        }
        var kept = await session.ListAsync(Traffic.HistoryWrite, r => (Count: r.GetValue<long>(0), First: r.GetValue<long?>(1)), ct,
            "SELECT count(*), min(ticks) FROM history WHERE profile = ? AND asset = ? AND bucket = ? AND part = 0 AND ticks >= ?",
            profile, asset, extent.Bucket, cutoff).ConfigureAwait(false);
        for (var part = 0; part < parts; part++)
            await session.ExecuteAsync(Traffic.HistoryWrite, ct, "DELETE FROM history WHERE profile = ? AND asset = ? AND bucket = ? AND part = ? AND ticks < ?",
                profile, asset, extent.Bucket, part, cutoff).ConfigureAwait(false);
        // The last rows may have expired before their extent said so.
        if (kept[0].First is { } first) await _extents.PutAsync(profile, asset, extent with { First = first, RowCount = kept[0].Count }, ct).ConfigureAwait(false);
        else await _extents.RemoveAsync(profile, asset, extent.Bucket, ct).ConfigureAwait(false);
        return extent.RowCount - kept[0].Count;
    }

    /// <summary>The buckets to read, asset after asset in the order wanted.</summary>
    private async IAsyncEnumerable<BucketPlace> PlacesAsync(HistoryQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        if (From(query) >= To(query)) yield break;
        var assets = query.Assets ?? await _extents.AssetsAsync(query.Profile, ct).ConfigureAwait(false);
        var (first, last) = (Bucket(From(query)), Bucket(To(query) - 1));
        foreach (var group in assets.Chunk(AssetsAhead))
        {
            var extents = await session.EachAsync(group, asset => _extents.ListAsync(query.Profile, asset, first, last, ct), ct).ConfigureAwait(false);
            foreach (var (asset, known) in group.Zip(extents))
                foreach (var extent in known)
                    if (extent.Last >= From(query) && extent.First < To(query))
                        yield return new BucketPlace(query.Profile, asset, extent.Bucket, From(query), To(query), extent.First >= From(query) && extent.Last < To(query) ? extent.RowCount : 0);
        }
    }

    private IEnumerable<BucketRows> Split(AssetRows rows, int[] numbers)
    {
        for (var from = 0; from < rows.Count;)
        {
            var bucket = Bucket(rows.Ticks[from]);
            var end = Array.BinarySearch(rows.Ticks, (bucket + 1L) * _bucketTicks);
            var to = end >= 0 ? end : ~end;
            yield return new BucketRows(rows, numbers, bucket, from, to);
            from = to;
        }
    }

    private int Bucket(long ticks) => (int)Math.Clamp(ticks / _bucketTicks, 0, int.MaxValue);

    private static long From(HistoryQuery query) => query.From?.UtcTicks ?? 0;

    private static long To(HistoryQuery query) => query.To?.UtcTicks ?? long.MaxValue;

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
