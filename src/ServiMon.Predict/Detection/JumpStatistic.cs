using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Jumps that stay: a spike after which the values go on where it led is a change of level, located at the spike. It is looked at once, 9 to 12 steps
/// later, while all steps are still there one by one.
/// </summary>
/// <remarks>
/// The likelihood ratio of <see cref="ChangepointStatistic"/> compares means, and means of persistent or seasonal series say little. A jump is rare by
/// the law of the series' own steps, as the spike statistic knows it, and whether it stays takes no law: of a single far value nothing is left after it.
/// </remarks>
internal static class JumpStatistic
{
    /// <summary>Share of the bar of a spike at and below which a p-value is that of a jump.</summary>
    public const double BarShare = 0.5;

    /// <summary>Age in steps from which on a jump is looked at.</summary>
    private const float LeastAge = 9;

    /// <summary>Steps between two looks, by which a jump is at most so much older.</summary>
    private const float StepsPerLook = ChangepointStatistic.StepsPerLook;

    /// <summary>Values from the jump on before it can be told, and before it.</summary>
    private const float LeastAfter = 6;

    /// <summary>The newest steps, of which the mean shows whether the jump has stayed.</summary>
    private const int LateSteps = 4;

    /// <summary>Shares of the jump that the newest values keep on average, and every value keeps.</summary>
    private const float LateShare = 0.5f;

    private const float LeastShare = 0.25f;

    /// <summary>What hours leave on average, as a share of the deviation of everything seen, below which values are held against them.</summary>
    private const float HourShare = 0.5f;

    /// <summary>Remembers a jump at this step in one lane, unless one is waited for.</summary>
    public static void Remember(in Lane lane, long count)
    {
        ref var waiting = ref lane.Byte(DetectorState.JumpRow);
        if (waiting == 0) waiting = (byte)(1 + ChangepointStatistic.StepsToLook(count));
    }

    /// <summary>Forgets jumps since a change: they lead to where it led.</summary>
    /// <param name="found">The lanes that have changed.</param>
    /// <param name="age">Steps from the change to now.</param>
    public static void Forget<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector found, TVector age)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var waiting = rows.Counts(DetectorState.JumpRow);
        rows.StoreCounts(DetectorState.JumpRow, TVector.AndNot(waiting, TVector.AndNot(found, TVector.GreaterThan(waiting, age))));
    }

    /// <summary>Looks at the jumps that are due in a block of lanes.</summary>
    /// <param name="ages">Of changes that are told at this step already.</param>
    /// <returns>The ages with those of jumps that have stayed.</returns>
    public static TVector Look<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector ages, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var waiting = rows.Counts(DetectorState.JumpRow);
        var any = TVector.GreaterThan(waiting, TVector.Zero);
        if (any.ExtractMostSignificantBits() == 0) return ages;
        var due = TVector.GreaterThanOrEqual(waiting, TVector.Create(LeastAge));
        rows.StoreCounts(DetectorState.JumpRow, TVector.AndNot(any & (waiting + TVector.Create(StepsPerLook)), due));
        // What the likelihood ratio has located as late as the jump is the jump.
        due &= TVector.GreaterThan(TVector.Abs(rows[DetectorRow.Age]), waiting + TVector.Create(StepsPerLook));
        return due.ExtractMostSignificantBits() == 0 ? ages : Judged(rows, due, waiting, ages, time);
    }

    private static TVector Judged<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector due, TVector jumpAge, TVector ages, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var singles = (int)(time.Count - Cells.Fours(time.Count));
        var byHour = BeyondHours(rows, time);
        Unsafe.SkipInit(out Sixteen<TVector> values);
        TVector after = default, afterSum = default, late = default, lateSum = default, before = default, beforeSum = default, jump = default;
        for (var age = 1; age <= singles; age++)
        {
            var x = rows[Cells.Single(time.Count - age)];
            if (byHour.ExtractMostSignificantBits() != 0) x -= byHour & HourSlots.Level(rows, time.PlaceOf(age));
            values[age - 1] = x;
            var present = TVector.Equals(x, x);
            var (number, value) = (present & one, present & x);
            var isAfter = TVector.GreaterThanOrEqual(jumpAge, TVector.Create((float)age));
            after += isAfter & number;
            afterSum += isAfter & value;
            before += TVector.AndNot(number, isAfter);
            beforeSum += TVector.AndNot(value, isAfter);
            jump = TVector.ConditionalSelect(TVector.Equals(jumpAge, TVector.Create((float)age)), value, jump);
            if (age > LateSteps) continue;
            late += number;
            lateSum += value;
        }

        var level = beforeSum / TVector.MaxNative(before, one);
        var size = jump - level;
        var least = TVector.Create(float.PositiveInfinity);
        // A change is often noticed some values late; it began where the means of both sides differ most.
        var (count, mean) = (after + before, (afterSum + beforeSum) / TVector.MaxNative(after + before, one));
        TVector n = default, sum = default, most = default;
        var changeAge = jumpAge;
        for (var age = 1; age <= singles; age++)
        {
            var present = TVector.Equals(values[age - 1], values[age - 1]);
            n += present & one;
            sum += present & (values[age - 1] - mean);
            var apart = sum * sum / (n * (count - n));
            var isMore = present & TVector.GreaterThanOrEqual(TVector.Create((float)age), jumpAge) & TVector.GreaterThan(apart, most) & TVector.GreaterThan(count, n);
            most = TVector.ConditionalSelect(isMore, apart, most);
            changeAge = TVector.ConditionalSelect(isMore, TVector.Create((float)age), changeAge);
            var kept = (values[age - 1] - level) / size;
            var isAfter = TVector.Equals(kept, kept) & TVector.GreaterThanOrEqual(jumpAge, TVector.Create((float)age));
            least = TVector.ConditionalSelect(isAfter, TVector.MinNative(least, kept), least);
        }

        var found = due
            & TVector.GreaterThanOrEqual(after, TVector.Create(LeastAfter))
            & TVector.GreaterThan(before, TVector.Zero) & TVector.GreaterThan(late, TVector.Zero)
            & TVector.GreaterThanOrEqual(least, TVector.Create(LeastShare))
            & TVector.GreaterThanOrEqual((lateSum / TVector.MaxNative(late, one) - level) / size, TVector.Create(LateShare));
        return ChangepointStatistic.Settle(rows, ages, found, changeAge, afterSum / TVector.MaxNative(after, one), level, byHour, time);
    }

    /// <summary>The lanes whose hours of the week leave so little that values are held against them: at dense steps none, as within an hour little turns.</summary>
    private static TVector BeyondHours<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (!time.IsSparse) return default;
        return TVector.GreaterThanOrEqual(rows[DetectorRow.SlotSeen], TVector.Create(SpikeStatistic.HourAloneCount))
            & TVector.LessThan(rows[DetectorRow.SlotResidual], HourShare * TVector.Sqrt(rows[DetectorRow.PastVariance]));
    }
}
