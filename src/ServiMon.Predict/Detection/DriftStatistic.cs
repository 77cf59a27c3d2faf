using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Slow drift: cumulative sums (Page 1954), upwards and downwards, of the means of blocks of 16 steps against the mean of all blocks before,
/// in the deviations of such means. Taking blocks leaves persistence within them out of account.
/// </summary>
internal static class DriftStatistic
{
    /// <summary>Half the shift, in deviations of a block's mean, that the sums are tuned to.</summary>
    private const float Slack = 0.5f;

    /// <summary>Deviations count for no more.</summary>
    private const float Winsor = 4;

    /// <summary>Sums go no further: a drift that is over shows within a few blocks.</summary>
    private const float Cap = 100;

    /// <summary>Blocks before deviations are judged; then their rate of forgetting, 1/n, goes down to <see cref="LeastRate"/>.</summary>
    private const float WarmUpCount = 12;

    private const float LeastRate = 1f / 4096;

    /// <summary>A block of fewer values is left out.</summary>
    private const float LeastValues = 8;

    /// <summary>Takes the block of 16 that has just closed into a block of lanes.</summary>
    public static void Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int block)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var values = rows.Counts(DetectorState.CellCountRow + block);
        var there = TVector.GreaterThanOrEqual(values, TVector.Create(LeastValues));
        var level = rows[Cells.SumRow(block)] / TVector.MaxNative(values, one);
        var (mean, variance, count) = (rows[DetectorRow.BlockMean], rows[DetectorRow.BlockVariance], rows[DetectorRow.BlockCount]);
        var difference = level - mean;
        var bound = TVector.Create(Winsor);
        var deviation = TVector.MinNative(TVector.MaxNative(difference / TVector.Sqrt(variance), -bound), bound);
        var judged = there & TVector.GreaterThanOrEqual(count, TVector.Create(WarmUpCount)) & TVector.GreaterThan(variance, TVector.Zero);
        Sum(rows, DetectorRow.DriftUp, judged, deviation);
        Sum(rows, DetectorRow.DriftDown, judged, -deviation);
        var newCount = TVector.MinNative(count + one, TVector.Create(1 / LeastRate));
        var rate = one / newCount;
        rows.Keep(DetectorRow.BlockMean, there, mean + rate * difference, mean);
        rows.Keep(DetectorRow.BlockVariance, there, (one - rate) * (variance + rate * difference * difference), variance);
        rows.Keep(DetectorRow.BlockCount, there, newCount, count);
    }

    private static void Sum<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, DetectorRow row, TVector judged, TVector deviation)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var sum = rows[row];
        var renewed = TVector.MinNative(TVector.MaxNative(sum + deviation - TVector.Create(Slack), TVector.Zero), TVector.Create(Cap));
        rows.Keep(row, judged, renewed, sum);
    }
}
