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

    /// <summary>The statistic of a block of lanes and their deviation from the hour in its mean residuals; then learns. Missing values are NaN.</summary>
    /// <returns>The signed statistic, NaN where there is no value or too few came before; and the deviation from the hour, 0 or more.</returns>
    public static (Vector512<float> Z, Vector512<float> Hour) Advance<TWidth>(LaneBlock<TWidth> rows, Vector512<float> x, int slot)
        where TWidth : struct, ILaneWidth
    {
        var one = Vector512<float>.One;
        var present = Vector512.Equals(x, x);
        var count = rows[DetectorRow.Count];
        var warm = Vector512.GreaterThanOrEqual(count, Vector512.Create(WarmUpCount));
        var pastVariance = rows[DetectorRow.PastVariance];
        var floor = FloorFactor * Vector512.Sqrt(pastVariance);

        var mean = rows[DetectorRow.Mean];
        var deviation = rows[DetectorRow.Deviation];
        var scale = DeviationFactor * deviation + floor;
        var now = x - mean;
        var z = Ratio(now, scale);
        var run = rows[DetectorRow.FarRun];
        // A stretch of far values on one side is no spike but where the series now is.
        var robust = warm & Vector512.LessThan(Vector512.Abs(run), Vector512.Create(MostFar));
        var nowLearned = Winsorised(now, scale, robust);

        var slotRow = DetectorRow.Slots + slot;
        var slotMean = rows[slotRow];
        var slotCount = HourSlots.Seen(rows, slot);
        var slotDeviation = rows[DetectorRow.SlotDeviation];
        var slotSeen = rows[DetectorRow.SlotSeen];
        var slotScale = DeviationFactor * slotDeviation + floor;
        var hour = x - slotMean;
        var known = present & Vector512.GreaterThanOrEqual(slotCount, Vector512.Create(SlotKnown));
        var slotWarm = Vector512.GreaterThanOrEqual(slotSeen, Vector512.Create(WarmUpCount));
        var hourZ = Ratio(hour, slotScale);
        var hourLearned = Winsorised(hour, slotScale, slotWarm & known & robust);

        var last = rows[DetectorRow.Last];
        var trusted = slotWarm & Vector512.GreaterThanOrEqual(slotCount, Vector512.Create(SlotTrusted));
        var beside = trusted & Vector512.LessThan(slotDeviation, HourBeside * deviation);
        var hourAlone = trusted & Vector512.LessThan(slotDeviation, HourAlone * deviation);
        var smaller = Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(hourZ), Vector512.Abs(z)), hourZ, z);
        z = Vector512.ConditionalSelect(beside, smaller, z);
        z = Vector512.ConditionalSelect(hourAlone, hourZ, z);
        z = Vector512.ConditionalSelect(present & warm, z, Vector512.Create(float.NaN));

        var residual = rows[DetectorRow.SlotResidual];
        var hourDeviation = known & Over(Vector512.Abs(hour), residual);

        // From here on the value is learned from.
        var far = Vector512.GreaterThan(Vector512.Abs(now), WinsorLimit * scale);
        var up = Vector512.GreaterThan(now, Vector512<float>.Zero);
        var longer = Vector512.ConditionalSelect(
            up, Vector512.MaxNative(run, Vector512<float>.Zero) + one, Vector512.MinNative(run, Vector512<float>.Zero) - one);
        rows.Keep(DetectorRow.FarRun, present, far & longer, run);
        var newCount = Vector512.MinNative(count + one, Vector512.Create(MostCount));
        var gain = Vector512.MaxNative(Vector512.Create(Forgetting), one / newCount);
        var laterGain = Vector512.MaxNative(Vector512.Create(Forgetting), one / Vector512.MaxNative(count, one));
        var second = present & Vector512.GreaterThan(count, Vector512<float>.Zero);
        rows.Keep(DetectorRow.Deviation, second, deviation + laterGain * (Vector512.Abs(nowLearned) - deviation), deviation);
        var learned = mean + nowLearned;
        var step = nowLearned - Winsorised(last - mean, scale, warm);
        var differenceSquare = rows[DetectorRow.DifferenceSquare];
        rows.Keep(DetectorRow.DifferenceSquare, second, differenceSquare + laterGain * (step * step - differenceSquare), differenceSquare);
        rows.Keep(DetectorRow.Last, present, x, last);
        rows.Keep(DetectorRow.Mean, present, mean + gain * nowLearned, mean);
        rows.Keep(DetectorRow.Count, present, newCount, count);

        var pastMean = rows[DetectorRow.PastMean];
        var pastGain = Vector512.MaxNative(Vector512.Create(PastRate), one / newCount);
        var pastDifference = learned - pastMean;
        rows.Keep(DetectorRow.PastMean, present, pastMean + pastGain * pastDifference, pastMean);
        // West 1979, weighted update: exact for a gain of 1/n, exponential forgetting after that.
        rows.Keep(DetectorRow.PastVariance, present, (one - pastGain) * (pastVariance + pastGain * pastDifference * pastDifference), pastVariance);

        var newSeen = Vector512.MinNative(slotSeen + one, Vector512.Create(MostCount));
        var seenGain = Vector512.MaxNative(Vector512.Create(Forgetting), one / newSeen);
        var residualGain = Vector512.MaxNative(Vector512.Create(ResidualRate), one / newSeen);
        rows.Keep(DetectorRow.SlotSeen, known, newSeen, slotSeen);
        rows.Keep(DetectorRow.SlotDeviation, known, slotDeviation + seenGain * (Vector512.Abs(hourLearned) - slotDeviation), slotDeviation);
        rows.Keep(DetectorRow.SlotResidual, known, residual + residualGain * (Vector512.Abs(hour) - residual), residual);
        var slotGain = Vector512.MaxNative(Vector512.Create(SlotRate), one / (slotCount + one));
        rows.Keep(slotRow, present, slotMean + slotGain * hourLearned, slotMean);
        HourSlots.Learn(rows, slot, present);
        return (z, hourDeviation);
    }

    /// <summary>The residual over its scale; over no scale at all, of a size that nothing is known about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Ratio(Vector512<float> residual, Vector512<float> scale)
    {
        var left = Vector512.ConditionalSelect(
            Vector512.Equals(residual, Vector512<float>.Zero), Vector512<float>.Zero, Vector512.CopySign(Vector512.Create(ConstantLeft), residual));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(scale, Vector512<float>.Zero), residual / scale, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Over(Vector512<float> value, Vector512<float> positive) =>
        Vector512.GreaterThan(positive, Vector512<float>.Zero) & (value / positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Winsorised(Vector512<float> residual, Vector512<float> scale, Vector512<float> where) =>
        Vector512.ConditionalSelect(
            where & Vector512.GreaterThan(scale, Vector512<float>.Zero), Clip(residual, -WinsorLimit * scale, WinsorLimit * scale), residual);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clip(Vector512<float> value, Vector512<float> low, Vector512<float> high) =>
        Vector512.MinNative(Vector512.MaxNative(value, low), high);
}
