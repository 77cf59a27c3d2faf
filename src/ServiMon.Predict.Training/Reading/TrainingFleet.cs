using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Reading;

/// <summary>A fleet to train on, whose rows are read when they are needed: from memory or from a store.</summary>
/// <remarks>May be read by several threads at once.</remarks>
public abstract class TrainingFleet
{
    /// <summary>Names of the K columns of all rows.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>The assets, in the order in which their evidence is numbered; those without rows have a row count of 0.</summary>
    public abstract IReadOnlyList<AssetExtent> Assets { get; }

    public abstract IReadOnlyList<Incident> Incidents { get; }

    public abstract IReadOnlyList<MaintenanceWindow> Maintenance { get; }

    /// <summary>Rows of all assets.</summary>
    public long RowCount => Assets.Sum(a => a.RowCount);

    /// <summary>The rows of an asset within [from, to), in ascending time, in pieces that all have the columns of <see cref="Metrics"/>.</summary>
    /// <param name="from">UTC ticks.</param>
    /// <param name="to">UTC ticks.</param>
    /// <exception cref="StoreException">When the store does not answer, or a block is damaged.</exception>
    public abstract IEnumerable<AssetRows> Read(string asset, long from, long to, CancellationToken cancellation);

    /// <summary>What there is of an asset before a time; its row count may be an estimate. Nothing from the time on has a part in it.</summary>
    /// <param name="step">Spacing of the grid.</param>
    internal abstract AssetExtent Before(AssetExtent asset, long cut, TimeSpan step);

    /// <summary>Values up to which reading everything once more costs next to nothing.</summary>
    internal abstract long ValuesReadInAMoment { get; }

    /// <summary>A fleet in memory.</summary>
    public static implicit operator TrainingFleet(FleetRecord record) => new RecordedFleet(record);
}

/// <summary>A fleet in memory.</summary>
public sealed class RecordedFleet : TrainingFleet
{
    private readonly FleetRecord _record;
    private readonly Dictionary<string, AssetRows> _rows;

    public RecordedFleet(FleetRecord record)
    {
        _record = record;
        _rows = record.History.Assets.ToDictionary(a => a.Asset);
        Assets = [.. record.History.Assets.Select(a => Extent(a, a.Count))];
    }

    public override IReadOnlyList<string> Metrics => _record.History.Metrics;

    public override IReadOnlyList<AssetExtent> Assets { get; }

    public override IReadOnlyList<Incident> Incidents => _record.Incidents;

    public override IReadOnlyList<MaintenanceWindow> Maintenance => _record.Maintenance;

    public override IEnumerable<AssetRows> Read(string asset, long from, long to, CancellationToken cancellation)
    {
        var rows = _rows[asset];
        int first = CountBefore(rows, from), last = CountBefore(rows, to), k = rows.Metrics.Count;
        if (first == last) return [];
        return first == 0 && last == rows.Count ? [rows]
            : [new AssetRows(asset, rows.Metrics, rows.Ticks[first..last], rows.Values[(first * k)..(last * k)])];
    }

    internal override AssetExtent Before(AssetExtent asset, long cut, TimeSpan step) =>
        _rows[asset.Asset] is var rows ? Extent(rows, CountBefore(rows, cut)) : asset;

    internal override long ValuesReadInAMoment => long.MaxValue;

    /// <summary>Rows of the asset before the time.</summary>
    internal static int CountBefore(AssetRows asset, long cut)
    {
        var at = Array.BinarySearch(asset.Ticks, cut);
        return at >= 0 ? at : ~at;
    }

    private static AssetExtent Extent(AssetRows rows, int count) =>
        count == 0 ? new AssetExtent(rows.Asset, default, default, 0) : new AssetExtent(rows.Asset, rows.Time(0), rows.Time(count - 1), count);
}
