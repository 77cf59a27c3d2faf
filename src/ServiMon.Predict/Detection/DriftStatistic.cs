using System.Runtime.Intrinsics;

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

    /// <summary>Takes the block of 16 that has just closed into four lanes.</summary>
    public static void Advance(DetectorState state, int lane, int block)
    {
        var one = Vector128<float>.One;
        var values = DetectorState.Widen(state.CellCounts, block * state.Stride + lane);
        var there = Vector128.GreaterThanOrEqual(values, Vector128.Create(LeastValues));
        var level = state.Load(Cells.SumRow(block), lane) / Vector128.Max(values, one);
        var (mean, variance, count) = (state.Load(DetectorRow.BlockMean, lane), state.Load(DetectorRow.BlockVariance, lane), state.Load(DetectorRow.BlockCount, lane));
        var difference = level - mean;
        var bound = Vector128.Create(Winsor);
        var deviation = Vector128.Min(Vector128.Max(difference / Vector128.Sqrt(variance), -bound), bound);
        var judged = there & Vector128.GreaterThanOrEqual(count, Vector128.Create(WarmUpCount)) & Vector128.GreaterThan(variance, Vector128<float>.Zero);
        Sum(state, DetectorRow.DriftUp, lane, judged, deviation);
        Sum(state, DetectorRow.DriftDown, lane, judged, -deviation);
        var newCount = Vector128.Min(count + one, Vector128.Create(1 / LeastRate));
        var rate = one / newCount;
        state.Store(DetectorRow.BlockMean, lane, Vector128.ConditionalSelect(there, mean + rate * difference, mean));
        state.Store(DetectorRow.BlockVariance, lane, Vector128.ConditionalSelect(there, (one - rate) * (variance + rate * difference * difference), variance));
        state.Store(DetectorRow.BlockCount, lane, Vector128.ConditionalSelect(there, newCount, count));
    }

    private static void Sum(DetectorState state, DetectorRow row, int lane, Vector128<float> judged, Vector128<float> deviation)
    {
        var sum = state.Load(row, lane);
        var renewed = Vector128.Min(Vector128.Max(sum + deviation - Vector128.Create(Slack), Vector128<float>.Zero), Vector128.Create(Cap));
        state.Store(row, lane, Vector128.ConditionalSelect(judged, renewed, sum));
    }
}
