using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>What is kept for each lane in single precision; values are centred and in units of the lane.</summary>
internal enum DetectorRow
{
    /// <summary>Binary exponent of the lane's unit: the size of the first difference seen, then of its scale.</summary>
    Exponent,

    /// <summary>Values seen.</summary>
    Count,

    // The expectation of now: exponentially weighted mean, and mean absolute deviation from it.
    Mean, Deviation,

    // Everything seen, winsorised.
    PastMean, PastVariance,

    // The expectation by the hour: values compared with it, their mean absolute deviations with and without winsorising.
    SlotSeen, SlotDeviation, SlotResidual,

    /// <summary>The last value.</summary>
    Last,

    /// <summary>Values in a row beyond the winsor limit, negative downwards.</summary>
    FarRun,

    /// <summary>Exponentially weighted mean square of the difference of neighbours.</summary>
    DifferenceSquare,

    // Law of the spike statistic: values seen; where its tail begins, the unit of the tail's bins, values seen since both were chosen.
    TailCount, TailStart, TailUnit, TailSince,

    // The generalised Pareto tail as fitted: weight (0 before the first fit), shape, scale.
    TailWeight, TailShape, TailScale,

    // Novelty: running range, the two levels' own mean and variance, decaying maximum, values ranked.
    Min, Max, LevelMean, LevelVariance, LevelCount, ShortMean, ShortVariance, ShortCount, Peak, RankCount,

    /// <summary>Steps since the last change of level; negative after one that the hours of the week let expect.</summary>
    Age,

    // Slow drift: mean and variance of the means of blocks, and cumulative sums upwards and downwards.
    BlockMean, BlockVariance, DriftUp, DriftDown,

    // Stuck and missing.
    UnchangedSteps, LongestUnchanged, UnchangedShare, MissingRun, MissingShare,

    // Sums over all cells, and over those of single and of four steps.
    OlderSum, FoursSum,

    /// <summary>The first of the rows of <see cref="Cells"/>: past values one by one, then sums of blocks of them.</summary>
    Cells,

    /// <summary>The first of the rows of the means of an hour.</summary>
    Slots = Cells + Detection.Cells.RowCount,

    End = Slots + HourSlots.Count,
}

/// <summary>
/// The state of K metrics: blocks of neighbouring lanes, each block one stretch of memory with its rows one after the other, so that a step
/// reads every line of it at most once and fills none with what it does not need.
/// </summary>
internal readonly struct DetectorState
{
    public const int RankRow = 0;

    public const int TailRow = RankRow + RankBins.Total;

    public const int SpreadRow = TailRow + TailBins.RowCount;

    /// <summary>The peak of the cumulative sums since they last fell, and the highest one that they fell from, as halves of floats.</summary>
    public const int DriftPeakRow = SpreadRow + Detection.Cells.BlockRowCount;

    public const int DriftPastRow = DriftPeakRow + 1;

    public const int ShortRowCount = DriftPastRow + 1;

    /// <summary>Values that the mean of each slot has seen, at most 15: even slots in the lower half of a byte, odd ones in the upper.</summary>
    public const int SlotCountRow = 0;

    /// <summary>Values in each block of <see cref="Detection.Cells"/>.</summary>
    public const int CellCountRow = HourSlots.Count / 2;

    /// <summary>Values in all cells, and in those of single and of four steps.</summary>
    public const int OlderCountRow = CellCountRow + Detection.Cells.BlockRowCount;

    public const int FoursCountRow = OlderCountRow + 1;

    /// <summary>Steps from a spike to the next look for changes, both included: whether it has stayed; 0 for none.</summary>
    public const int JumpRow = FoursCountRow + 1;

    public const int ByteRowCount = JumpRow + 1;

    public const int ShortsAt = (int)DetectorRow.End * sizeof(float);

    public const int CentreAt = ShortsAt + ShortRowCount * sizeof(ushort);

    public const int BytesAt = CentreAt + sizeof(double);

    private const int LaneBytes = BytesAt + ByteRowCount;

    private readonly byte[] _memory;

    public DetectorState(int laneCount)
    {
        LaneCount = laneCount;
        _memory = new byte[laneCount * LaneBytes];
        for (var i = 0; i < laneCount; i++)
        {
            var lane = At(i);
            lane.Centre = double.NaN;
            lane[DetectorRow.Min] = float.PositiveInfinity;
            lane[DetectorRow.Max] = float.NegativeInfinity;
            lane[DetectorRow.Exponent] = LaneUnits.Unset;
            for (var single = 0; single < Detection.Cells.SingleCount; single++) lane[DetectorRow.Cells + single] = float.NaN;
        }
    }

    public int LaneCount { get; }

    /// <summary>Bytes for all lanes.</summary>
    public int Bytes => _memory.Length;

    /// <summary>Lanes of a block, but for the last: as many as a machine computes on at once, or few of which each row is one vector on any machine.</summary>
    private static int MostLanes => Vector512.IsHardwareAccelerated ? SixteenLanes.Count : FourLanes.Count;

    /// <summary>Lanes of the block that begins here.</summary>
    public int WidthAt(int lane) => Math.Min(LaneCount - lane, MostLanes);

    /// <summary>The block that begins at a lane.</summary>
    public LaneBlock<TWidth, TVector> Block<TWidth, TVector>(int lane)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
        new(_memory.AsSpan(lane * LaneBytes, TWidth.Count * LaneBytes));

    /// <summary>One lane.</summary>
    public Lane At(int lane)
    {
        var first = 0;
        while (WidthAt(first) is var width && width < lane - first + 1) first += width;
        return new Lane(_memory.AsSpan(first * LaneBytes, WidthAt(first) * LaneBytes), WidthAt(first), lane - first);
    }

    /// <summary>Asks for the memory of the block that begins at a lane, so that it comes while something else is computed.</summary>
    public void Prefetch(int lane)
    {
        if (lane >= LaneCount || _memory is null) return;
        var width = WidthAt(lane);
        // The length of an array stands in memory that is asked for here: it is not read.
        ref var block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_memory), lane * LaneBytes);
        CacheLines.Prefetch(ref block, LaneBytes * width);
    }

    public void CopyFrom(DetectorState other) => other._memory.CopyTo(_memory, 0);
}
