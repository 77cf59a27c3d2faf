using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Evidence;

/// <summary>Neighbouring lanes of one kind.</summary>
/// <param name="First">The first lane.</param>
/// <param name="Start">Where their floats begin.</param>
/// <param name="RowCount">Floats of each lane.</param>
internal readonly record struct LaneSection(int First, int Count, int Start, int RowCount)
{
    public int End => Start + Count * RowCount;

    /// <summary>Floats of a lane of a kind.</summary>
    public static int RowsOf<TKind>() where TKind : struct, ILaneKind =>
        RowOf<TKind>(TKind.HasScores ? LaneRow.End : TKind.HasRuns ? LaneRow.VarianceFast : LaneRow.Last);

    /// <summary>The place of a row among those of its kind.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowOf<TKind>(LaneRow row) where TKind : struct, ILaneKind => Place(row, TKind.HasBaseline);

    public static int Place(LaneRow row, bool hasBaseline) =>
        hasBaseline || row < LaneRow.BaselineMean ? (int)row : (int)row - (LaneRow.Last - LaneRow.BaselineMean);
}

/// <summary>Where the floats of a lane lie.</summary>
/// <param name="Start">Its first; -1 where none are kept.</param>
/// <param name="Width">From one of its floats to the next.</param>
internal readonly record struct LanePlace(int Start, int Width, bool HasBaseline)
{
    public static readonly LanePlace None = new(-1, 0, true);
}

/// <summary>
/// Where an asset's lanes lie: section after section, each in blocks of <see cref="BlockWidth"/> and one of what is left, each block row after row.
/// </summary>
internal sealed class LaneLayout
{
    /// <summary>Lanes of a block: vectors of four are fast on every machine, and a few blocks are computed beside each other anyway.</summary>
    public const int BlockWidth = 4;

    private readonly LanePlace[] _places;

    /// <param name="tracked">Metrics that are followed; lanes from 0 on.</param>
    /// <param name="metrics">All metrics: of those after the tracked ones nothing is kept.</param>
    public LaneLayout(int tracked, int metrics, int ratios, int shares, int anomalies)
    {
        Metrics = new(0, tracked, 0, LaneSection.RowsOf<MetricKindOfLane>());
        Ratios = new(metrics, ratios, Metrics.End, LaneSection.RowsOf<RatioKindOfLane>());
        Shares = new(Ratios.First + ratios, shares, Ratios.End, LaneSection.RowsOf<ShareKindOfLane>());
        Anomalies = new(Shares.First + shares, anomalies, Shares.End, LaneSection.RowsOf<AnomalyKindOfLane>());
        _places = new LanePlace[Anomalies.First + anomalies];
        Array.Fill(_places, LanePlace.None);
        foreach (var section in new[] { Metrics, Ratios, Shares, Anomalies })
            for (var lane = 0; lane < section.Count;)
            {
                var width = Math.Min(section.Count - lane, BlockWidth);
                for (var i = 0; i < width; i++)
                    _places[section.First + lane + i] = new(section.Start + lane * section.RowCount + i, width, section != Shares);
                lane += width;
            }
    }

    public LaneSection Metrics { get; }

    public LaneSection Ratios { get; }

    public LaneSection Shares { get; }

    public LaneSection Anomalies { get; }

    public int LaneCount => _places.Length;

    /// <summary>Floats of all lanes.</summary>
    public int FloatCount => Anomalies.End;

    /// <summary>Where a float lies; -1 for a lane of which nothing is kept or a negative one.</summary>
    public int IndexOf(LaneRow row, int lane)
    {
        if ((uint)lane >= (uint)_places.Length) return -1;
        var place = _places[lane];
        return place.Start < 0 ? -1 : place.Start + LaneSection.Place(row, place.HasBaseline) * place.Width;
    }
}
