using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>What is kept for each lane in single precision, one row of floats each; values are centred and in units of the lane.</summary>
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

    // Generalised Pareto tail of the spike statistic: first bin above the threshold, weight, shape, scale; values seen.
    TailBin, TailWeight, TailShape, TailScale, TailCount,

    // Novelty: running range, the two levels' own mean and variance, decaying maximum, values ranked.
    Min, Max, LevelMean, LevelVariance, LevelCount, ShortMean, ShortVariance, ShortCount, Peak, RankCount,

    /// <summary>Steps since the last changepoint.</summary>
    Age,

    // Slow drift: mean and variance of the means of blocks, and cumulative sums upwards and downwards.
    BlockMean, BlockVariance, BlockCount, DriftUp, DriftDown,

    // Stuck and missing.
    UnchangedSteps, LongestUnchanged, UnchangedShare, MissingRun, MissingShare,

    /// <summary>The first of <see cref="DetectorState.SlotCount"/> rows of the means of an hour.</summary>
    Slots,

    /// <summary>The first of the rows of <see cref="Cells"/>: sums of past values.</summary>
    Cells = Slots + DetectorState.SlotCount,

    End = Cells + Detection.Cells.RowCount,
}

/// <summary>The state of K metrics in arrays of lanes (structure of arrays), padded to whole vectors; histograms lane by lane.</summary>
internal sealed class DetectorState
{
    /// <summary>Lanes are advanced this many at a time.</summary>
    public const int Padding = 4;

    public const int SlotCount = HourSlots.Count;

    public DetectorState(int laneCount)
    {
        LaneCount = laneCount;
        Stride = (laneCount + Padding - 1) / Padding * Padding;
        Rows = new float[(int)DetectorRow.End * Stride];
        SlotCounts = new byte[SlotCount / 2 * Stride];
        CellCounts = new byte[Detection.Cells.BlockRowCount * Stride];
        CellSpreads = new ushort[Detection.Cells.BlockRowCount * Stride];
        Ranks = new ushort[laneCount * RankBins.Total];
        Tail = new ushort[laneCount * TailBins.Count];
        Centre = new double[laneCount];
        Array.Fill(Centre, double.NaN);
        Row(DetectorRow.Min).Fill(float.PositiveInfinity);
        Row(DetectorRow.Max).Fill(float.NegativeInfinity);
        Row(DetectorRow.TailBin).Fill(TailBins.Count);
        Row(DetectorRow.Exponent).Fill(LaneUnits.Unset);
        for (var i = 0; i < Detection.Cells.SingleCount; i++) Row(DetectorRow.Cells + i).Fill(float.NaN);
    }

    public int LaneCount { get; }

    public int Stride { get; }

    public float[] Rows { get; }

    /// <summary>Values that the mean of each slot has seen, at most 15: even slots in the lower half of a byte, odd ones in the upper.</summary>
    public byte[] SlotCounts { get; }

    /// <summary>Values in each block of <see cref="Detection.Cells"/>, and the spread within it as the upper half of a float.</summary>
    public byte[] CellCounts { get; }

    public ushort[] CellSpreads { get; }

    public ushort[] Ranks { get; }

    public ushort[] Tail { get; }

    /// <summary>What is subtracted from a lane's values; NaN before the first.</summary>
    public double[] Centre { get; }

    /// <summary>Bytes for all lanes.</summary>
    public int Bytes =>
        Rows.Length * sizeof(float) + SlotCounts.Length + CellCounts.Length + CellSpreads.Length * sizeof(ushort)
        + (Ranks.Length + Tail.Length) * sizeof(ushort) + Centre.Length * sizeof(double);

    public ref float this[DetectorRow row, int lane] => ref Rows[(int)row * Stride + lane];

    public Span<float> Row(DetectorRow row) => Rows.AsSpan((int)row * Stride, Stride);

    public Vector128<float> Load(DetectorRow row, int lane) => Vector128.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(Rows), Index(row, lane));

    public void Store(DetectorRow row, int lane, Vector128<float> value) =>
        value.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(Rows), Index(row, lane));

    /// <summary>How many values the mean of a slot has seen.</summary>
    public Vector128<float> LoadSlotCounts(int slot, int lane)
    {
        var bytes = Vector128.CreateScalar(BitConverter.ToUInt32(SlotCounts, slot / 2 * Stride + lane)).AsByte();
        var halves = Vector128.WidenLower(Vector128.WidenLower(bytes)) >>> (4 * (slot % 2));
        return Vector128.ConvertToSingle((halves & Vector128.Create(15u)).AsInt32());
    }

    /// <summary>Counts one value more where a bit is set.</summary>
    public void CountSlot(int slot, int lane, uint lanes)
    {
        var one = 1 << (4 * (slot % 2));
        for (var i = 0; i < Padding; i++)
        {
            ref var count = ref SlotCounts[slot / 2 * Stride + lane + i];
            if ((lanes >> i & 1) != 0 && (count & 15 * one) != 15 * one) count += (byte)one;
        }
    }

    /// <summary>Four bytes of a row of counts as floats.</summary>
    public static Vector128<float> Widen(byte[] counts, int index)
    {
        var bytes = Vector128.CreateScalar(BitConverter.ToUInt32(counts, index)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }

    /// <summary>Four entries of a row of upper halves as floats.</summary>
    public static Vector128<float> Widen(ushort[] halves, int index)
    {
        var upper = Vector128.CreateScalar(MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(halves.AsSpan(index, Padding)))).AsUInt16();
        return (Vector128.WidenLower(upper) << 16).AsSingle();
    }

    public void CopyFrom(DetectorState other)
    {
        other.Rows.CopyTo(Rows, 0);
        other.SlotCounts.CopyTo(SlotCounts, 0);
        other.CellCounts.CopyTo(CellCounts, 0);
        other.CellSpreads.CopyTo(CellSpreads, 0);
        other.Ranks.CopyTo(Ranks, 0);
        other.Tail.CopyTo(Tail, 0);
        other.Centre.CopyTo(Centre, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint Index(DetectorRow row, int lane)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lane, (uint)(Stride - Padding), nameof(lane));
        return (nuint)((int)row * Stride + lane);
    }
}
