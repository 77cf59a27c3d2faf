using Microsoft.Data.Sqlite;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Storage.Embedded;

/// <summary>Incidents and maintenance windows in one table.</summary>
internal sealed class EmbeddedIncidents(SqliteFile file) : IIncidentStore
{
    private const int IsIncident = 0, IsMaintenance = 1;

    public Task<AppendCount> AddIncidentsAsync(string profile, IReadOnlyList<Incident> incidents, CancellationToken ct = default) =>
        AddAsync(IsIncident, profile, incidents.Select(i => (i.Asset, i.Start, i.End, i.Kind)), ct);

    public Task<AppendCount> AddMaintenanceAsync(string profile, IReadOnlyList<MaintenanceWindow> windows, CancellationToken ct = default) =>
        AddAsync(IsMaintenance, profile, windows.Select(w => (w.Asset, w.Start, w.End, w.Kind)), ct);

    public Task<bool> RemoveIncidentAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default) =>
        RemoveAsync(IsIncident, profile, asset, start, ct);

    public Task<bool> RemoveMaintenanceAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default) =>
        RemoveAsync(IsMaintenance, profile, asset, start, ct);

    public IAsyncEnumerable<Incident> ListIncidentsAsync(IntervalQuery query, CancellationToken ct = default) =>
        ListAsync(IsIncident, query, (asset, start, end, kind) => new Incident(asset, start, end, kind), ct);

    public IAsyncEnumerable<MaintenanceWindow> ListMaintenanceAsync(IntervalQuery query, CancellationToken ct = default) =>
        ListAsync(IsMaintenance, query, (asset, start, end, kind) => new MaintenanceWindow(asset, start, end, kind), ct);

    private Task<AppendCount> AddAsync(
        int what, string profile, IEnumerable<(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind)> rows, CancellationToken ct) =>
        file.WriteAsync(session =>
        {
            var count = default(AppendCount);
            foreach (var (asset, start, end, kind) in rows)
            {
                if (end < start) throw new ArgumentException($"an interval of asset '{asset}' ends before it starts", nameof(rows));
                var isNew = session.Execute("INSERT OR IGNORE INTO interval VALUES ($1, $2, $3, $4, $5, $6)",
                    what, profile, asset, start.UtcTicks, end?.UtcTicks, kind) > 0;
                if (!isNew)
                    session.Execute("UPDATE interval SET end = $5, kind = $6 WHERE what = $1 AND profile = $2 AND asset = $3 AND start = $4",
                        what, profile, asset, start.UtcTicks, end?.UtcTicks, kind);
                count += isNew ? new AppendCount(1, 0) : new AppendCount(0, 1);
            }
            return count;
        }, ct);

    private Task<bool> RemoveAsync(int what, string profile, string asset, DateTimeOffset start, CancellationToken ct) =>
        file.WriteAsync(session => session.Execute("DELETE FROM interval WHERE what = $1 AND profile = $2 AND asset = $3 AND start = $4",
            what, profile, asset, start.UtcTicks) > 0, ct);

    private IAsyncEnumerable<T> ListAsync<T>(
        int what, IntervalQuery query, Func<string, DateTimeOffset, DateTimeOffset?, string, T> make, CancellationToken ct)
    {
        return file.StreamAsync(session => session.Query(
            """
            SELECT asset, start, end, kind FROM interval
            WHERE what = $1 AND profile = $2 AND (end IS NULL OR end > $3) AND start < $4
                AND ($5 IS NULL OR asset IN (SELECT value FROM json_each($5)))
            ORDER BY asset, start
            """, what, query.Profile, query.From?.UtcTicks ?? long.MinValue, query.To?.UtcTicks ?? long.MaxValue, JsonNames.Of(query.Assets)), Row, ct);

        T Row(SqliteDataReader reader) => make(
            reader.GetString(0), new DateTimeOffset(reader.GetInt64(1), TimeSpan.Zero),
            reader.IsDBNull(2) ? null : new DateTimeOffset(reader.GetInt64(2), TimeSpan.Zero), reader.GetString(3));
    }
}

/// <summary>Lists of names as one parameter of a statement.</summary>
internal static class JsonNames
{
    public static string? Of(IReadOnlyCollection<string>? names) => names is null ? null : System.Text.Json.JsonSerializer.Serialize(names);
}
