using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>One cell of the past: where its sum stands, and how many steps ago it begins.</summary>
/// <param name="Row">The row of its sums; of its values when it is a single step.</param>
/// <param name="Block">The row of its counts and spreads, or -1 for a single step.</param>
/// <param name="Age">Steps from its first one to now, both included.</param>
/// <param name="Place">Its place in <see cref="CellClock"/>'s times.</param>
internal readonly record struct Cell(DetectorRow Row, int Block, int Age, int Place);

/// <summary>
/// The last 232 to 247 steps of every lane, ever coarser: the newest 12 to 15 one by one, then 7 to 10 blocks of 4, then 12 blocks of 16.
/// A block holds the sum of its values, their count (missing ones are left out) and their spread around its mean.
/// </summary>
internal static class Cells
{
    public const int SingleCount = 16;

    private const int FourCount = 11;

    private const int SixteenCount = 12;

    public const int BlockRowCount = FourCount + SixteenCount;

    public const int RowCount = SingleCount + BlockRowCount;

    /// <summary>Steps from which on all cells are there.</summary>
    public const int FullSteps = 40 + 16 * SixteenCount;

    /// <summary>Writes the current value of four lanes as a single and merges what has become old; blocks of 16 close every 16th step.</summary>
    /// <param name="count">Steps so far, this one included.</param>
    public static void Append(DetectorState state, int lane, Vector128<float> x, long count)
    {
        state.Store(DetectorRow.Cells + (int)((count - 1) % SingleCount), lane, x);
        if (count % 4 == 0 && count >= 16) MergeSingles(state, lane, count - 16);
        if (ClosesBlock(count)) MergeFours(state, lane, count - 56);
    }

    public static bool ClosesBlock(long count) => count % 16 == 8 && count >= 56;

    /// <summary>The row of counts of the block of 16 that closed at this step.</summary>
    public static int ClosedBlock(long count) => SixteenBlock((count - 56) / 16);

    public static DetectorRow SumRow(int block) => DetectorRow.Cells + SingleCount + block;

    /// <summary>Lists the cells, newest first.</summary>
    /// <returns>How many there are.</returns>
    public static int List(Span<Cell> cells, long count)
    {
        var n = 0;
        var fours = Math.Max(0, (count - 12) / 4 * 4);
        var sixteens = Math.Max(0, (count - 40) / 16 * 16);
        if (count < 12) fours = 0;
        if (count < 40) sixteens = 0;
        for (var i = count - 1; i >= fours; i--)
            cells[n++] = new Cell(DetectorRow.Cells + (int)(i % SingleCount), -1, (int)(count - i), (int)(i % SingleCount));
        for (var i = fours - 4; i >= sixteens; i -= 4)
        {
            var block = FourBlock(i / 4);
            cells[n++] = new Cell(SumRow(block), block, (int)(count - i), SingleCount + block);
        }

        for (var i = sixteens - 16; i >= Math.Max(0, sixteens - 16 * SixteenCount); i -= 16)
        {
            var block = SixteenBlock(i / 16);
            cells[n++] = new Cell(SumRow(block), block, (int)(count - i), SingleCount + block);
        }

        return n;
    }

    /// <summary>Count and sum of a cell in four lanes; a missing single counts for nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> Count, Vector128<float> Sum) ReadLevel(DetectorState state, in Cell cell, int lane)
    {
        var sum = state.Load(cell.Row, lane);
        if (cell.Block >= 0) return (DetectorState.Widen(state.CellCounts, cell.Block * state.Stride + lane), sum);
        var present = Vector128.Equals(sum, sum);
        return (present & Vector128<float>.One, present & sum);
    }

