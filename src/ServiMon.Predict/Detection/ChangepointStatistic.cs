using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>The means of the cells of four lanes, and how many values they hold.</summary>
internal readonly record struct WindowLevels(
    Vector128<float> Long, Vector128<float> LongCount, Vector128<float> Short, Vector128<float> ShortCount);

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

    /// <summary>The cells are compared every so many steps.</summary>
    private const int StepsPerLook = 2;

    /// <summary>Rounding of a value's last digits must not look like a change of a constant series.</summary>
    private const float RoundingShare = 1e-6f;

    /// <summary>Steps since a change are counted this far: past every cell.</summary>
    private const float MostAge = 1 << 20;

    /// <summary>Means over all cells, and over those of single and of four steps; also of values before the last change.</summary>
    public static WindowLevels Levels(DetectorState state, int lane, ReadOnlySpan<Cell> cells)
    {
        Vector128<float> n = default, sum = default, shortCount = default, shortSum = default;
        var sixteens = false;
        foreach (ref readonly var cell in cells)
        {
            if (!sixteens && Cells.IsSixteen(cell)) (sixteens, shortCount, shortSum) = (true, n, sum);
            var (values, total) = Cells.ReadLevel(state, cell, lane);
            n += values;
            sum += total;
        }

        if (!sixteens) (shortCount, shortSum) = (n, sum);
        var one = Vector128<float>.One;
        return new WindowLevels(sum / Vector128.Max(n, one), n, shortSum / Vector128.Max(shortCount, one), shortCount);
    }

    /// <summary>Looks for a change in four lanes.</summary>
    /// <returns>For each lane the age in steps of the first value after the change, 0 where there is none.</returns>
    public static Vector128<float> Advance(DetectorState state, int lane, Vector128<float> x, ReadOnlySpan<Cell> cells, long count)
    {
        var one = Vector128<float>.One;
        var age = Vector128.Min(state.Load(DetectorRow.Age, lane) + one, Vector128.Create(MostAge));
        state.Store(DetectorRow.Age, lane, age);
        if (count % StepsPerLook != 0) return default;
        Vector128<float> n = default, sum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total) = Cells.ReadLevel(state, cell, lane);
            var inside = Vector128.LessThanOrEqual(Vector128.Create((float)cell.Age), age);
            n += inside & values;
            sum += inside & total;
        }

        var side = Vector128.Create(MinSide);
        if (!Vector128.GreaterThanOrEqualAny(n, side + side)) return default;
        var mean = sum / Vector128.Max(n, one);
        Vector128<float> whole = default, right = default, rightSum = default, best = default, bestAge = default, bestRight = default, bestSum = default;
        foreach (ref readonly var cell in cells)
        {
            var (values, total, spread) = Cells.Read(state, cell, lane);
            var inside = Vector128.LessThanOrEqual(Vector128.Create((float)cell.Age), age);
            values &= inside;
            var centred = (inside & total) - values * mean;
            whole += (inside & spread) + centred * centred / Vector128.Max(values, one);
            right += values;
            rightSum += centred;
            // Between the values up to here and those before: RSS0 - RSS1.
            var left = n - right;
            var gain = rightSum * rightSum * n / (right * left);
            var better = inside & Vector128.GreaterThanOrEqual(left, side) & Vector128.GreaterThan(gain, best);
            best = Vector128.ConditionalSelect(better, gain, best);
            bestAge = Vector128.ConditionalSelect(better, Vector128.Create((float)cell.Age), bestAge);
            bestRight = Vector128.ConditionalSelect(better, right, bestRight);
            bestSum = Vector128.ConditionalSelect(better, rightSum, bestSum);
        }

        var rounding = RoundingShare * mean;
        var parts = Vector128.Max(Vector128<float>.Zero, whole - best) + n * rounding * rounding + Vector128.Create(float.Epsilon);
        whole += n * rounding * rounding + Vector128.Create(float.Epsilon);
        var likelihood = 0.5f * n * Vector128.Log(Vector128.Max(one, whole / parts));
        var variance = parts / Vector128.Max(n, one);
        var persistence = one - state.Load(DetectorRow.DifferenceSquare, lane) / (variance + variance);
        persistence = Vector128.Min(Vector128.Max(persistence, Vector128<float>.Zero), one - one / Vector128.Max(n, one));
        var step = Vector128.Abs(bestSum * n / (bestRight * (n - bestRight)));
        var deviation = Vector128.Sqrt(state.Load(DetectorRow.PastVariance, lane));
        var inflated = one + persistence;
        // A split too near the end cannot be given out yet, and without it the change would be located before it happened.
        var found = Vector128.Equals(x, x)
            & Vector128.GreaterThanOrEqual(bestRight, side)
            & Vector128.GreaterThan(likelihood * (one - persistence), Bar * inflated * inflated)
            & Vector128.GreaterThanOrEqual(step, LeastStep * deviation);
        state.Store(DetectorRow.Age, lane, Vector128.ConditionalSelect(found, bestAge, age));
        // What is expected now is what came since the change.
        state.Store(DetectorRow.Mean, lane, Vector128.ConditionalSelect(found, mean + bestSum / bestRight, state.Load(DetectorRow.Mean, lane)));
        state.Store(DetectorRow.Deviation, lane, Vector128.ConditionalSelect(found, Vector128.Sqrt(variance) / SpikeStatistic.DeviationFactor, state.Load(DetectorRow.Deviation, lane)));
        return found & bestAge;
    }
}
