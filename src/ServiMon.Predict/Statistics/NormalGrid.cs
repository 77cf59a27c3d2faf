using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>The density of what has not passed, on nodes below the last level, moved by normal steps.</summary>
internal sealed class NormalGrid : IPassageGrid
{
    /// <summary>Deviations of a move beyond which its density is taken as 0.</summary>
    private const double KernelReach = 5.5;

    private double[] _density = [];
    private double[] _next = [];
    private double[] _kernel = [];
    private double _top = double.NaN;
    private double _spacing;
    private int _count;

    /// <inheritdoc />
    public double Move(double level, double r, double q, int taken)
    {
        var top = Math.Min(level, MarkovPassage.Reach);
        var width = top + MarkovPassage.Reach;
        if (!(width > 0))
        {
            _count = 0;
            _top = 0;
            return 0;
        }

        var spacing = MarkovPassage.SpacingOf(q);
        var count = Math.Max(2 * MarkovPassage.EndWeights.Length, (int)Math.Ceiling(width / spacing)) + 1;
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
            var weight = spacing * (k < MarkovPassage.EndWeights.Length ? MarkovPassage.EndWeights[k] : 1);
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
