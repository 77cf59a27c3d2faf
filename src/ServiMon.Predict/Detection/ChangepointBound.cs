using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Whether a look for a change can find any, at a fraction of its cost: where no border between cells takes away much of the squares there is
/// none, and that is nearly always so.
/// </summary>
/// <remarks>
/// GLR = L/2 log(RSS0 / RSS1) &gt; 40 over the 247 values there are at most asks that a border takes away at least 1 - exp(-80 / 247) = 0.277 of
/// RSS0. RSS0 comes out too small here, if at all: a block that lacks values counts as if it had them. Roundings, of which there are fewer than
/// a hundred of 2^-24 each, are far from the tenth that is left to them, so nothing is missed.
/// </remarks>
internal static class ChangepointBound
{
    /// <summary>Below the least share of the squares that a change takes away, by a tenth of it.</summary>
    private const float LeastShare = 0.25f;

    /// <summary>Whether some border takes away enough, in any lane.</summary>
    /// <param name="n">Values in all cells.</param>
    /// <param name="mean">Of those values.</param>
    /// <param name="side">Values that are asked for on either side.</param>
    /// <param name="count">Steps so far.</param>
    [SkipLocalsInit]
    public static bool MayChange<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector n, TVector mean, TVector side, long count)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        Unsafe.SkipInit(out Borders<TVector> borders);
        TVector whole = default, right = default, sum = default;
        var (fours, sixteens) = (Cells.Fours(count), Cells.Sixteens(count));
        for (var i = (int)(count - fours); i > 0; i--)
        {
            var x = rows[Cells.Single(count - i)];
            var present = TVector.Equals(x, x);
            var centred = present & (x - mean);
            whole += centred * centred;
            right += present & TVector.One;
            sum += centred;
        }

        // Of single steps it is enough to ask what all of them can take away (Cauchy and Schwarz).
        var (singles, older) = (whole * n, n - right);
        var first = fours / 4;
        var four = Cells.FourBlock(first);
        var blocks = (int)(first - sixteens / 4);
        for (var i = 0; i < blocks; i++)
        {
            four = four == 0 ? Cells.FourCount - 1 : four - 1;
            whole += Squares(rows, four, mean, 1f / 4, ref right, ref sum);
            borders[i] = new(right, sum);
        }

        first = sixteens / 16;
        var sixteen = Cells.SixteenBlock(first);
        var end = blocks + (int)Math.Min(first, Cells.SixteenCount);
        for (var i = blocks; i < end; i++)
        {
            sixteen = sixteen == Cells.FourCount ? Cells.BlockRowCount - 1 : sixteen - 1;
            whole += Squares(rows, sixteen, mean, 1f / 16, ref right, ref sum);
            borders[i] = new(right, sum);
        }

        var least = LeastShare * whole;
        var may = TVector.GreaterThan(singles, least * older);
        for (var i = 0; i < end; i++)
        {
            ref readonly var border = ref borders[i];
            var left = n - border.Right;
            may |= TVector.GreaterThanOrEqual(left, side) & TVector.GreaterThan(border.Sum * border.Sum * n, least * (border.Right * left));
        }

        return may.ExtractMostSignificantBits() != 0;
    }

    /// <summary>At most the squares in a block around the mean; counts its values and what they sum up to from there.</summary>
    /// <param name="share">One over the block's steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Squares<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, int block, TVector mean, float share, ref TVector right, ref TVector sum)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var values = rows.Counts(DetectorState.CellCountRow + block);
        var centred = rows[Cells.SumRow(block)] - values * mean;
        right += values;
        sum += centred;
        return rows.Halves(DetectorState.SpreadRow + block) + centred * centred * share;
    }

    /// <summary>What is newer than a border: how many values, and their sum around the mean.</summary>
    private readonly record struct Border<TVector>(TVector Right, TVector Sum);

    /// <summary>One before each block.</summary>
    [InlineArray(Cells.BlockRowCount)]
    private struct Borders<TVector>
    {
        private Border<TVector> _first;
    }
}
