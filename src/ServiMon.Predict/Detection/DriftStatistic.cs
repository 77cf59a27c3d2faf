using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Slow drift: cumulative sums (Page 1954), upwards and downwards, of the means of blocks of 16 steps against the mean of all blocks before,
/// in the deviations of such means. Taking blocks leaves persistence within them out of account. Where steps are sparse, what the hours of the week add to a block is
/// taken off first; beyond that the bar is what sums have come back from before.
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

    /// <summary>The sum at which independent blocks drift.</summary>
    private const float LeastBar = 8;

    /// <summary>Sums of persistent or seasonal series rise and fall; a drift goes so many times as far as they ever did.</summary>
    private const float PastFactor = 2;

    /// <summary>A drift that is over must not hide the next.</summary>
    private const float MostPast = 30;

    private const float LeastRate = 1f / 4096;

    /// <summary>A block of fewer values is left out.</summary>
    private const float LeastValues = 8;

    /// <summary>Takes the block of 16 that has just closed into a block of lanes.</summary>
    /// <param name="shares">How its steps fall to the slots of the week; empty where these are no means over days.</param>
    public static void Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, int block, ReadOnlySpan<float> shares)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var values = rows.Counts(DetectorState.CellCountRow + block);
        var there = TVector.GreaterThanOrEqual(values, TVector.Create(LeastValues));
        var level = rows[Cells.SumRow(block)] / TVector.MaxNative(values, one);
        if (!shares.IsEmpty)
        {
            var (season, isKnown) = HourSlots.Season(rows, shares);
            (level, there) = (level - season, there & isKnown);
        }

        var (mean, variance) = (rows[DetectorRow.BlockMean], rows[DetectorRow.BlockVariance]);
        var blocks = TVector.Floor((rows[DetectorRow.Count] - TVector.Create(Cells.ClosedAge - Cells.BlockSteps)) * (1f / Cells.BlockSteps));
        var count = TVector.MinNative(TVector.MaxNative(blocks, one), TVector.Create(1 / LeastRate));
        var difference = level - mean;
        var bound = TVector.Create(Winsor);
        var deviation = TVector.MinNative(TVector.MaxNative(difference / TVector.Sqrt(variance), -bound), bound);
        var judged = there & TVector.GreaterThan(count, TVector.Create(WarmUpCount)) & TVector.GreaterThan(variance, TVector.Zero);
        Remember(rows, judged, TVector.MaxNative(Sum(rows, DetectorRow.DriftUp, judged, deviation), Sum(rows, DetectorRow.DriftDown, judged, -deviation)));
        var rate = one / count;
        rows.Keep(DetectorRow.BlockMean, there, mean + rate * difference, mean);
        rows.Keep(DetectorRow.BlockVariance, there, (one - rate) * (variance + rate * difference * difference), variance);
    }

    /// <summary>The sum beyond which a lane drifts.</summary>
    public static float Bar(in Lane lane) => Math.Max(LeastBar, PastFactor * BitConverter.UInt32BitsToSingle((uint)lane.Short(DetectorState.DriftPastRow) << 16));

    /// <summary>Remembers the peaks that sums have fallen from: a sum that has halved was no lasting drift.</summary>
    private static void Remember<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector judged, TVector sum)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var (peak, past) = (rows.Halves(DetectorState.DriftPeakRow), rows.Halves(DetectorState.DriftPastRow));
        var higher = TVector.MaxNative(peak, sum);
        var fell = TVector.LessThan(sum, 0.5f * higher);
        var highest = TVector.MaxNative(past, TVector.AndNot(TVector.MinNative(higher, TVector.Create(MostPast)), ~fell));
        rows.StoreHalves(DetectorState.DriftPeakRow, TVector.ConditionalSelect(judged, TVector.ConditionalSelect(fell, sum, higher), peak));
        rows.StoreHalves(DetectorState.DriftPastRow, TVector.ConditionalSelect(judged, highest, past));
    }

    private static TVector Sum<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, DetectorRow row, TVector judged, TVector deviation)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var sum = rows[row];
        var renewed = TVector.MinNative(TVector.MaxNative(sum + deviation - TVector.Create(Slack), TVector.Zero), TVector.Create(Cap));
        sum = TVector.ConditionalSelect(judged, renewed, sum);
        rows[row] = sum;
        return sum;
    }
}
