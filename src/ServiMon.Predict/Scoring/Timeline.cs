using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>The incidents and maintenance windows of one asset in order of time.</summary>
public sealed class Timeline
{
    private readonly (long Start, long End)[] _incidents;
    private readonly (long Start, long End)[] _maintenance;

    public Timeline(IEnumerable<Incident> incidents, IEnumerable<MaintenanceWindow> maintenance)
    {
        _incidents = [.. incidents.Select(i => (i.Start.UtcTicks, i.End?.UtcTicks ?? long.MaxValue)).Order()];
        _maintenance = [.. maintenance.Select(m => (m.Start.UtcTicks, m.End?.UtcTicks ?? long.MaxValue)).Order()];
    }

    public IReadOnlyList<(long Start, long End)> Incidents => _incidents;

    /// <summary>The timelines of a fleet by asset; an asset that nothing is known of has none.</summary>
    public static IReadOnlyDictionary<string, Timeline> ByAsset(FleetData fleet)
    {
        var incidents = fleet.Incidents.ToLookup(i => i.Asset);
        var maintenance = fleet.Maintenance.ToLookup(m => m.Asset);
        return fleet.History.Assets.ToDictionary(a => a.Asset, a => new Timeline(incidents[a.Asset], maintenance[a.Asset]));
    }

    /// <summary>True from an incident's start to its end, both included.</summary>
    public bool InIncident(long ticks) => Holds(_incidents, ticks);

    public bool InMaintenance(long ticks) => Holds(_maintenance, ticks);

    /// <summary>Index in <see cref="Incidents"/> of the first that starts after the time, or -1.</summary>
    public int NextIncident(long ticks) => Next(_incidents, ticks);

    /// <summary>Start of the first maintenance after the time, or <see cref="long.MaxValue"/>.</summary>
    public long NextMaintenance(long ticks) => Next(_maintenance, ticks) is >= 0 and var i ? _maintenance[i].Start : long.MaxValue;

    /// <summary>
    /// True when the asset's record ends because it failed: its last incident never ends, or ends with the record. What followed its rows is
    /// then known for ever. An incident that merely outlasts the watch does not count: the healthy assets were not watched longer either.
    /// </summary>
    /// <param name="lastTicks">The last row.</param>
    /// <param name="step">Spacing of the rows: an end within one of the last row is the end of the record.</param>
    public bool EndsInIncident(long lastTicks, TimeSpan step) =>
        _incidents.Length > 0 && _incidents[^1].End is var end && end >= lastTicks && (end == long.MaxValue || end <= lastTicks + step.Ticks);

    private static bool Holds((long Start, long End)[] windows, long ticks)
    {
        foreach (var (start, end) in windows)
        {
            if (start > ticks) return false;
            if (ticks <= end) return true;
        }
        return false;
    }

    private static int Next((long Start, long End)[] windows, long ticks)
    {
        for (var i = 0; i < windows.Length; i++)
            if (windows[i].Start > ticks) return i;
        return -1;
    }
}
