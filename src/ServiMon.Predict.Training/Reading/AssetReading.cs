using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Reading;

/// <summary>What of one asset's history is read and drawn from.</summary>
/// <remarks>
/// Every row belongs to one unit: to the window before an incident when it is near one, else to a tile, a piece of the asset's time of fixed
/// length. Units are chosen whole, with a known probability; what is read is the chosen units, each from the
/// beginning of the life that it lies in, or from its warm-up where that is earlier.
/// </remarks>
internal sealed class AssetReading
{
    private readonly ReadingSpans _spans;
    private readonly long _origin;
    private readonly long _stepTicks;
    private readonly HashSet<int>? _incidents;
    private readonly double _tileStart;
    private readonly double _tileShare;

    /// <param name="incidents">Those whose windows are chosen; null for all.</param>
    /// <param name="tileStart">Where the systematic draw of tiles begins.</param>
    /// <param name="tileShare">The share of the tiles that is chosen.</param>
    /// <param name="since">Everything from this time on is read as well; <see cref="long.MaxValue"/> for nothing more.</param>
    public AssetReading(
        AssetExtent extent, Timeline timeline, ReadingSpans spans, TimeSpan step, HashSet<int>? incidents, double tileStart, double tileShare, long since = long.MaxValue)
    {
        (Extent, Timeline, _spans, _stepTicks) = (extent, timeline, spans, step.Ticks);
        (_incidents, _tileStart, _tileShare) = (incidents, tileStart, tileShare);
        _origin = extent.First.UtcTicks - _stepTicks / 2;
        End = extent.Last.UtcTicks + 1;
        Stretches = extent.RowCount == 0 ? [] : incidents is null && tileShare >= 1 ? [new Stretch(_origin, End)] : Plan(since);
    }

    public AssetExtent Extent { get; }

    public Timeline Timeline { get; }

    /// <summary>End of the time that is used, exclusive.</summary>
    public long End { get; }

    /// <summary>What is read, in order of time.</summary>
    public IReadOnlyList<Stretch> Stretches { get; }

    /// <summary>True when the asset's last row is read.</summary>
    public bool ReadsEnd => Stretches.Count > 0 && Stretches[^1].To >= End;

    /// <summary>Rows that will be read, by the mean density of the asset's rows.</summary>
    public double ExpectedRows => Extent.RowCount == 0 ? 0
        : Stretches.Sum(s => (double)(Math.Min(s.To, End) - Math.Max(s.From, _origin))) * Extent.RowCount / (End - _origin);

    /// <summary>Tiles of the asset.</summary>
    public static long TileCount(AssetExtent extent, ReadingSpans spans) =>
        extent.RowCount == 0 ? 0 : (extent.Last.UtcTicks - extent.First.UtcTicks) / spans.Tile + 1;

    /// <summary>True when the window before the incident was chosen.</summary>
    public bool HasIncident(int incident) => _incidents?.Contains(incident) != false;

    /// <summary>True when the tile that holds the time was chosen.</summary>
    public bool HasTile(long ticks) => RowDraw.IsChosen(_tileStart, _tileShare, (ticks - _origin) / _spans.Tile);

    private List<Stretch> Plan(long since)
    {
        var wanted = new List<Stretch>();
        if (since < End) Add(wanted, since - _spans.WarmUp, End);
        foreach (var window in NearWindow.Of(Timeline, _spans.Near, Extent.First.UtcTicks))
            if (HasIncident(window.Incident) && window.From < End) Add(wanted, window.From - _spans.WarmUp, window.To);
        for (long tile = 0, count = TileCount(Extent, _spans); tile < count; tile++)
            if (RowDraw.IsChosen(_tileStart, _tileShare, tile))
                Add(wanted, _origin + tile * _spans.Tile - _spans.WarmUp, _origin + (tile + 1) * _spans.Tile);
        // From the beginning of the life on, so that the baseline is the one that a live asset has, and tells nothing of where a stretch began.
        foreach (var stretch in wanted.ToArray())
            if (stretch.From > _origin) Add(wanted, LifeBefore(stretch.From) - _spans.Lead, stretch.From);
        return Stretch.Merge(wanted, _spans.WarmUp);
    }

    /// <summary>Start of the incident or maintenance after which the asset last began anew before a time; else its first row.</summary>
    private long LifeBefore(long ticks)
    {
        var latest = _origin;
        foreach (var (start, _) in Timeline.Incidents.Concat(Timeline.Maintenance))
            if (start < ticks && start > latest) latest = start;
        return latest;
    }

    /// <summary>Adds a stretch in whole steps of the asset's grid.</summary>
    private void Add(List<Stretch> stretches, long from, long to)
    {
        from = Math.Max(0, from - _origin) / _stepTicks * _stepTicks + _origin;
        to = (Math.Max(0, to - _origin) + _stepTicks - 1) / _stepTicks * _stepTicks + _origin;
        stretches.Add(new Stretch(from, Math.Min(to, End)));
    }
}