    /// <summary>Count, sum and spread of a cell in four lanes; a missing single counts for nothing.</summary>
    public static (Vector128<float> Count, Vector128<float> Sum, Vector128<float> Spread) Read(DetectorState state, in Cell cell, int lane)
    {
        var (count, sum) = ReadLevel(state, cell, lane);
        var spread = cell.Block >= 0 ? DetectorState.Widen(state.CellSpreads, cell.Block * state.Stride + lane) : Vector128<float>.Zero;
        return (count, sum, spread);
    }

    public static void Shift(DetectorState state, int lane, float by)
    {
        for (var i = 0; i < SingleCount; i++) state[DetectorRow.Cells + i, lane] -= by;
        for (var i = 0; i < BlockRowCount; i++) state[SumRow(i), lane] -= by * state.CellCounts[i * state.Stride + lane];
    }

    public static void Rescale(DetectorState state, int lane, float factor, float square)
    {
        for (var i = 0; i < RowCount; i++) state[DetectorRow.Cells + i, lane] *= factor;
        for (var i = 0; i < BlockRowCount; i++)
        {
            ref var spread = ref state.CellSpreads[i * state.Stride + lane];
            spread = Upper(BitConverter.UInt32BitsToSingle((uint)spread << 16) * square);
        }
    }

    public static bool IsSixteen(in Cell cell) => cell.Block >= FourCount;

    public static int FourBlock(long number) => (int)(number % FourCount);

    public static int SixteenBlock(long number) => FourCount + (int)(number % SixteenCount);

    private static void MergeSingles(DetectorState state, int lane, long first)
    {
        Vector128<float> count = default, sum = default, spread = default;
        for (var i = 0; i < 4; i++)
        {
            var x = state.Load(DetectorRow.Cells + (int)((first + i) % SingleCount), lane);
            var present = Vector128.Equals(x, x);
            count += present & Vector128<float>.One;
            sum += present & x;
        }

        var mean = sum / Vector128.Max(count, Vector128<float>.One);
        for (var i = 0; i < 4; i++)
        {
            var x = state.Load(DetectorRow.Cells + (int)((first + i) % SingleCount), lane);
            var difference = Vector128.Equals(x, x) & (x - mean);
            spread += difference * difference;
        }

        Write(state, lane, FourBlock(first / 4), count, sum, spread);
    }

    private static void MergeFours(DetectorState state, int lane, long first)
    {
        Vector128<float> count = default, sum = default, spread = default;
        for (var i = 0; i < 4; i++)
        {
            var (n, s, q) = Read(state, FourAt(first / 4 + i), lane);
            count += n;
            sum += s;
            spread += q;
        }

        var mean = sum / Vector128.Max(count, Vector128<float>.One);
        for (var i = 0; i < 4; i++)
        {
            var (n, s, _) = Read(state, FourAt(first / 4 + i), lane);
            var difference = s / Vector128.Max(n, Vector128<float>.One) - mean;
            spread += n * difference * difference;
        }

        Write(state, lane, SixteenBlock(first / 16), count, sum, spread);
    }

    private static Cell FourAt(long number) => new(SumRow(FourBlock(number)), FourBlock(number), 0, 0);

    private static void Write(DetectorState state, int lane, int block, Vector128<float> count, Vector128<float> sum, Vector128<float> spread)
    {
        state.Store(SumRow(block), lane, sum);
        for (var i = 0; i < DetectorState.Padding; i++)
        {
            state.CellCounts[block * state.Stride + lane + i] = (byte)count[i];
            state.CellSpreads[block * state.Stride + lane + i] = Upper(spread[i]);
        }
    }

    /// <summary>The upper half of a float, rounded to nearest: 8 bits of mantissa, an error of at most 0.4 %.</summary>
    private static ushort Upper(float value)
    {
        if (!(value > 0)) return 0;
        var bits = BitConverter.SingleToUInt32Bits(Math.Min(value, LargestSpread));
        return (ushort)((bits + 0x8000) >> 16);
    }

    /// <summary>Below the largest float by more than the rounding.</summary>
    private const float LargestSpread = 1e38f;
}
