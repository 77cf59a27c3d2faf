using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Changes of level: the likelihood ratio of two Gaussian means with one variance against one mean, over the cells since the last change
/// and at every border between cells, GLR = L/2 [log(RSS0 / L) - log(RSS1 / L)] &gt; 40, at least 8 values on either side. The change is
/// located at the likeliest border: to the step within the last 12, to 4 steps within the last 40, to 16 within the last 232.
/// </summary>
/// <remarks>
/// The ratio assumes independent values; persistence inflates it by (1 + r) / (1 - r), r the lag-1 autocorrelation left on the two sides
/// (the variance of the mean of an AR(1) series, Box, Jenkins, Reinsel). It is divided by that and by another 1 + r, since r comes out too
/// low in short stretches and real persistence dies out more slowly than an AR(1) series'; r follows from the mean square D of the
/// differences of neighbours, r = 1 - D / (2 sigma^2) (von Neumann 1941), which a single change of level hardly moves. A change smaller
/// than the deviation of the whole past is none.
/// </remarks>
internal static class ChangepointStatistic
{
    private const float Bar = 40;

    /// <summary>Least change of the mean, in standard deviations of the whole past.</summary>
    private const float LeastStep = 1;

    private const float MinSide = 8;

    /// <summary>Share of a change that the hours of the week must let expect for it to be theirs.</summary>
    private const float SeasonShare = 0.65f;

    /// <summary>The cells are compared every so many steps, when there are most singles: so two looks see every border within 15 steps.</summary>
    public const int StepsPerLook = 4;

    private const int LookPhase = 3;

    /// <summary>Rounding of a value's last digits must not look like a change of a constant series.</summary>
    private const float RoundingShare = 1e-6f;

    /// <summary>Steps since a change are counted this far: past every cell.</summary>
    private const float MostAge = 1 << 20;

    public static bool LooksAt(long count) => count % StepsPerLook == LookPhase;

    /// <summary>Steps to the next look after this step, 1 to 4.</summary>
    public static int StepsToLook(long count) => StepsPerLook - (int)((count - LookPhase) % StepsPerLook + StepsPerLook) % StepsPerLook;

    /// <summary>Counts the steps since the last change, in a block of lanes.</summary>
    public static void Age<TWidth, TVector>(LaneBlock<TWidth, TVector> rows)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
        rows[DetectorRow.Age] = TVector.CopySign(TVector.MinNative(TVector.Abs(rows[DetectorRow.Age]) + TVector.One, TVector.Create(MostAge)), rows[DetectorRow.Age]);

    /// <summary>Looks for a change in a block of lanes.</summary>
    /// <param name="levels">Of the same lanes.</param>
    /// <returns>For each lane the age in steps of the first value after the change, 0 where there is none.</returns>
    public static TVector Look<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, in WindowLevels<TVector> levels, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
        JumpStatistic.Look(rows, Ratio(rows, x, levels, time), time);

    private static TVector Ratio<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, in WindowLevels<TVector> levels, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var count = time.Count;
        var present = TVector.Equals(x, x);
        if (present.ExtractMostSignificantBits() == 0) return default;
        var one = TVector.One;
        var side = TVector.Create(MinSide);
        var (n, sum) = (levels.LongCount, levels.Long * levels.LongCount);
        var changed = present & TVector.LessThan(TVector.Abs(rows[DetectorRow.Age]), TVector.Create((float)Cells.OldestAge(count)));
        if (changed.ExtractMostSignificantBits() == 0)
        {
            if (TVector.GreaterThanOrEqual(n, side + side).ExtractMostSignificantBits() == 0) return default;
            if (!ChangepointBound.MayChange(rows, n, sum / TVector.MaxNative(n, one), side, count)) return default;
        }

