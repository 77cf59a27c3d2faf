using System.Runtime.CompilerServices;
using Cassandra;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>What predictions and outcomes have in common: tables by bucket of time and shard, read as one in the order of their keys.</summary>
/// <param name="Name">The table; also what its buckets are listed under.</param>
/// <param name="KeyColumns">The clustering columns after the time.</param>
/// <param name="Columns">What a row is made from.</param>
/// <param name="Compare">The order of rows.</param>
internal sealed record LogShape<T>(string Name, string KeyColumns, string Columns, Func<Row, T> Make, Comparison<T> Compare);

/// <summary>One table of the log.</summary>
internal sealed class LogTable<T>(CqlSession session, LogPartitions partitions, LogShape<T> shape)
{
    /// <summary>Reads from all shards at once, bucket after bucket: memory is bounded by two pages for each shard.</summary>
    public async IAsyncEnumerable<T> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        long from = query.From?.UtcTicks ?? 0, to = query.To?.UtcTicks ?? long.MaxValue;
        if (from >= to) yield break;
        var buckets = await partitions.BucketsAsync(shape.Name, query.Profile, partitions.Bucket(from), partitions.Bucket(to - 1), ct).ConfigureAwait(false);
        foreach (var bucket in buckets)
        {
            var streams = partitions.Shards(query.Assets).Select(shard => Rows(query, bucket, shard, from, to, ct)).ToArray();
            await foreach (var row in SortedMerge.MergeAsync(streams, shape.Compare).ConfigureAwait(false)) yield return row;
        }
    }

    /// <summary>The keys of the rows at one time in one shard.</summary>
    public Task<List<TKey>> KeysAsync<TKey>(string profile, long ticks, int shard, Func<Row, TKey> make, CancellationToken ct) => session.ListAsync(Traffic.Log, make, ct,
        $"SELECT {shape.KeyColumns} FROM {shape.Name} WHERE profile = ? AND bucket = ? AND shard = ? AND ticks = ?", profile, partitions.Bucket(ticks), shard, ticks);

    /// <summary>Writes rows, those of one partition together.</summary>
    public async Task WriteAsync(string profile, IReadOnlyList<(long Ticks, string Asset, BoundStatement Write)> rows, CancellationToken ct)
    {
        foreach (var bucket in rows.Select(r => partitions.Bucket(r.Ticks)).Distinct()) await partitions.ListAsync(shape.Name, profile, bucket, ct).ConfigureAwait(false);
        var batches = rows.GroupBy(r => (partitions.Bucket(r.Ticks), partitions.Shard(r.Asset)))
            .SelectMany(g => g.Select(r => r.Write).Chunk(session.Options.BatchRows)).ToList();
        await session.EachAsync(batches, async batch =>
        {
            await session.ExecuteTogetherAsync(Traffic.Log, batch, ct).ConfigureAwait(false);
            return 0;
        }, ct).ConfigureAwait(false);
    }

    /// <summary>Removes rows before a time.</summary>
    /// <returns>How many.</returns>
    public async Task<long> DeleteBeforeAsync(string profile, long cutoff, CancellationToken ct)
    {
        var last = partitions.Bucket(cutoff);
        var buckets = await partitions.BucketsAsync(shape.Name, profile, 0, last, ct).ConfigureAwait(false);
        var places = buckets.SelectMany(bucket => partitions.Shards(null).Select(shard => (bucket, shard))).ToList();
        var counts = await session.EachAsync(places, async place =>
        {
            const string Before = "WHERE profile = ? AND bucket = ? AND shard = ? AND ticks < ?";
            var count = await session.ListAsync(Traffic.Log, r => r.GetValue<long>(0), ct,
                $"SELECT count(*) FROM {shape.Name} {Before}", profile, place.bucket, place.shard, cutoff).ConfigureAwait(false);
            if (count[0] > 0)
                await session.ExecuteAsync(Traffic.Log, ct, $"DELETE FROM {shape.Name} {Before}", profile, place.bucket, place.shard, cutoff).ConfigureAwait(false);
            return count[0];
        }, ct).ConfigureAwait(false);
        foreach (var bucket in buckets.Where(b => b < last)) await partitions.UnlistAsync(shape.Name, profile, bucket, ct).ConfigureAwait(false);
        return counts.Sum();
    }

    private async IAsyncEnumerable<T> Rows(LogQuery query, int bucket, int shard, long from, long to, [EnumeratorCancellation] CancellationToken ct)
    {
        // Filtering is within one partition: the server passes over what is not asked for rather than sending it.
        var assets = query.Assets?.Where(a => partitions.Shard(a) == shard).ToHashSet(StringComparer.Ordinal);
        var single = assets?.Count == 1 ? assets.First() : null;
        var cql = $"SELECT {shape.Columns} FROM {shape.Name} WHERE profile = ? AND bucket = ? AND shard = ? AND ticks >= ? AND ticks < ?"
            + (single is null ? "" : " AND asset = ?") + (query.ModelId is null ? "" : " AND model = ?") + (single is null && query.ModelId is null ? "" : " ALLOW FILTERING");
        object?[] values = [query.Profile, bucket, shard, from, to, .. new[] { single, query.ModelId }.OfType<string>()];
        await foreach (var row in session.StreamAsync(Traffic.Log, ct, cql, values).ConfigureAwait(false))
            if (assets is null || assets.Contains(row.GetValue<string>("asset"))) yield return shape.Make(row);
    }
}
