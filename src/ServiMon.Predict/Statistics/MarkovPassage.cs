using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// The probability that a Gaussian Markov chain, looked at once a step, has passed a moving level: its density below the level is carried from step to step by
/// quadrature on a grid that ends at the level.
/// </summary>
/// <remarks>
/// The chain is in its own deviations: z_h = r_h z_(h-1) + sqrt(1 - r_h^2) e_h with unit normal e_h and z_0 = 0, so that every z_h has deviation 1. A trapezoid rule
/// on a normal kernel of deviation q is exact to exp(-2 pi^2 (q / spacing)^2) but for the grid's end, where Gregory's weights take over. Steps that move by
/// less than <see cref="LeastMove"/> deviations, towards a level that hardly moves, are taken several at a time, with the level further away as for a walk that is looked at less often
/// (Broadie, Glasserman and Kou 1997).
/// </remarks>
public static class MarkovPassage
{
    /// <summary>Largest error of a probability: against closed forms of walks and white noise, and against simulation of what lies between.</summary>
    public const double Accuracy = 0.001;

    /// <summary>Beyond so many deviations a normal value lies once in 10^8 times: a level that stays there is not passed, and no error to speak of is left out.</summary>
    private const double Reach = 5.7;

    /// <summary>Spacing in deviations of a step's move: without an end of the grid 1 would do. Where hardly anything is carried the density is cut off as it stands.</summary>
    private const double Spacing = 0.6, SpacingOfFresh = 0.45, Fresh = 0.7;

    /// <summary>Deviations of a move beyond which its density is taken as 0.</summary>
    private const double KernelReach = 5.5;

    /// <summary>Steps that move less are taken together: a random walk's from the 100th on.</summary>
    private const double LeastMove = 0.1;

    /// <summary>-zeta(1/2) / sqrt(2 pi): by so many deviations of a step a level seems further away when looked at once a step.</summary>
    private const double Overshoot = 0.5825971579;

    /// <summary>Gregory's coefficients: what the differences at a grid's end, from the zeroth on, count for in an integral.</summary>
    private static readonly double[] Gregory = [1 / 2.0, 1 / 12.0, 1 / 24.0, 19 / 720.0, 3 / 160.0, 863 / 60480.0];

    /// <summary>The weights, in spacings, of the nodes at the end that follow from these.</summary>
    private static readonly double[] EndWeights = WeightsAtEnd();

    /// <param name="levels">Of each step, in deviations of the chain above its middle.</param>
    /// <param name="correlations">r_h of each step, from 0 to 1; the first is not used.</param>
    /// <param name="passed">Receives the probability of having been at or above a level by each step; it never falls. As many as levels.</param>
    public static void Passed(ReadOnlySpan<double> levels, ReadOnlySpan<double> correlations, Span<double> passed)
    {
        passed.Clear();
        if (TensorPrimitives.Min(levels) > Reach) return;
        var grid = new Grid();
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
            survived = Math.Min(survived, grid.Move(level, Math.Sqrt(square), Math.Sqrt(1 - square)));
            for (var i = 0; i < taken; i++) passed[h + i] = 1 - (before + (survived - before) * (i + 1) / taken);
            h += taken;
        }
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

    /// <summary>The density of what has not passed, on nodes below the last level.</summary>
    private sealed class Grid
    {
        private double[] _density = [];
        private double[] _next = [];
        private double[] _kernel = [];
        private double _top = double.NaN;
        private double _spacing;
        private int _count;

        /// <summary>One step; what is left below the level after it.</summary>
        public double Move(double level, double r, double q)
        {
            var top = Math.Min(level, Reach);
            var width = top + Reach;
            if (!(width > 0))
            {
                _count = 0;
                _top = 0;
                return 0;
            }

            var spacing = (q > Fresh ? SpacingOfFresh : Spacing) * Math.Max(q, LeastMove);
            var count = Math.Max(2 * Gregory.Length, (int)Math.Ceiling(width / spacing)) + 1;
            spacing = width / (count - 1);
            if (_next.Length < count) _next = new double[2 * count];
            if (double.IsNaN(_top))
                for (var k = 0; k < count; k++) _next[k] = Density((top - k * spacing) / q) / q;
            else if (_count == 0) return 0;
            else Carry(top, spacing, count, r, q);

            (_density, _next) = (_next, _density);
            (_top, _spacing, _count) = (top, spacing, count);
            // The first nodes are those at the level; at the other end there is nothing.
            double sum = 0, normal = 0;
            for (var k = 0; k < count; k++)
            {
                var weight = spacing * (k < EndWeights.Length ? EndWeights[k] : 1);
                sum += _density[k] *= weight;
                normal += weight * Density(top - k * spacing);
            }

            // What the rule misses of a normal law that is cut off here it misses of this one too: with many steps it adds up.
            var missed = FirstPassage.NormalCdf(top) / normal;
            for (var k = 0; k < count; k++) _density[k] *= missed;
            return sum * missed;
        }

        /// <summary>Node y of the last step, weighted, goes to a normal density about r y.</summary>
        private void Carry(double top, double spacing, int count, double r, double q)
        {
            if (_kernel.Length < _count) _kernel = new double[2 * _count];
            for (var k = 0; k < count; k++)
            {
                var z = top - k * spacing;
                var (first, last) = (0, _count - 1);
                if (r * _spacing > 0)
                {
                    // |z - r (top' - j spacing')| <= KernelReach q.
                    first = (int)Math.Clamp(Math.Ceiling((r * _top - z - KernelReach * q) / (r * _spacing)), 0, _count);
                    last = (int)Math.Clamp(Math.Floor((r * _top - z + KernelReach * q) / (r * _spacing)), -1, _count - 1);
                }

                var length = last - first + 1;
                if (length <= 0)
                {
                    _next[k] = 0;
                    continue;
                }

                var kernel = _kernel.AsSpan(0, length);
                double start = (z - r * (_top - first * _spacing)) / q, slope = r * _spacing / q;
                for (var j = 0; j < length; j++)
                {
                    var x = start + j * slope;
                    kernel[j] = -0.5 * x * x;
                }

                TensorPrimitives.Exp(kernel, kernel);
                _next[k] = TensorPrimitives.Dot(kernel, _density.AsSpan(first, length)) / (q * Math.Sqrt(2 * Math.PI));
            }
        }

        private static double Density(double z) => Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
    }
}
