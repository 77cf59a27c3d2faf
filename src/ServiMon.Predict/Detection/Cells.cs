using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>One cell of the past: where it stands, and how many steps ago it begins.</summary>
/// <param name="Place">Its place among all cells: singles, blocks of four, blocks of sixteen.</param>
/// <param name="Age">Steps from its first one to now, both included.</param>
internal readonly record struct Cell(int Place, int Age)
{
    /// <summary>The row of its sums; of its values when it is a single step.</summary>
    public DetectorRow Row => DetectorRow.Cells + Place;

    /// <summary>The number of its rows of counts and spreads, below 0 for a single step.</summary>
    public int Block => Place - Cells.SingleCount;
}

/// <summary>The means of the cells of a block of lanes, and how many values they hold.</summary>
internal readonly record struct WindowLevels<TVector>(TVector Long, TVector LongCount, TVector Short, TVector ShortCount);

/// <summary>
/// The last 232 to 247 steps of every lane, ever coarser: the newest 12 to 15 one by one, then 7 to 10 blocks of 4, then 12 blocks of 16.
/// A block holds the sum of its values, their count (missing ones are left out) and their spread around its mean.
/// </summary>
internal static class Cells
{
    public const int SingleCount = 16;

    /// <summary>Steps that are kept one by one at any time.</summary>
    public const int LeastSingles = 12;

    /// <summary>Steps in the longest blocks.</summary>
    public const int BlockSteps = 16;

    /// <summary>The age of a block of 16 at the step at which it closes.</summary>
    public const int ClosedAge = 56;

    public const int FourCount = 11;

    public const int SixteenCount = 12;

    public const int BlockRowCount = FourCount + SixteenCount;

    public const int RowCount = SingleCount + BlockRowCount;

    /// <summary>Steps from which on all cells are there.</summary>
    public const int FullSteps = 40 + 16 * SixteenCount;