        return Find(rows, x, changed, n, sum, time);
    }

    private static TVector Find<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x, TVector changed, TVector n, TVector sum, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var age = TVector.Abs(rows[DetectorRow.Age]);
        Span<Cell> cells = stackalloc Cell[Cells.RowCount];
        cells = cells[..Cells.List(cells, time.Count)];
        if (changed.ExtractMostSignificantBits() != 0)
        {
            var (later, laterSum) = SumSince(rows, cells, age);
            (n, sum) = (TVector.ConditionalSelect(changed, later, n), TVector.ConditionalSelect(changed, laterSum, sum));
        }

        var side = TVector.Create(MinSide);
        if (TVector.GreaterThanOrEqual(n, side + side).ExtractMostSignificantBits() == 0) return default;
        var mean = sum / TVector.MaxNative(n, one);
        var (whole, best, bestAge, bestRight, bestSum) = Split(rows, cells, age, n, mean);
        var rounding = RoundingShare * mean;
        var parts = TVector.MaxNative(TVector.Zero, whole - best) + n * rounding * rounding + TVector.Create(float.Epsilon);
        whole += n * rounding * rounding + TVector.Create(float.Epsilon);
        var likelihood = 0.5f * n * TVector.Log(TVector.MaxNative(one, whole / parts));
        var variance = parts / TVector.MaxNative(n, one);
        var persistence = one - rows[DetectorRow.DifferenceSquare] / (variance + variance);
        persistence = TVector.MinNative(TVector.MaxNative(persistence, TVector.Zero), one - one / TVector.MaxNative(n, one));
        var step = TVector.Abs(bestSum * n / (bestRight * (n - bestRight)));
        var deviation = TVector.Sqrt(rows[DetectorRow.PastVariance]);
        var inflated = one + persistence;
        // A split too near the end cannot be given out yet, and without it the change would be located before it happened.
        var found = TVector.Equals(x, x)
            & TVector.GreaterThanOrEqual(bestRight, side)
            & TVector.GreaterThan(likelihood * (one - persistence), Bar * inflated * inflated)
            & TVector.GreaterThanOrEqual(step, LeastStep * deviation);
        var level = mean + bestSum / bestRight;
        // What is expected now is what came since the change.
        rows.Keep(DetectorRow.Mean, found, level, rows[DetectorRow.Mean]);
        rows.Keep(DetectorRow.Deviation, found, TVector.Sqrt(variance) / TVector.Create(SpikeStatistic.DeviationFactor), rows[DetectorRow.Deviation]);
        return Settle(rows, default, found, bestAge, level, level - bestSum * n / (bestRight * (n - bestRight)), default, time);
    }

    /// <summary>
    /// Takes changes over: what is expected now is what came since. They are told, but for those that lead where the hours of the week let expect, unless they undo
    /// one of the last day that these did not.
    /// </summary>
    /// <param name="ages">Of changes that are told already.</param>
    /// <param name="found">The lanes that have changed.</param>
    /// <param name="age">Steps from the first one after the change to now, both included.</param>
    /// <param name="level">Since the change.</param>
    /// <param name="before">The level before it.</param>
    /// <param name="beyondHours">The lanes where both are what the hours leave.</param>
    /// <returns>The ages of all changes that are told.</returns>
    public static TVector Settle<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, TVector ages, TVector found, TVector age, TVector level, TVector before, TVector beyondHours, in LookTime time)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        if (found.ExtractMostSignificantBits() == 0) return ages;
        var (isKnown, expected, range) = HourSlots.Coming(rows, age, time);
        var step = level - before;
        var seasonal = TVector.AndNot(found & isKnown, beyondHours) & TVector.GreaterThan(range, 0.5f * TVector.Abs(step))
            & TVector.GreaterThan((expected - before) / step, TVector.Create(SeasonShare));
        var since = rows[DetectorRow.Age];
        var undoes = TVector.GreaterThan(since, TVector.Zero) & TVector.LessThan(since, TVector.Create(Math.Min(time.DaySteps, time.Count)));
        rows.Keep(DetectorRow.Age, found, TVector.ConditionalSelect(seasonal, -age, age), since);
        JumpStatistic.Forget(rows, found, age);
        return TVector.ConditionalSelect(TVector.AndNot(found, TVector.AndNot(seasonal, undoes)), age, ages);
    }

    /// <summary>
    /// The squares of all values since the last change, and the border at which two means leave least of them: how much less, and what comes after.
    /// </summary>
    private static (TVector Whole, TVector Best, TVector Age, TVector Right, TVector Sum) Split<TWidth, TVector>(
        LaneBlock<TWidth, TVector> rows, ReadOnlySpan<Cell> cells, TVector age, TVector n, TVector mean)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var side = TVector.Create(MinSide);
        var one = TVector.One;
        TVector whole = default, right = default, rightSum = default, best = default, bestAge = default, bestRight = default, bestSum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total, spread) = Cells.Read(rows, cell);
            var cellAge = TVector.Create((float)cell.Age);
            var inside = TVector.LessThanOrEqual(cellAge, age);
            values &= inside;
            var centred = (inside & total) - values * mean;
            whole += (inside & spread) + centred * centred / TVector.MaxNative(values, one);
            right += values;
            rightSum += centred;
            // Between the values up to here and those before: RSS0 - RSS1.
            var left = n - right;
            var gain = rightSum * rightSum * n / (right * left);
            var better = inside & TVector.GreaterThanOrEqual(left, side) & TVector.GreaterThan(gain, best);
            best = TVector.ConditionalSelect(better, gain, best);
            bestAge = TVector.ConditionalSelect(better, cellAge, bestAge);
            bestRight = TVector.ConditionalSelect(better, right, bestRight);
            bestSum = TVector.ConditionalSelect(better, rightSum, bestSum);
        }

        return (whole, best, bestAge, bestRight, bestSum);
    }

    /// <summary>Count and sum of the values since the last change.</summary>
    private static (TVector Count, TVector Sum) SumSince<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, ReadOnlySpan<Cell> cells, TVector age)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        TVector n = default, sum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total, _) = Cells.Read(rows, cell);
            var inside = TVector.LessThanOrEqual(TVector.Create((float)cell.Age), age);
            n += inside & values;
            sum += inside & total;
        }

        return (n, sum);
    }
}
