using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// How far a value lies from what was expected of it, in robust units, z = e / (1.25 d + 0.3 s): d the exponentially weighted mean absolute
/// residual, s the deviation of everything seen.
/// </summary>
/// <remarks>
/// Two expectations are kept: the exponentially weighted mean of now, and the mean of this hour of the week. Where the hour leaves less than
/// 15 % of the residual it alone counts; where it leaves less than 35 % a value must be unusual both for now and for its hour; else now
/// counts. 1.25 d is the standard deviation of a
/// Gaussian (sqrt(pi / 2) = 1.2533). Without the floor 0.3 s a quiet stretch makes any step infinite. What is learned is winsorised at
/// 3 units, so a spike widens nothing by more. Constants were chosen on the even half of the Microsoft cloud monitoring series.
/// </remarks>
internal static class SpikeStatistic
{
    public const float DeviationFactor = 1.25f;

    public const float FloorFactor = 0.3f;

    /// <summary>Values before a statistic is given and updates are winsorised.</summary>
    public const float WarmUpCount = 30;

    private const float WinsorLimit = 3;

    /// <summary>So many far values in a row on one side are no longer winsorised.</summary>
    private const float MostFar = 30;

    /// <summary>Leaving an exactly constant past is a spike of a size that nothing is known about.</summary>
    private const float ConstantLeft = 8;

    /// <summary>Share of the residual of now below which the hour alone is the expectation.</summary>
    private const float HourAlone = 0.15f;

    private const float HourBeside = 0.35f;

    /// <summary>Values of an hour before it is compared with, and before it is an expectation.</summary>
    private const float SlotKnown = 2;

    private const float SlotTrusted = 4;

    /// <summary>Half-life of the expectation of now and of all scales, in values.</summary>
    private static readonly float Forgetting = (float)(1 - Math.Pow(2, -1.0 / 60));

    /// <summary>Least weight of a new value in the deviation of everything seen, in its hour's mean and in the hour's plain residual.</summary>
    private const float PastRate = 1f / 4096;

    private const float SlotRate = 0.2f;

    private const float ResidualRate = 0.001f;

    /// <summary>Counts go no further: the rates have long reached their floor, and a float still tells neighbours apart.</summary>
    private const float MostCount = 1 << 22;

