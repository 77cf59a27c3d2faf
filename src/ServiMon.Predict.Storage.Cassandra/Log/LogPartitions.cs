using System.Collections.Concurrent;
using System.Text;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>Which partition of a log a row is in, and which buckets there are.</summary>
internal sealed class LogPartitions(CqlSession session)
{
    private readonly long _bucketTicks = session.Options.LogBucket.Ticks;
    private readonly int _shards = session.Options.LogShards;
    private readonly ConcurrentDictionary<(string What, string Profile, int Bucket), byte> _listed = new();

    public int Bucket(long ticks) => (int)Math.Clamp(ticks / _bucketTicks, 0, int.MaxValue);

    public int Shard(string asset) => (int)(Hash(asset) % (uint)_shards);

    /// <summary>The shards that hold some assets; all for null.</summary>
    public IEnumerable<int> Shards(IReadOnlyCollection<string>? assets) => assets is null ? Enumerable.Range(0, _shards) : assets.Select(Shard).Distinct().Order();

    /// <summary>Makes readers look at a bucket. It is listed before its rows are written: a bucket without rows costs a reader nothing but a question.</summary>
    public async Task ListAsync(string what, string profile, int bucket, CancellationToken ct)
    {
        if (_listed.ContainsKey((what, profile, bucket))) return;
        await session.ExecuteAsync(Traffic.Log, ct, "INSERT INTO log_bucket (what, profile, bucket) VALUES (?, ?, ?)", what, profile, bucket).ConfigureAwait(false);
        _listed[(what, profile, bucket)] = 0;
    }

    public Task<List<int>> BucketsAsync(string what, string profile, int from, int to, CancellationToken ct) => session.ListAsync(Traffic.Log, r => r.GetValue<int>(0), ct,
        "SELECT bucket FROM log_bucket WHERE what = ? AND profile = ? AND bucket >= ? AND bucket <= ?", what, profile, from, to);

    public async Task UnlistAsync(string what, string profile, int bucket, CancellationToken ct)
    {
        _listed.TryRemove((what, profile, bucket), out _);
        await session.ExecuteAsync(Traffic.Log, ct, "DELETE FROM log_bucket WHERE what = ? AND profile = ? AND bucket = ?", what, profile, bucket).ConfigureAwait(false);
    }

    /// <summary>FNV-1a over the name in UTF-8, 32 bits: fixed for ever, because rows lie where it says. https://www.rfc-editor.org/rfc/rfc9923</summary>
    internal static uint Hash(string asset)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(asset)) hash = (hash ^ b) * 16777619u;
        return hash;
    }
}