    /// <summary>Writes the current values as a single and merges what has become old; blocks of 16 close every 16th step.</summary>
    /// <param name="count">Steps so far, this one included.</param>
    public static void Append<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, long count)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        rows[Single(count - 1)] = x;
        if (count % 4 == 0 && count >= 16)
        {
            MergeSingles(rows, count - 16);
            if (ClosesBlock(count))
            {
                MergeFours(rows, count - 56);
                Sum(rows, count);
                return;
            }
        }

        // Merging changes no sum, and values leave when a block of 16 closes.
        var present = TVector.Equals(x, x);
        var (one, value) = (present & TVector.One, present & x);
        rows[DetectorRow.OlderSum] += value;
        rows[DetectorRow.FoursSum] += value;
        rows.StoreCounts(DetectorState.OlderCountRow, rows.Counts(DetectorState.OlderCountRow) + one);
        rows.StoreCounts(DetectorState.FoursCountRow, rows.Counts(DetectorState.FoursCountRow) + one);
    }

    /// <summary>Whether a block of 16 has closed at this step.</summary>
    public static bool ClosesBlock(long count) => count % 16 == 8 && count >= 56;

    /// <summary>The block of 16 that closed at this step.</summary>
    public static int ClosedBlock(long count) => SixteenBlock((count - ClosedAge) / BlockSteps);

    public static DetectorRow SumRow(int block) => DetectorRow.Cells + SingleCount + block;

    /// <summary>Lists the cells, newest first.</summary>
    /// <returns>How many there are.</returns>
    public static int List(Span<Cell> cells, long count)
    {
        var n = 0;
        var fours = Fours(count);
        var sixteens = Sixteens(count);
        for (var i = count - 1; i >= fours; i--)
            cells[n++] = new Cell((int)(i % SingleCount), (int)(count - i));
        var four = FourBlock((fours - 4) / 4);
        for (var i = fours - 4; i >= sixteens; i -= 4, four = four == 0 ? FourCount - 1 : four - 1)
            cells[n++] = new Cell(SingleCount + four, (int)(count - i));
        var sixteen = SixteenBlock((sixteens - 16) / 16);
        for (var i = sixteens - 16; i >= Math.Max(0, sixteens - 16 * SixteenCount); i -= 16, sixteen = sixteen == FourCount ? BlockRowCount - 1 : sixteen - 1)
            cells[n++] = new Cell(SingleCount + sixteen, (int)(count - i));
        return n;
    }

    /// <summary>Steps from the first one of the oldest cell to now, both included.</summary>
    public static int OldestAge(long count) => (int)(count - Math.Max(0, Sixteens(count) - 16 * SixteenCount));

    /// <summary>Means over all cells, and over those of single and of four steps; also of values before the last change.</summary>
    public static WindowLevels<TVector> Levels<TWidth, TVector>(LaneBlock<TWidth, TVector> rows)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var (n, few) = (rows.Counts(DetectorState.OlderCountRow), rows.Counts(DetectorState.FoursCountRow));
        return new WindowLevels<TVector>(
            rows[DetectorRow.OlderSum] / TVector.MaxNative(n, one), n, rows[DetectorRow.FoursSum] / TVector.MaxNative(few, one), few);
    }

    /// <summary>Count, sum and spread of a cell; a missing single counts for nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Count, TVector Sum, TVector Spread) Read<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, in Cell cell)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var sum = rows[cell.Row];
        if (cell.Block >= 0) return (rows.Counts(DetectorState.CellCountRow + cell.Block), sum, rows.Halves(DetectorState.SpreadRow + cell.Block));
        var present = TVector.Equals(sum, sum);
        return (present & TVector.One, present & sum, TVector.Zero);
    }

    public static void Shift(in Lane lane, float by)
    {
        for (var i = 0; i < SingleCount; i++) lane[DetectorRow.Cells + i] -= by;
        for (var i = 0; i < BlockRowCount; i++) lane[SumRow(i)] -= by * lane.Byte(DetectorState.CellCountRow + i);
        lane[DetectorRow.OlderSum] -= by * lane.Byte(DetectorState.OlderCountRow);
        lane[DetectorRow.FoursSum] -= by * lane.Byte(DetectorState.FoursCountRow);
    }

    public static void Rescale(in Lane lane, float factor)
    {
        for (var i = 0; i < RowCount; i++) lane[DetectorRow.Cells + i] *= factor;
        lane[DetectorRow.OlderSum] *= factor;
        lane[DetectorRow.FoursSum] *= factor;
        for (var i = 0; i < BlockRowCount; i++)
        {
            ref var spread = ref lane.Short(DetectorState.SpreadRow + i);
            var rescaled = Math.Min(BitConverter.UInt32BitsToSingle((uint)spread << 16) * factor * factor, 1e38f);
            spread = (ushort)((BitConverter.SingleToUInt32Bits(rescaled) + 0x8000) >> 16);
        }
    }

    public static int FourBlock(long number) => (int)((ulong)number % FourCount);

    public static int SixteenBlock(long number) => FourCount + (int)((ulong)number % SixteenCount);

    /// <summary>The row of a step that is kept by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DetectorRow Single(long step) => DetectorRow.Cells + (int)((ulong)step % SingleCount);

    /// <summary>The step at which the blocks of four end and the singles begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Fours(long count) => count < 12 ? 0 : (long)((ulong)(count - 12) / 4 * 4);

    /// <summary>The step at which the blocks of sixteen end and those of four begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sixteens(long count) => count < 40 ? 0 : (long)((ulong)(count - 40) / 16 * 16);

    private static void MergeSingles<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, long first)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        TVector count = default, sum = default, spread = default;
        for (var i = 0; i < 4; i++)
        {
            var x = rows[Single(first + i)];
            var present = TVector.Equals(x, x);
            count += present & TVector.One;
            sum += present & x;
        }

        var mean = sum / TVector.MaxNative(count, TVector.One);
        for (var i = 0; i < 4; i++)
        {
            var x = rows[Single(first + i)];
            var difference = TVector.Equals(x, x) & (x - mean);
            spread += difference * difference;
        }

        Write(rows, FourBlock(first / 4), count, sum, spread);
    }

    private static void MergeFours<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, long first)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        TVector count = default, sum = default, spread = default;
        for (var i = 0; i < 4; i++)
        {
            var (n, s, q) = Read(rows, FourAt(first / 4 + i));
            count += n;
            sum += s;
            spread += q;
        }

        var mean = sum / TVector.MaxNative(count, TVector.One);
        for (var i = 0; i < 4; i++)
        {
            var (n, s, _) = Read(rows, FourAt(first / 4 + i));
            var difference = s / TVector.MaxNative(n, TVector.One) - mean;
            spread += n * difference * difference;
        }

        Write(rows, SixteenBlock(first / 16), count, sum, spread);
    }

    /// <summary>Sums and counts of all cells, and of those of single and of four steps, which <see cref="Append"/> adds to until the next block of 16 closes.</summary>
    /// <param name="count">Steps so far.</param>
    public static void Sum<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, long count)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        TVector n = default, sum = default;
        for (var i = (int)(count - Fours(count)); i > 0; i--)
        {
            var x = rows[Single(count - i)];
            var present = TVector.Equals(x, x);
            n += present & TVector.One;
            sum += present & x;
        }

        var (four, sixteen) = (FourBlock(Fours(count) / 4), SixteenBlock(Sixteens(count) / 16));
        for (var i = (Fours(count) - Sixteens(count)) / 4; i > 0; i--)
        {
            four = four == 0 ? FourCount - 1 : four - 1;
            n += rows.Counts(DetectorState.CellCountRow + four);
            sum += rows[SumRow(four)];
        }

        rows.StoreCounts(DetectorState.FoursCountRow, n);
        rows[DetectorRow.FoursSum] = sum;
        for (var i = Math.Min(Sixteens(count) / 16, SixteenCount); i > 0; i--)
        {
            sixteen = sixteen == FourCount ? BlockRowCount - 1 : sixteen - 1;
            n += rows.Counts(DetectorState.CellCountRow + sixteen);
            sum += rows[SumRow(sixteen)];
        }

        rows.StoreCounts(DetectorState.OlderCountRow, n);
        rows[DetectorRow.OlderSum] = sum;
    }

    private static Cell FourAt(long number) => new(SingleCount + FourBlock(number), 0);

    private static void Write<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int block, TVector count, TVector sum, TVector spread)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        rows[SumRow(block)] = sum;
        rows.StoreCounts(DetectorState.CellCountRow + block, count);
        rows.StoreHalves(DetectorState.SpreadRow + block, spread);
    }
}
