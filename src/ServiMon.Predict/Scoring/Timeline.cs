using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>The incidents and maintenance windows of one asset in order of time.</summary>
public sealed class Timeline
{
    private readonly (long Start, long End)[] _incidents;
    private readonly (long Start, long End)[] _reported;
    private readonly (long Start, long End)[] _maintenance;
    private readonly long[] _incidentsThrough;
    private readonly long[] _reportedThrough;
    private readonly long[] _maintenanceThrough;

    public Timeline(IEnumerable<Incident> incidents, IEnumerable<MaintenanceWindow> maintenance)
    {
        var all = incidents.ToList();
        _incidents = Windows(all);
        _reported = Windows(all.Where(i => !i.IsFromRule));
        _maintenance = [.. maintenance.Select(m => (m.Start.UtcTicks, m.End?.UtcTicks ?? long.MaxValue)).Order()];
        _incidentsThrough = LatestEnds(_incidents);
        _reportedThrough = LatestEnds(_reported);
        _maintenanceThrough = LatestEnds(_maintenance);
    }

    private Timeline((long, long)[] incidents, (long, long)[] reported, (long, long)[] maintenance)
    {
        (_incidents, _reported, _maintenance) = (incidents, reported, maintenance);
        (_incidentsThrough, _reportedThrough, _maintenanceThrough) = (LatestEnds(_incidents), LatestEnds(_reported), LatestEnds(_maintenance));
    }

    /// <summary>A timeline with the maintenance of others beside its own.</summary>
    /// <param name="own">Null for one without anything.</param>
    public static Timeline WithMaintenance(Timeline? own, IEnumerable<Timeline> others) =>
        new(own?._incidents ?? [], own?._reported ?? [], [.. (own?._maintenance ?? []).Concat(others.SelectMany(o => o._maintenance)).Order()]);

    public IReadOnlyList<(long Start, long End)> Incidents => _incidents;

    public IReadOnlyList<(long Start, long End)> Maintenance => _maintenance;

    /// <summary>The timelines of a fleet by asset; an asset that nothing is known of has none.</summary>
    public static IReadOnlyDictionary<string, Timeline> ByAsset(FleetRecord fleet)
    {
        var incidents = fleet.Incidents.ToLookup(i => i.Asset);
        var maintenance = fleet.Maintenance.ToLookup(m => m.Asset);
        return fleet.History.Assets.ToDictionary(a => a.Asset, a => new Timeline(incidents[a.Asset], maintenance[a.Asset]));
    }

    /// <summary>
    /// True from a reported incident's start to its end, both included. What a failure rule has seen does not count here: the rule sees it again in
    /// the same rows, and so at the same rows whenever they are played.
    /// </summary>
    public bool InIncident(long ticks) => Holds(_reported, _reportedThrough, ticks);

    public bool InMaintenance(long ticks) => Holds(_maintenance, _maintenanceThrough, ticks);

    /// <summary>Index in <see cref="Incidents"/> of the first that starts after the time, or -1.</summary>
    public int NextIncident(long ticks) => Next(_incidents, ticks);

    /// <summary>Start of the first maintenance after the time, or <see cref="long.MaxValue"/>.</summary>
    public long NextMaintenance(long ticks) => Next(_maintenance, ticks) is >= 0 and var i ? _maintenance[i].Start : long.MaxValue;

    /// <summary>
    /// True when the asset's record ends because it failed: its last incident to end never does, or ends with the record. What followed its rows is
    /// then known for ever. An incident that merely outlasts the watch does not count: the healthy assets were not watched longer either.
    /// </summary>
    /// <param name="lastTicks">The last row.</param>
    /// <param name="step">Spacing of the rows: an end within one of the last row is the end of the record.</param>
    public bool EndsInIncident(long lastTicks, TimeSpan step) =>
        _incidents.Length > 0 && _incidentsThrough[^1] is var end && end >= lastTicks && (end == long.MaxValue || end <= lastTicks + step.Ticks);

    private static (long Start, long End)[] Windows(IEnumerable<Incident> incidents) =>
        [.. incidents.Select(i => (i.Start.UtcTicks, i.End?.UtcTicks ?? long.MaxValue)).Order()];

    private static bool Holds((long Start, long End)[] windows, long[] through, long ticks) =>
        Started(windows, ticks) is > 0 and var count && ticks <= through[count - 1];

    private static int Next((long Start, long End)[] windows, long ticks) =>
        Started(windows, ticks) is var count && count < windows.Length ? count : -1;

    /// <summary>Windows that start at the time or before, by bisection: long histories ask once a row.</summary>
    private static int Started((long Start, long End)[] windows, long ticks)
    {
        int from = 0, to = windows.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (windows[middle].Start <= ticks) from = middle + 1;
            else to = middle;
        }
        return from;
    }

    /// <summary>For each window the latest end of it and those before it: windows may overlap.</summary>
    private static long[] LatestEnds((long Start, long End)[] windows)
    {
        var latest = new long[windows.Length];
        for (var i = 0; i < windows.Length; i++) latest[i] = i == 0 ? windows[i].End : Math.Max(latest[i - 1], windows[i].End);
        return latest;
    }
}
