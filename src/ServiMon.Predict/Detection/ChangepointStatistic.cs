using System.Runtime.Intrinsics;

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

    /// <summary>The cells are compared every so many steps, when there are most singles: so two looks see every border within 15 steps.</summary>
    private const int StepsPerLook = 4;

    private const int LookPhase = 3;

    /// <summary>Rounding of a value's last digits must not look like a change of a constant series.</summary>
    private const float RoundingShare = 1e-6f;

    /// <summary>Steps since a change are counted this far: past every cell.</summary>
    private const float MostAge = 1 << 20;

    public static bool LooksAt(long count) => count % StepsPerLook == LookPhase;

    /// <summary>Counts the steps since the last change, in a block of lanes.</summary>
    public static void Age<TWidth>(LaneBlock<TWidth> rows) where TWidth : struct, ILaneWidth =>
        rows[DetectorRow.Age] = Vector512.MinNative(rows[DetectorRow.Age] + Vector512<float>.One, Vector512.Create(MostAge));

    /// <summary>Looks for a change in a block of lanes.</summary>
    /// <param name="levels">Of the same lanes.</param>
    /// <returns>For each lane the age in steps of the first value after the change, 0 where there is none.</returns>
    public static Vector512<float> Look<TWidth>(LaneBlock<TWidth> rows, Vector512<float> x, in WindowLevels levels, ReadOnlySpan<Cell> cells)
        where TWidth : struct, ILaneWidth
    {
        var one = Vector512<float>.One;
        var age = rows[DetectorRow.Age];
        var (n, sum) = (levels.LongCount, levels.Long * levels.LongCount);
        var changed = Vector512.LessThan(age, Vector512.Create((float)cells[^1].Age));
        if (changed.ExtractMostSignificantBits() != 0)
        {
            var (later, laterSum) = SumSince(rows, cells, age);
            (n, sum) = (Vector512.ConditionalSelect(changed, later, n), Vector512.ConditionalSelect(changed, laterSum, sum));
        }

        var side = Vector512.Create(MinSide);
        if (!Vector512.GreaterThanOrEqualAny(n, side + side)) return default;
        var mean = sum / Vector512.MaxNative(n, one);
        Vector512<float> whole = default, right = default, rightSum = default, best = default, bestAge = default, bestRight = default, bestSum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total, spread) = Cells.Read(rows, cell);
            var cellAge = Vector512.Create((float)cell.Age);
            var inside = Vector512.LessThanOrEqual(cellAge, age);
            values &= inside;
            var centred = (inside & total) - values * mean;
            whole += (inside & spread) + centred * centred / Vector512.MaxNative(values, one);
            right += values;
            rightSum += centred;
            // Between the values up to here and those before: RSS0 - RSS1.
            var left = n - right;
            var gain = rightSum * rightSum * n / (right * left);
            var better = inside & Vector512.GreaterThanOrEqual(left, side) & Vector512.GreaterThan(gain, best);
            best = Vector512.ConditionalSelect(better, gain, best);
            bestAge = Vector512.ConditionalSelect(better, cellAge, bestAge);
            bestRight = Vector512.ConditionalSelect(better, right, bestRight);
            bestSum = Vector512.ConditionalSelect(better, rightSum, bestSum);
        }

        var rounding = RoundingShare * mean;
        var parts = Vector512.MaxNative(Vector512<float>.Zero, whole - best) + n * rounding * rounding + Vector512.Create(float.Epsilon);
        whole += n * rounding * rounding + Vector512.Create(float.Epsilon);
        var likelihood = 0.5f * n * Vector512.Log(Vector512.MaxNative(one, whole / parts));
        var variance = parts / Vector512.MaxNative(n, one);
        var persistence = one - rows[DetectorRow.DifferenceSquare] / (variance + variance);
        persistence = Vector512.MinNative(Vector512.MaxNative(persistence, Vector512<float>.Zero), one - one / Vector512.MaxNative(n, one));
        var step = Vector512.Abs(bestSum * n / (bestRight * (n - bestRight)));
        var deviation = Vector512.Sqrt(rows[DetectorRow.PastVariance]);
        var inflated = one + persistence;
        // A split too near the end cannot be given out yet, and without it the change would be located before it happened.
        var found = Vector512.Equals(x, x)
            & Vector512.GreaterThanOrEqual(bestRight, side)
            & Vector512.GreaterThan(likelihood * (one - persistence), Bar * inflated * inflated)
            & Vector512.GreaterThanOrEqual(step, LeastStep * deviation);
        rows.Keep(DetectorRow.Age, found, bestAge, age);
        // What is expected now is what came since the change.
        rows.Keep(DetectorRow.Mean, found, mean + bestSum / bestRight, rows[DetectorRow.Mean]);
        rows.Keep(DetectorRow.Deviation, found, Vector512.Sqrt(variance) / SpikeStatistic.DeviationFactor, rows[DetectorRow.Deviation]);
        return found & bestAge;
    }

    /// <summary>Count and sum of the values since the last change.</summary>
    private static (Vector512<float> Count, Vector512<float> Sum) SumSince<TWidth>(LaneBlock<TWidth> rows, ReadOnlySpan<Cell> cells, Vector512<float> age)
        where TWidth : struct, ILaneWidth
    {
        Vector512<float> n = default, sum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total, _) = Cells.Read(rows, cell);
            var inside = Vector512.LessThanOrEqual(Vector512.Create((float)cell.Age), age);
            n += inside & values;
            sum += inside & total;
        }

        return (n, sum);
    }
}
