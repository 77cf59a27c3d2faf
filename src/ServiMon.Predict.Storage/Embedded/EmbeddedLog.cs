using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>Predictions, outcomes, saved state and the audit trail in SQLite.</summary>
internal sealed class EmbeddedLog(SqliteFile file) : ILogStore
{
    /// <summary>Rows in one transaction of a removal: some tens of milliseconds, for which other writers wait.</summary>
    private const int RowsPerDelete = 5000;

    public Task<long> AppendPredictionsAsync(string profile, IReadOnlyList<LoggedPrediction> predictions, CancellationToken ct = default) =>
        file.WriteAsync(session =>
        {
            long added = 0;
            foreach (var p in predictions)
                added += session.Execute("INSERT OR IGNORE INTO prediction VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    profile, p.Time.UtcTicks, p.Asset, p.ModelId, (int)p.State, (int)p.Basis, unchecked((long)p.EvidenceDigest),
                    HorizonBytes.Pack(p.Probabilities), p.Detail, p.Given.UtcTicks);
            return added;
        }, ct);

    public IAsyncEnumerable<LoggedPrediction> ReadPredictionsAsync(LogQuery query, CancellationToken ct = default) => file.StreamAsync(
        session => Select(session, "asset, time, model, state, basis, digest, probabilities, detail, given", "prediction", query, "time, asset, model"),
        r => new LoggedPrediction(r.GetString(0), Time(r.GetInt64(1)), r.GetString(2), (PredictionState)r.GetInt32(3), (PredictionBasis)r.GetInt32(4),
            unchecked((ulong)r.GetInt64(5)), HorizonBytes.Unpack(r.GetFieldValue<byte[]>(6)), r.GetString(7), Time(r.GetInt64(8))), ct);

    public Task<AppendCount> AppendOutcomesAsync(string profile, IReadOnlyList<LoggedOutcome> outcomes, CancellationToken ct = default) =>
        file.WriteAsync(session =>
        {
            var count = default(AppendCount);
            foreach (var o in outcomes)
            {
                var key = session.Count(
                    "SELECT count(*) FROM outcome WHERE profile = $1 AND time = $2 AND asset = $3 AND model = $4 AND horizon = $5",
                    profile, o.Time.UtcTicks, o.Asset, o.ModelId, o.Horizon.Ticks);
                session.Execute("INSERT OR REPLACE INTO outcome VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    profile, o.Time.UtcTicks, o.Asset, o.ModelId, o.Horizon.Ticks, o.Happened ? 1 : 0, o.Resolved.UtcTicks);
                count += new AppendCount(1 - key, key);
            }
            return count;
        }, ct);

    public IAsyncEnumerable<LoggedOutcome> ReadOutcomesAsync(LogQuery query, CancellationToken ct = default) => file.StreamAsync(
        session => Select(session, "asset, time, model, horizon, happened, resolved", "outcome", query, "time, asset, model, horizon"),
        r => new LoggedOutcome(r.GetString(0), Time(r.GetInt64(1)), r.GetString(2), new TimeSpan(r.GetInt64(3)), r.GetInt64(4) != 0, Time(r.GetInt64(5))), ct);

    public async Task<long> DeleteBeforeAsync(string profile, DateTimeOffset cutoff, CancellationToken ct = default)
    {
        while (await SomeAsync("outcome", "time, asset, model, horizon").ConfigureAwait(false) > 0) { }
        long deleted = 0;
        while (await SomeAsync("prediction", "time, asset, model").ConfigureAwait(false) is > 0 and var some) deleted += some;
        return deleted;

        Task<int> SomeAsync(string table, string key) => file.WriteAsync(session => session.Execute(
            $"""
            DELETE FROM {table} WHERE profile = $1 AND ({key}) IN
                (SELECT {key} FROM {table} WHERE profile = $1 AND time < $2 ORDER BY time LIMIT {RowsPerDelete})
            """, profile, cutoff.UtcTicks), ct);
    }

    public Task PutStatesAsync(string scope, IReadOnlyList<StateSnapshot> states, CancellationToken ct = default) => file.WriteAsync(session =>
    {
        foreach (var state in states)
            session.Execute("INSERT OR REPLACE INTO state VALUES ($1, $2, $3)", scope, state.Key, Bytes(state.Body));
        return 0;
    }, ct);

    public Task<StateSnapshot?> FindStateAsync(string scope, string key, CancellationToken ct = default) => file.ReadAsync(
        session => session.List(State, "SELECT key, body FROM state WHERE scope = $1 AND key = $2", scope, key).SingleOrDefault(), ct);

    public IAsyncEnumerable<StateSnapshot> ReadStatesAsync(string scope, CancellationToken ct = default) => file.StreamAsync(
        session => session.Query("SELECT key, body FROM state WHERE scope = $1 ORDER BY key", scope), State, ct);

    public Task<long> DeleteStatesAsync(string scope, IReadOnlyCollection<string>? keys = null, CancellationToken ct = default) =>
        file.WriteAsync<long>(session => session.Execute(
            "DELETE FROM state WHERE scope = $1 AND ($2 IS NULL OR key IN (SELECT value FROM json_each($2)))", scope, JsonNames.Of(keys)), ct);

    public Task AppendAuditAsync(AuditLine line, CancellationToken ct = default) => file.WriteAsync(session => session.Execute(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        line.At.UtcTicks, line.Actor, line.Action, line.Subject, line.Detail), ct);

    public IAsyncEnumerable<AuditLine> ReadAuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken ct = default) =>
        file.StreamAsync(
            session => session.Query("SELECT at, actor, action, subject, detail FROM audit WHERE at >= $1 AND at < $2 ORDER BY at, id",
                from?.UtcTicks ?? long.MinValue, to?.UtcTicks ?? long.MaxValue),
            r => new AuditLine(Time(r.GetInt64(0)), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4)), ct);

    private static SqliteDataReader Select(Session session, string columns, string table, LogQuery query, string order)
    {
        var assets = query.Assets is null ? "$4 IS NULL" : "asset IN (SELECT value FROM json_each($4))";
        return session.Query(
            $"SELECT {columns} FROM {table} WHERE profile = $1 AND time >= $2 AND time < $3 AND {assets} AND ($5 IS NULL OR model = $5) ORDER BY {order}",
            query.Profile, query.From?.UtcTicks ?? long.MinValue, query.To?.UtcTicks ?? long.MaxValue, JsonNames.Of(query.Assets), query.ModelId);
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out var segment) && segment.Array is { } array && segment.Offset == 0 && segment.Count == array.Length ? array : body.ToArray();

    private static StateSnapshot State(SqliteDataReader reader) => new(reader.GetString(0), reader.GetFieldValue<byte[]>(1));

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
