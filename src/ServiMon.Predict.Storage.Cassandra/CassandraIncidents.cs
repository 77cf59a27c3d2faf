using System.Runtime.CompilerServices;
using Cassandra;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage.Cassandra.Connection;

namespace ServiMon.Predict.Storage.Cassandra;

/// <summary>Incidents and maintenance windows: one partition for each profile and kind of interval, by asset and start.</summary>
internal sealed class CassandraIncidents(CqlSession session) : IIncidentStore
{
    private const sbyte IsIncident = 0, IsMaintenance = 1;

    private readonly record struct Interval(string Asset, DateTimeOffset Start, DateTimeOffset? End, string Kind);

    public Task<AppendCount> AddIncidentsAsync(string profile, IReadOnlyList<Incident> incidents, CancellationToken ct = default) =>
        AddAsync(IsIncident, profile, [.. incidents.Select(i => new Interval(i.Asset, i.Start, i.End, i.Kind))], ct);

    public Task<AppendCount> AddMaintenanceAsync(string profile, IReadOnlyList<MaintenanceWindow> windows, CancellationToken ct = default) =>
        AddAsync(IsMaintenance, profile, [.. windows.Select(w => new Interval(w.Asset, w.Start, w.End, w.Kind))], ct);

    public Task<bool> RemoveIncidentAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default) =>
        RemoveAsync(IsIncident, profile, asset, start, ct);

    public Task<bool> RemoveMaintenanceAsync(string profile, string asset, DateTimeOffset start, CancellationToken ct = default) =>
        RemoveAsync(IsMaintenance, profile, asset, start, ct);

    public async IAsyncEnumerable<Incident> ListIncidentsAsync(IntervalQuery query, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var i in ListAsync(IsIncident, query, ct).ConfigureAwait(false)) yield return new Incident(i.Asset, i.Start, i.End, i.Kind);
    }

    public async IAsyncEnumerable<MaintenanceWindow> ListMaintenanceAsync(IntervalQuery query, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var i in ListAsync(IsMaintenance, query, ct).ConfigureAwait(false)) yield return new MaintenanceWindow(i.Asset, i.Start, i.End, i.Kind);
    }

    private async Task<AppendCount> AddAsync(sbyte what, string profile, Interval[] intervals, CancellationToken ct)
    {
        foreach (var interval in intervals)
            if (interval.End < interval.Start) throw new ArgumentException($"an interval of asset '{interval.Asset}' ends before it starts", nameof(intervals));
        var assets = intervals.Select(i => i.Asset).Distinct().ToList();
        var starts = await session.EachAsync(assets, asset => session.ListAsync(Traffic.Incidents, r => (asset, r.GetValue<long>(0)), ct,
            "SELECT start_ticks FROM interval WHERE profile = ? AND what = ? AND asset = ?", profile, what, asset), ct).ConfigureAwait(false);
        var there = starts.SelectMany(s => s).ToHashSet();
        var count = default(AppendCount);
        var writes = new List<BoundStatement>();
        foreach (var i in intervals)
        {
            count += there.Add((i.Asset, i.Start.UtcTicks)) ? new AppendCount(1, 0) : new AppendCount(0, 1);
            writes.Add(await session.BindAsync(ct, "INSERT INTO interval (profile, what, asset, start_ticks, end_ticks, kind) VALUES (?, ?, ?, ?, ?, ?)",
                profile, what, i.Asset, i.Start.UtcTicks, i.End?.UtcTicks, i.Kind).ConfigureAwait(false));
        }
        // Of two of one start in a call the later one counts; within one mutation they would have the same timestamp.
        foreach (var part in writes.Zip(intervals).GroupBy(w => (w.Second.Asset, w.Second.Start)).Select(g => g.Last().First).Chunk(MostTogether))
            await session.ExecuteTogetherAsync(Traffic.Incidents, part, ct).ConfigureAwait(false);
        return count;
    }

    /// <summary>Intervals written as one mutation.</summary>
    private const int MostTogether = 2000;

    private async Task<bool> RemoveAsync(sbyte what, string profile, string asset, DateTimeOffset start, CancellationToken ct)
    {
        var there = await session.ListAsync(Traffic.Incidents, r => r.GetValue<long>(0), ct,
            "SELECT start_ticks FROM interval WHERE profile = ? AND what = ? AND asset = ? AND start_ticks = ?", profile, what, asset, start.UtcTicks).ConfigureAwait(false);
        if (there.Count == 0) return false;
        await session.ExecuteAsync(Traffic.Incidents, ct,
            "DELETE FROM interval WHERE profile = ? AND what = ? AND asset = ? AND start_ticks = ?", profile, what, asset, start.UtcTicks).ConfigureAwait(false);
        return true;
    }

    private async IAsyncEnumerable<Interval> ListAsync(sbyte what, IntervalQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Columns = "SELECT asset, start_ticks, end_ticks, kind FROM interval WHERE profile = ? AND what = ?";
        if (query.Assets is null)
        {
            await foreach (var row in session.StreamAsync(Traffic.Incidents, ct, Columns, query.Profile, what).ConfigureAwait(false))
                if (Wanted(row, query) is { } interval) yield return interval;
            yield break;
        }
        foreach (var asset in query.Assets.Distinct().Order(StringComparer.Ordinal))
            await foreach (var row in session.StreamAsync(Traffic.Incidents, ct, $"{Columns} AND asset = ?", query.Profile, what, asset).ConfigureAwait(false))
                if (Wanted(row, query) is { } interval) yield return interval;
    }

    private static Interval? Wanted(Row row, IntervalQuery query)
    {
        var start = new DateTimeOffset(row.GetValue<long>(1), TimeSpan.Zero);
        DateTimeOffset? end = row.GetValue<long?>(2) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        if ((query.From is { } from && end <= from) || (query.To is { } to && start >= to)) return null;
        return new Interval(row.GetValue<string>(0), start, end, row.GetValue<string>(3));
    }
}
