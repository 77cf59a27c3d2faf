using Cassandra;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra.Log;

/// <summary>Predictions and outcomes by time and shard; state and audit in tables of their own.</summary>
internal sealed class CassandraLog : ILogStore
{
    private readonly CqlSession _session;
    private readonly LogPartitions _partitions;
    private readonly LogTable<LoggedPrediction> _predictions;
    private readonly LogTable<LoggedOutcome> _outcomes;
    private readonly StateTable _states;
    private readonly AuditTable _audit;

    public CassandraLog(CqlSession session, TimeProvider time)
    {
        _session = session;
        _partitions = new LogPartitions(session);
        _predictions = new LogTable<LoggedPrediction>(session, _partitions, new LogShape<LoggedPrediction>(
            "prediction", "asset, model", "asset, ticks, model, state, basis, digest, probabilities, detail, given",
            r => new LoggedPrediction(r.GetValue<string>(0), Time(r.GetValue<long>(1)), r.GetValue<string>(2), (PredictionState)r.GetValue<sbyte>(3), (PredictionBasis)r.GetValue<sbyte>(4),
                unchecked((ulong)r.GetValue<long>(5)), HorizonBytes.Unpack(r.GetValue<byte[]>(6)), r.GetValue<string>(7), Time(r.GetValue<long>(8))),
            (a, b) => Compare(a.Time, a.Asset, a.ModelId, b.Time, b.Asset, b.ModelId)));
        _outcomes = new LogTable<LoggedOutcome>(session, _partitions, new LogShape<LoggedOutcome>(
            "outcome", "asset, model, horizon", "asset, ticks, model, horizon, happened, resolved",
            r => new LoggedOutcome(r.GetValue<string>(0), Time(r.GetValue<long>(1)), r.GetValue<string>(2), new TimeSpan(r.GetValue<long>(3)), r.GetValue<bool>(4), Time(r.GetValue<long>(5))),
            (a, b) => Compare(a.Time, a.Asset, a.ModelId, b.Time, b.Asset, b.ModelId) is var order && order != 0 ? order : a.Horizon.CompareTo(b.Horizon)));
        _states = new StateTable(session, time);
        _audit = new AuditTable(session, _partitions, time);
    }

    public async Task<long> AppendPredictionsAsync(string profile, IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct = default)
    {
        var there = await ThereAsync(_predictions, profile, predictions, p => (p.Time.UtcTicks, p.Asset), (ticks, r) => (ticks, r.GetValue<string>(0), r.GetValue<string>(1)), ct).ConfigureAwait(false);
        var writes = new List<(long, string, BoundStatement)>();
        foreach (var p in predictions)
            if (there.Add((p.Time.UtcTicks, p.Asset, p.ModelId)))
                writes.Add((p.Time.UtcTicks, p.Asset, await _session.BindAsync(ct,
                    "INSERT INTO prediction (profile, bucket, shard, ticks, asset, model, state, basis, digest, probabilities, detail, given) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    profile, _partitions.Bucket(p.Time.UtcTicks), _partitions.Shard(p.Asset), p.Time.UtcTicks, p.Asset, p.ModelId, (sbyte)p.State, (sbyte)p.Basis,
                    unchecked((long)p.EvidenceDigest), HorizonBytes.Pack(p.Probabilities), p.Detail, p.Given.UtcTicks).ConfigureAwait(false)));
        await _predictions.WriteAsync(profile, writes, ct).ConfigureAwait(false);
        return writes.Count;
    }

    public IAsyncEnumerable<LoggedPrediction> ReadPredictionsAsync(LogQuery query, CancellationToken ct = default) => _predictions.ReadAsync(query, ct);

    public async Task<AppendCount> AppendOutcomesAsync(string profile, IReadOnlyList<LoggedOutcome> outcomes, CancellationToken ct = default)
    {
        var there = await ThereAsync(_outcomes, profile, outcomes, o => (o.Time.UtcTicks, o.Asset),
            (ticks, r) => (ticks, r.GetValue<string>(0), r.GetValue<string>(1), r.GetValue<long>(2)), ct).ConfigureAwait(false);
        var count = default(AppendCount);
        // Of two of one key in a call the later one counts; within one mutation they would have the same timestamp.
        var writes = new Dictionary<(long, string, string, long), (long, string, BoundStatement)>();
        foreach (var o in outcomes)
        {
            var key = (o.Time.UtcTicks, o.Asset, o.ModelId, o.Horizon.Ticks);
            count += there.Add(key) ? new AppendCount(1, 0) : new AppendCount(0, 1);
            writes[key] = (o.Time.UtcTicks, o.Asset, await _session.BindAsync(ct,
                "INSERT INTO outcome (profile, bucket, shard, ticks, asset, model, horizon, happened, resolved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                profile, _partitions.Bucket(o.Time.UtcTicks), _partitions.Shard(o.Asset), o.Time.UtcTicks, o.Asset, o.ModelId, o.Horizon.Ticks, o.Happened, o.Resolved.UtcTicks).ConfigureAwait(false));
        }
        await _outcomes.WriteAsync(profile, [.. writes.Values], ct).ConfigureAwait(false);
        return count;
    }

    public IAsyncEnumerable<LoggedOutcome> ReadOutcomesAsync(LogQuery query, CancellationToken ct = default) => _outcomes.ReadAsync(query, ct);

    public async Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default)
    {
        await _outcomes.DeleteBeforeAsync(profile, cutoff.UtcTicks, ct).ConfigureAwait(false);
        return await _predictions.DeleteBeforeAsync(profile, cutoff.UtcTicks, ct).ConfigureAwait(false);
    }

    public Task PutStatesAsync(string scope, IReadOnlyList<StateSnapshot> states, CancellationToken ct = default) => _states.PutAsync(scope, states, ct);

    public Task<StateSnapshot?> FindStateAsync(string scope, string key, CancellationToken ct = default) => _states.FindAsync(scope, key, ct);

    public IAsyncEnumerable<StateSnapshot> ReadStatesAsync(string scope, CancellationToken ct = default) => _states.ReadAsync(scope, ct);

    public Task<long> DeleteStatesAsync(string scope, IReadOnlyCollection<string>? keys = null, CancellationToken ct = default) => _states.DeleteAsync(scope, keys, ct);

    public Task AppendAuditAsync(AuditLine line, CancellationToken ct = default) => _audit.AppendAsync(line, ct);

    public IAsyncEnumerable<AuditLine> ReadAuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken ct = default) => _audit.ReadAsync(from, to, ct);

    /// <summary>The keys that are there at the times and in the shards of some rows: one question for each time and shard.</summary>
    private async Task<HashSet<TKey>> ThereAsync<T, TKey>(
        LogTable<T> table, string profile, IReadOnlyList<T> rows, Func<T, (long Ticks, string Asset)> placeOf, Func<long, Row, TKey> make, CancellationToken ct)
    {
        var places = rows.Select(placeOf).Select(p => (p.Ticks, Shard: _partitions.Shard(p.Asset))).Distinct().ToList();
        var keys = await _session.EachAsync(places, p => table.KeysAsync(profile, p.Ticks, p.Shard, r => make(p.Ticks, r), ct), ct).ConfigureAwait(false);
        return [.. keys.SelectMany(k => k)];
    }

    private static int Compare(DateTimeOffset timeA, string assetA, string modelA, DateTimeOffset timeB, string assetB, string modelB)
    {
        var order = timeA.CompareTo(timeB);
        if (order == 0) order = string.CompareOrdinal(assetA, assetB);
        return order == 0 ? string.CompareOrdinal(modelA, modelB) : order;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
