using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// The probability that a Markov chain with normal steps, or with heavier ones by Student's t, looked at once a step, has passed a moving level: its density below
/// the level is carried from step to step by quadrature on a grid that ends at the level.
/// </summary>
/// <remarks>
/// The chain is in its own deviations: z_h = r_h z_(h-1) + sqrt(1 - r_h^2) e_h with e_h of unit variance and z_0 = 0, so that every z_h has deviation 1. A trapezoid rule
/// on a normal kernel of deviation q is exact to exp(-2 pi^2 (q / spacing)^2) but for the grid's end, where Gregory's weights take over. Steps that move by
/// less than <see cref="LeastMove"/> deviations, towards a level that hardly moves, are taken several at a time, with the level further away as for a walk that is looked at less often
/// (Broadie, Glasserman and Kou 1997).
/// </remarks>
public static class MarkovPassage
{
    /// <summary>Largest error of a probability: against closed forms of walks and white noise, and against simulation of what lies between.</summary>
    public const double Accuracy = 0.001;

    /// <summary>Likewise of heavy steps: against simulated walks of 240 of them with 2.25 degrees of freedom; of 60 it is a fifth of that.</summary>
    public const double AccuracyOfHeavy = 0.01;

    /// <summary>From so many degrees of freedom on Student's t is taken for the normal law it tends to.</summary>
    public const double MostFreedom = 200;

    /// <summary>Beyond so many deviations a normal value lies once in 10^8 times: a level that stays there is not passed, and no error to speak of is left out.</summary>
    internal const double Reach = 5.7;

    /// <summary>Spacing in deviations of a step's move: without an end of the grid 1 would do. Where hardly anything is carried the density is cut off as it stands.</summary>
    private const double Spacing = 0.6, SpacingOfFresh = 0.45, Fresh = 0.7;

    /// <summary>Steps that move less are taken together: a random walk's from the 100th on.</summary>
    private const double LeastMove = 0.1;

    /// <summary>A probability that is less, by the sum over all steps, is told as 0.</summary>
    private const double Nothing = 1e-7;

    /// <summary>-zeta(1/2) / sqrt(2 pi): by so many deviations of a step a level seems further away when looked at once a step.</summary>
    private const double Overshoot = 0.5825971579;

    /// <summary>Gregory's coefficients: what the differences at a grid's end, from the zeroth on, count for in an integral.</summary>
    private static readonly double[] Gregory = [1 / 2.0, 1 / 12.0, 1 / 24.0, 19 / 720.0, 3 / 160.0, 863 / 60480.0];

    /// <summary>The weights, in spacings, of the nodes at the end that follow from these.</summary>
    internal static readonly double[] EndWeights = WeightsAtEnd();

    /// <param name="levels">Of each step, in deviations of the chain above its middle.</param>
    /// <param name="correlations">r_h of each step, from 0 to 1; the first is not used.</param>
    /// <param name="passed">Receives the probability of having been at or above a level by each step; it never falls. As many as levels.</param>
    /// <param name="freedom">Degrees of freedom of e_h, above 2: Student's t in its own deviations; from <see cref="MostFreedom"/> on normal.</param>
    public static void Passed(ReadOnlySpan<double> levels, ReadOnlySpan<double> correlations, Span<double> passed, double freedom = double.PositiveInfinity)
    {
        passed.Clear();
        if (!IsReached(levels, freedom)) return;
        IPassageGrid grid = freedom < MostFreedom ? new StudentGrid(freedom) : new NormalGrid();
        var survived = 1.0;
        for (var h = 0; h < levels.Length;)
        {
            var r = h == 0 ? 0 : Math.Clamp(correlations[h], 0, 1);
            var (taken, level) = (1, levels[h]);
            var square = r * r;
            if (h > 0 && 1 - square < LeastMove * LeastMove)
            {
                for (; h + taken < levels.Length; taken++)
                {
                    var next = square * Math.Pow(Math.Clamp(correlations[h + taken], 0, 1), 2);
                    if (1 - next > LeastMove * LeastMove || !(Math.Abs(levels[h + taken] - levels[h]) <= LeastMove)) break;
                    (square, level) = (next, Math.Min(level, levels[h + taken]));
                }

                level -= Overshoot * Math.Sqrt(1 - square) * (1 - 1 / Math.Sqrt(taken));
            }

            var before = survived;
            survived = Math.Min(survived, grid.Move(level, Math.Sqrt(square), Math.Sqrt(1 - square), taken));
            for (var i = 0; i < taken; i++) passed[h + i] = 1 - (before + (survived - before) * (i + 1) / taken);
            h += taken;
        }
    }

    /// <summary>Between nodes, for a step that moves by <paramref name="q"/>.</summary>
    internal static double SpacingOf(double q) => (q > Fresh ? SpacingOfFresh : Spacing) * Math.Max(q, LeastMove);

    /// <summary>
    /// Of sums of heavy steps far out the largest one decides, and as none counts for more in a sum than by itself, a step's own tail is a bound.
    /// </summary>
    private static bool IsReached(ReadOnlySpan<double> levels, double freedom)
    {
        var least = TensorPrimitives.Min(levels);
        return least <= Reach || freedom < MostFreedom && levels.Length * StudentT.Upper(least * Math.Sqrt(freedom / (freedom - 2)), freedom) > Nothing;
    }

    private static double[] WeightsAtEnd()
    {
        var weights = new double[Gregory.Length];
        Array.Fill(weights, 1);
        for (var order = 0; order < Gregory.Length; order++)
        {
            // The difference of an order: binomial coefficients of alternating sign. All are taken off at the node itself.
            var binomial = 1.0;
            for (var node = 0; node <= order; node++)
            {
                weights[node] -= Gregory[order] * (node % 2 == 0 ? binomial : -binomial);
                binomial *= (order - node) / (node + 1.0);
            }
        }

        return weights;
    }
}
