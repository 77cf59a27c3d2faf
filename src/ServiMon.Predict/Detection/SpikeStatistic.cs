using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// How far a value lies from what was expected of it, in robust units, z = e / (1.25 d + 0.3 s): d the exponentially weighted mean absolute
/// residual, s the deviation of everything seen. Or how far from what the values just before let expect, where that is farther.
/// </summary>
/// <remarks>
/// Two expectations are kept: the exponentially weighted mean of now, and the mean of this hour of the week. Where the hour leaves less than
/// 35 % of the residual a value must be unusual both for now and for its hour; where it has also left little of all deviation for long, the hour
/// alone counts; else now counts. What an hour's mean cannot know is not held against a value: at dense steps, how far it lies from the last one; at
/// weekends, whose slots are wider, the shape of the same hours of working days. Beside them stands the step: of a series that persists, x - m - r (x' - m) with m the mean of now, x' the value before and
/// r = 1 - D / (2 (1.25 d)^2) its correlation with the next (von Neumann 1941; D the mean square of differences of neighbours) has sqrt(1 - r^2) of the scale, so a
/// single value stands out of a day's turn or a slow wave that is much larger than it. 1.25 d is the standard deviation of a
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

    /// <summary>Share of the residual of now below which the hour is an expectation.</summary>
    private const float HourBeside = 0.35f;

    /// <summary>
    /// The hour's plain residual as a share of the deviation of everything seen below which it alone is the expectation, and the values by which that is known: a week of hours.
    /// A share of the residual of now, which follows a quiet night, would have to be less than half of that.
    /// </summary>
    private const float HourAlone = 0.22f;

    public const float HourAloneCount = 168;

    /// <summary>
    /// The floor of the hour's scale at sparse steps: of the hour's plain residual, 0.3 deviations of a Gaussian, and of the deviation of everything seen, most of which is season.
    /// </summary>
    private const float HourFloor = 0.375f;

    private const float HourPastFloor = 0.05f;

    /// <summary>Values of an hour before it is compared with, and before it is an expectation.</summary>
    public const float SlotKnown = 2;

    public const float SlotTrusted = 4;

    /// <summary>
    /// What a step counts beside a deviation, in units of each: 1 would give both as many far values where a series persists, and takes .03 off the F1 of incidents
    /// that last.
    /// </summary>
    private const float StepWeight = 0.6f;

    /// <summary>Half-life of the expectation of now and of all scales, in values.</summary>
    private static readonly float Forgetting = (float)(1 - Math.Pow(2, -1.0 / 60));

    /// <summary>Least weight of a new value in the deviation of everything seen, in its hour's mean and in the hour's plain residual.</summary>
    private const float PastRate = 1f / 4096;

    private const float SlotRate = 0.2f;

    private const float ResidualRate = 0.001f;

    /// <summary>Counts go no further: the rates have long reached their floor, and a float still tells neighbours apart.</summary>
    private const float MostCount = 1 << 22;

    /// <summary>The statistic of a block of lanes and their deviation from the hour in its mean residuals; then learns. Missing values are NaN.</summary>
    /// <param name="place">Where the step stands in the week.</param>
    /// <param name="steps">Steps so far, this one included.</param>
    /// <returns>The signed statistic, NaN where there is no value or too few came before; and the deviation from the hour, 0 or more.</returns>
    public static (TVector Z, TVector Hour) Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, in SlotPlace place, long steps)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var present = TVector.Equals(x, x);
        var count = rows[DetectorRow.Count];
        var warm = TVector.GreaterThanOrEqual(count, TVector.Create(WarmUpCount));
        var pastVariance = rows[DetectorRow.PastVariance];
        var past = TVector.Sqrt(pastVariance);
        var floor = FloorFactor * past;

        var mean = rows[DetectorRow.Mean];
        var deviation = rows[DetectorRow.Deviation];
        var scale = DeviationFactor * deviation + floor;
        var now = x - mean;
        var z = Ratio(now, scale);
        var run = rows[DetectorRow.FarRun];
        // A stretch of far values on one side is no spike but where the series now is.
        var robust = warm & TVector.LessThan(TVector.Abs(run), TVector.Create(MostFar));
        var nowLearned = Winsorised(now, scale, robust);

        var slot = place.Slot;
        var slotRow = DetectorRow.Slots + slot;
        var slotMean = rows[slotRow];
        var slotCount = HourSlots.Seen(rows, slot);
        var slotDeviation = rows[DetectorRow.SlotDeviation];
        var slotSeen = rows[DetectorRow.SlotSeen];
        var residual = rows[DetectorRow.SlotResidual];
        var slotScale = DeviationFactor * slotDeviation + (place.IsSparse ? HourFloor * residual + HourPastFloor * past : floor);
        var hour = x - slotMean;
        if (place.Hour >= 0) hour = Nearer(hour, hour - HourSlots.Shape(rows, place.Hour));
        var known = present & TVector.GreaterThanOrEqual(slotCount, TVector.Create(SlotKnown));
        var slotWarm = TVector.GreaterThanOrEqual(slotSeen, TVector.Create(WarmUpCount));
        var last = rows[DetectorRow.Last];
        // The mean of an hour is that of the end of it where steps are dense, and its first values are still on their way there.
        var hourZ = Ratio(place.IsSparse ? hour : Nearer(hour, x - last), slotScale);
        var hourLearned = Winsorised(hour, slotScale, slotWarm & known & robust);

        var trusted = slotWarm & TVector.GreaterThanOrEqual(slotCount, TVector.Create(SlotTrusted));
        var beside = trusted & TVector.LessThan(slotDeviation, HourBeside * deviation);
        var hourAlone = beside & TVector.LessThan(residual, HourAlone * past) & TVector.GreaterThan(slotSeen, TVector.Create(HourAloneCount));
        z = TVector.ConditionalSelect(beside, Nearer(z, hourZ), z);
        z = TVector.ConditionalSelect(hourAlone, hourZ, z);
        var moved = StepWeight * Step(rows, now, scale, steps);
        z = TVector.ConditionalSelect(TVector.GreaterThan(TVector.Abs(moved), TVector.Abs(z)), moved, z);
        z = TVector.ConditionalSelect(present & warm, z, TVector.Create(float.NaN));

        var hourDeviation = known & Over(TVector.Abs(hour), residual);

        // From here on the value is learned from.
        var far = TVector.GreaterThan(TVector.Abs(now), WinsorLimit * scale);
        var up = TVector.GreaterThan(now, TVector.Zero);
        var longer = TVector.ConditionalSelect(
            up, TVector.MaxNative(run, TVector.Zero) + one, TVector.MinNative(run, TVector.Zero) - one);
        rows.Keep(DetectorRow.FarRun, present, far & longer, run);
        var newCount = TVector.MinNative(count + one, TVector.Create(MostCount));
        var gain = TVector.MaxNative(TVector.Create(Forgetting), one / newCount);
        var laterGain = TVector.MaxNative(TVector.Create(Forgetting), one / TVector.MaxNative(count, one));
        var second = present & TVector.GreaterThan(count, TVector.Zero);
        rows.Keep(DetectorRow.Deviation, second, deviation + laterGain * (TVector.Abs(nowLearned) - deviation), deviation);
        var learned = mean + nowLearned;
        var step = nowLearned - Winsorised(last - mean, scale, warm);
        var differenceSquare = rows[DetectorRow.DifferenceSquare];
        rows.Keep(DetectorRow.DifferenceSquare, second, differenceSquare + laterGain * (step * step - differenceSquare), differenceSquare);
        rows.Keep(DetectorRow.Last, present, x, last);
        rows.Keep(DetectorRow.Mean, present, mean + gain * nowLearned, mean);
        rows.Keep(DetectorRow.Count, present, newCount, count);

        var pastMean = rows[DetectorRow.PastMean];
        var pastGain = TVector.MaxNative(TVector.Create(PastRate), one / newCount);
        var pastDifference = learned - pastMean;
        rows.Keep(DetectorRow.PastMean, present, pastMean + pastGain * pastDifference, pastMean);
        // West 1979, weighted update: exact for a gain of 1/n, exponential forgetting after that.
        rows.Keep(DetectorRow.PastVariance, present, (one - pastGain) * (pastVariance + pastGain * pastDifference * pastDifference), pastVariance);

        var newSeen = TVector.MinNative(slotSeen + one, TVector.Create(MostCount));
        var seenGain = TVector.MaxNative(TVector.Create(Forgetting), one / newSeen);
        var residualGain = TVector.MaxNative(TVector.Create(ResidualRate), one / newSeen);
        rows.Keep(DetectorRow.SlotSeen, known, newSeen, slotSeen);
        rows.Keep(DetectorRow.SlotDeviation, known, slotDeviation + seenGain * (TVector.Abs(hourLearned) - slotDeviation), slotDeviation);
        rows.Keep(DetectorRow.SlotResidual, known, residual + residualGain * (TVector.Abs(hour) - residual), residual);
        var slotGain = TVector.MaxNative(TVector.Create(SlotRate), one / (slotCount + one));
        rows.Keep(slotRow, present, slotMean + slotGain * hourLearned, slotMean);
        HourSlots.Learn(rows, slot, slotCount, present);
        return (z, hourDeviation);
    }

    /// <summary>
    /// How far a value lies from where it would be after either of the two before it, the nearer of them: a series that returns from a single far value goes to where it
    /// was. 0 where there were none, or no difference yet.
    /// </summary>
    /// <param name="now">From the mean of now.</param>
    private static TVector Step<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector now, TVector scale, long steps)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (steps < 3) return default;
        var one = TVector.One;
        var (mean, deviation) = (rows[DetectorRow.Mean], DeviationFactor * rows[DetectorRow.Deviation]);
        // 1 - r, from 0 to 1: a negative correlation is none.
        var fresh = TVector.MinNative(one, rows[DetectorRow.DifferenceSquare] / (2 * deviation * deviation));
        var persistence = one - fresh;
        var (last, before) = (rows[DetectorRow.Last], Before(rows, steps));
        var afterLast = now - persistence * (last - mean);
        var afterBefore = now - persistence * (before - mean);
        var nearer = Nearer(afterLast, afterBefore);
        // Where there was no value before the last, it is NaN, and then there is no product above 0.
        var known = TVector.GreaterThan(afterLast * afterBefore, TVector.Zero) & TVector.GreaterThan(fresh * scale, TVector.Zero);
        return known & (nearer / (TVector.Sqrt(fresh * (one + persistence)) * scale));
    }

    /// <summary>The value before the last one, of the values that are still kept one by one; NaN where there is none.</summary>
    private static TVector Before<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, long steps)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var (last, before) = (rows[Cells.Single(steps - 2)], rows[Cells.Single(steps - 3)]);
        var present = TVector.Equals(last, last);
        var found = present & TVector.Equals(before, before);
        var all = TVector.Equals(TVector.Zero, TVector.Zero).ExtractMostSignificantBits();
        for (var back = 3; found.ExtractMostSignificantBits() != all && back <= Math.Min(steps, Cells.LeastSingles); back++)
        {
            var value = rows[Cells.Single(steps - back)];
            var there = TVector.Equals(value, value);
            before = TVector.ConditionalSelect(found, before, TVector.ConditionalSelect(present, value, TVector.Create(float.NaN)));
            found |= present & there;
            present |= there;
        }

        return before;
    }

    /// <summary>The mean absolute residual by which a lane's values are judged, as of the last one: that of the hour where it counts.</summary>
    public static float DeviationUsed(in Lane lane)
    {
        var (now, hour) = (lane[DetectorRow.Deviation], lane[DetectorRow.SlotDeviation]);
        return lane[DetectorRow.SlotSeen] >= WarmUpCount && hour < HourBeside * now ? hour : now;
    }

    /// <summary>The one nearer to 0, the first if they are alike or the other is no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Nearer<TVector>(TVector residual, TVector other) where TVector : struct, ILaneVector<TVector> =>
        TVector.ConditionalSelect(TVector.LessThan(TVector.Abs(other), TVector.Abs(residual)), other, residual);

    /// <summary>The residual over its scale; over no scale at all, of a size that nothing is known about.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Ratio<TVector>(TVector residual, TVector scale) where TVector : struct, ILaneVector<TVector>
    {
        var left = TVector.ConditionalSelect(
            TVector.Equals(residual, TVector.Zero), TVector.Zero, TVector.CopySign(TVector.Create(ConstantLeft), residual));
        return TVector.ConditionalSelect(TVector.GreaterThan(scale, TVector.Zero), residual / scale, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Over<TVector>(TVector value, TVector positive) where TVector : struct, ILaneVector<TVector> =>
        TVector.GreaterThan(positive, TVector.Zero) & (value / positive);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Winsorised<TVector>(TVector residual, TVector scale, TVector where) where TVector : struct, ILaneVector<TVector> =>
        TVector.ConditionalSelect(
            where & TVector.GreaterThan(scale, TVector.Zero), Clip(residual, -WinsorLimit * scale, WinsorLimit * scale), residual);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Clip<TVector>(TVector value, TVector low, TVector high) where TVector : struct, ILaneVector<TVector> =>
        TVector.MinNative(TVector.MaxNative(value, low), high);
}