    /// <summary>The statistic of four lanes and their deviation from the hour in its mean residuals; then learns. Missing values are NaN.</summary>
    /// <returns>The signed statistic, NaN where there is no value or too few came before; and the deviation from the hour, 0 or more.</returns>
    public static (Vector128<float> Z, Vector128<float> Hour) Advance(DetectorState state, int lane, Vector128<float> x, int slot)
    {
        var one = Vector128<float>.One;
        var present = Vector128.Equals(x, x);
        var count = state.Load(DetectorRow.Count, lane);
        var warm = Vector128.GreaterThanOrEqual(count, Vector128.Create(WarmUpCount));
        var pastVariance = state.Load(DetectorRow.PastVariance, lane);
        var floor = FloorFactor * Vector128.Sqrt(pastVariance);

        var mean = state.Load(DetectorRow.Mean, lane);
        var deviation = state.Load(DetectorRow.Deviation, lane);
        var scale = DeviationFactor * deviation + floor;
        var now = x - mean;
        var z = Ratio(now, scale);
        var run = state.Load(DetectorRow.FarRun, lane);
        // A stretch of far values on one side is no spike but where the series now is.
        var robust = warm & Vector128.LessThan(Vector128.Abs(run), Vector128.Create(MostFar));
        var nowLearned = Winsorised(now, scale, robust);

        var slotRow = DetectorRow.Slots + slot;
        var slotMean = state.Load(slotRow, lane);
        var slotCount = state.LoadSlotCounts(slot, lane);
        var slotDeviation = state.Load(DetectorRow.SlotDeviation, lane);
        var slotSeen = state.Load(DetectorRow.SlotSeen, lane);
        var slotScale = DeviationFactor * slotDeviation + floor;
        var hour = x - slotMean;
        var known = present & Vector128.GreaterThanOrEqual(slotCount, Vector128.Create(SlotKnown));
        var slotWarm = Vector128.GreaterThanOrEqual(slotSeen, Vector128.Create(WarmUpCount));
        var hourZ = Ratio(hour, slotScale);
        var hourLearned = Winsorised(hour, slotScale, slotWarm & known & robust);

        var last = state.Load(DetectorRow.Last, lane);
        var trusted = slotWarm & Vector128.GreaterThanOrEqual(slotCount, Vector128.Create(SlotTrusted));
        var beside = trusted & Vector128.LessThan(slotDeviation, HourBeside * deviation);
        var hourAlone = trusted & Vector128.LessThan(slotDeviation, HourAlone * deviation);
        var smaller = Vector128.ConditionalSelect(Vector128.LessThan(Vector128.Abs(hourZ), Vector128.Abs(z)), hourZ, z);
        z = Vector128.ConditionalSelect(beside, smaller, z);
        z = Vector128.ConditionalSelect(hourAlone, hourZ, z);
        z = Vector128.ConditionalSelect(present & warm, z, Vector128.Create(float.NaN));

        var residual = state.Load(DetectorRow.SlotResidual, lane);
        var hourDeviation = known & Over(Vector128.Abs(hour), residual);

        // From here on the value is learned from.
        var far = Vector128.GreaterThan(Vector128.Abs(now), WinsorLimit * scale);
        var up = Vector128.GreaterThan(now, Vector128<float>.Zero);
        var longer = Vector128.ConditionalSelect(up, Vector128.Max(run, Vector128<float>.Zero) + one, Vector128.Min(run, Vector128<float>.Zero) - one);
        Keep(state, DetectorRow.FarRun, lane, present, far & longer, run);
        var newCount = Vector128.Min(count + one, Vector128.Create(MostCount));
        var gain = Vector128.Max(Vector128.Create(Forgetting), one / newCount);
        var laterGain = Vector128.Max(Vector128.Create(Forgetting), one / Vector128.Max(count, one));
        var second = present & Vector128.GreaterThan(count, Vector128<float>.Zero);
        Keep(state, DetectorRow.Deviation, lane, second, deviation + laterGain * (Vector128.Abs(nowLearned) - deviation), deviation);
        var learned = mean + nowLearned;
        var step = nowLearned - Winsorised(last - mean, scale, warm);
        var differenceSquare = state.Load(DetectorRow.DifferenceSquare, lane);
        Keep(state, DetectorRow.DifferenceSquare, lane, second, differenceSquare + laterGain * (step * step - differenceSquare), differenceSquare);
        Keep(state, DetectorRow.Last, lane, present, x, last);
        Keep(state, DetectorRow.Mean, lane, present, mean + gain * nowLearned, mean);
        Keep(state, DetectorRow.Count, lane, present, newCount, count);

        var pastMean = state.Load(DetectorRow.PastMean, lane);
        var pastGain = Vector128.Max(Vector128.Create(PastRate), one / newCount);
        var pastDifference = learned - pastMean;
        Keep(state, DetectorRow.PastMean, lane, present, pastMean + pastGain * pastDifference, pastMean);
        // West 1979, weighted update: exact for a gain of 1/n, exponential forgetting after that.
        Keep(state, DetectorRow.PastVariance, lane, present, (one - pastGain) * (pastVariance + pastGain * pastDifference * pastDifference), pastVariance);

        var newSeen = Vector128.Min(slotSeen + one, Vector128.Create(MostCount));
        var seenGain = Vector128.Max(Vector128.Create(Forgetting), one / newSeen);
        var residualGain = Vector128.Max(Vector128.Create(ResidualRate), one / newSeen);
        Keep(state, DetectorRow.SlotSeen, lane, known, newSeen, slotSeen);
        Keep(state, DetectorRow.SlotDeviation, lane, known, slotDeviation + seenGain * (Vector128.Abs(hourLearned) - slotDeviation), slotDeviation);
        Keep(state, DetectorRow.SlotResidual, lane, known, residual + residualGain * (Vector128.Abs(hour) - residual), residual);
        var slotGain = Vector128.Max(Vector128.Create(SlotRate), one / (slotCount + one));
        Keep(state, slotRow, lane, present, slotMean + slotGain * hourLearned, slotMean);
        state.CountSlot(slot, lane, present.ExtractMostSignificantBits());
        return (z, hourDeviation);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep(DetectorState state, DetectorRow row, int lane, Vector128<float> where, Vector128<float> renewed, Vector128<float> old) =>
        state.Store(row, lane, Vector128.ConditionalSelect(where, renewed, old));

    /// <summary>The residual over its scale; over no scale at all, of a size that nothing is known about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Ratio(Vector128<float> residual, Vector128<float> scale)
    {
        var left = Vector128.ConditionalSelect(
            Vector128.Equals(residual, Vector128<float>.Zero), Vector128<float>.Zero, Vector128.CopySign(Vector128.Create(ConstantLeft), residual));
        return Vector128.ConditionalSelect(Vector128.GreaterThan(scale, Vector128<float>.Zero), residual / scale, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Over(Vector128<float> value, Vector128<float> positive) =>
        Vector128.GreaterThan(positive, Vector128<float>.Zero) & (value / positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Winsorised(Vector128<float> residual, Vector128<float> scale, Vector128<float> where) =>
        Vector128.ConditionalSelect(
            where & Vector128.GreaterThan(scale, Vector128<float>.Zero), Clip(residual, -WinsorLimit * scale, WinsorLimit * scale), residual);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Clip(Vector128<float> value, Vector128<float> low, Vector128<float> high) =>
        Vector128.MinNative(Vector128.MaxNative(value, low), high);
}
