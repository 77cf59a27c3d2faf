using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>The density of what has not passed, on nodes below the last level, moved by steps of Student's t.</summary>
/// <remarks>
/// What passes is told by the tail beyond the level from each node. The little that falls below the grid, from where heavy steps may come back, stands at its end, and the density between
/// is drawn to what is left. Nodes are as far apart for the middle of Student's t as for a normal step: by its deviations it is sqrt((freedom - 2) / freedom) as wide.
/// </remarks>
internal sealed class StudentGrid : IPassageGrid
{
    /// <summary>Levels further away are not passed: of 2.25 degrees of freedom one step in 10^13 goes as far.</summary>
    private const double Farthest = 1e6;

    /// <summary>A spacing that the carried nodes have after the step is as good as one by the rule if it is so near to it: then all nodes have the same distances.</summary>
    private const double NearEnough = 0.7;

    private readonly double _ofStep;
    private readonly double _least;
    private double[] _density = [];
    private double[] _next = [];
    private double[] _kernel = [];
    private double _top;
    private double _spacing;
    private double _survived = 1;
    private int _count = -1;
    private int _taken = 1;
    private double _freedom;
    private double _scale;

    /// <param name="freedom">Of each step, above 2.</param>
    public StudentGrid(double freedom) => (_ofStep, _freedom, _scale, _least) = (freedom, freedom, Scale(freedom), Math.Sqrt((freedom - 2) / freedom));

    /// <inheritdoc />
    public double Move(double level, double r, double q, int taken)
    {
        level = Math.Min(level, Farthest);
        if (taken != _taken)
        {
            (_taken, _freedom) = (taken, HeavyTail.OfSum(_ofStep, 1.0 / taken));
            _scale = Scale(_freedom);
        }

        var top = Math.Min(level, MarkovPassage.Reach);
        var width = top + MarkovPassage.Reach;
        if (!(width > 0) || _count == 0)
        {
            _count = 0;
            return 0;
        }

        var spacing = MarkovPassage.SpacingOf(q) * _least;
        var carried = r * _spacing;
        var isEven = _count > 0 && carried <= spacing && carried >= NearEnough * spacing;
        var count = Math.Max(2 * MarkovPassage.EndWeights.Length, (int)Math.Ceiling(width / (isEven ? carried : spacing))) + 1;
        spacing = isEven ? carried : width / (count - 1);
        if (_next.Length < count) _next = new double[2 * count];
        var bottom = top - (count - 1) * spacing;
        double left, below;
        if (_count < 0)
        {
            (left, below) = (1 - Tail(level / q), Tail(-bottom / q));
            Fill(_next.AsSpan(0, count), top / q, -spacing / q);
        }
        else
        {
            left = _survived - Beyond((level - r * _top) / q, carried / q, isFromTop: true);
            below = Beyond((r * (_top - (_count - 1) * _spacing) - bottom) / q, carried / q, isFromTop: false);
            if (isEven) CarryEvenly((top - r * _top) / q, spacing / q, count);
            else Carry(top, spacing, count, r, q);
        }

        _survived = Math.Max(0, left);
        (_density, _next) = (_next, _density);
        (_top, _spacing, _count) = (top, spacing, count);
        var density = _density.AsSpan(0, count);
        for (var k = 0; k < MarkovPassage.EndWeights.Length; k++) density[k] *= MarkovPassage.EndWeights[k];
        var sum = TensorPrimitives.Sum<double>(density);
        below = Math.Min(below, _survived);
        TensorPrimitives.Multiply(density, sum > 0 ? (_survived - below) / sum : 0, density);
        density[^1] += below;
        return _survived;
    }

    /// <summary>
    /// What goes beyond a place, from which the first node is <paramref name="first"/> moves away and each further one <paramref name="each"/> more: the tail of the last one, and
    /// integrals between nodes by the trapezoid rule with its correction by slopes (Euler and Maclaurin).
    /// </summary>
    private double Beyond(double first, double each, bool isFromTop)
    {
        if (_kernel.Length < _count) _kernel = new double[2 * _count];
        var density = _kernel.AsSpan(0, _count);
        Fill(density, first, each);
        double x = first + (_count - 1) * each, slope = Slope(x) * density[^1], tail = Tail(x), sum = 0;
        for (var j = _count - 1; ; j--)
        {
            sum += tail * _density[isFromTop ? j : _count - 1 - j];
            if (j == 0) return sum;
            x -= each;
            var here = Slope(x) * density[j - 1];
            tail += _scale * each * ((density[j - 1] + density[j]) / 2 - each * (slope - here) / 12);
            slope = here;
        }
    }

    /// <summary>All nodes are as far from the next ones as from each other: one row of the kernel holds all.</summary>
    private void CarryEvenly(double first, double each, int count)
    {
        var whole = count + _count - 1;
        if (_kernel.Length < whole) _kernel = new double[2 * whole];
        Fill(_kernel.AsSpan(0, whole), first - (count - 1) * each, each);
        for (var k = 0; k < count; k++) _next[k] = TensorPrimitives.Dot<double>(_kernel.AsSpan(count - 1 - k, _count), _density.AsSpan(0, _count));
    }

    private void Carry(double top, double spacing, int count, double r, double q)
    {
        if (r * _spacing == 0)
        {
            Fill(_next.AsSpan(0, count), top / q, -spacing / q);
            return;
        }

        if (_kernel.Length < _count) _kernel = new double[2 * _count];
        var kernel = _kernel.AsSpan(0, _count);
        for (var k = 0; k < count; k++)
        {
            Fill(kernel, (top - k * spacing - r * _top) / q, r * _spacing / q);
            _next[k] = TensorPrimitives.Dot<double>(kernel, _density.AsSpan(0, _count));
        }
    }

    /// <summary>Densities up to a factor: (1 + x² / (freedom - 2))^(-(freedom + 1) / 2), x in the move's deviations.</summary>
    private void Fill(Span<double> densities, double first, double each)
    {
        var narrow = 1 / Math.Sqrt(_freedom - 2);
        for (var j = 0; j < densities.Length; j++)
        {
            var x = (first + j * each) * narrow;
            densities[j] = 1 + x * x;
        }

        TensorPrimitives.Log(densities, densities);
        TensorPrimitives.Multiply(densities, -(_freedom + 1) / 2, densities);
        TensorPrimitives.Exp(densities, densities);
    }

    private double Tail(double x) => StudentT.Upper(x * Math.Sqrt(_freedom / (_freedom - 2)), _freedom);

    /// <summary>Of the logarithm of the density.</summary>
    private double Slope(double x) => -(_freedom + 1) * x / (_freedom - 2 + x * x);

    /// <summary>The factor that <see cref="Fill"/> leaves out.</summary>
    private static double Scale(double freedom) =>
        Math.Exp(IncompleteGamma.LogGamma((freedom + 1) / 2) - IncompleteGamma.LogGamma(freedom / 2)) / Math.Sqrt(Math.PI * (freedom - 2));
}
