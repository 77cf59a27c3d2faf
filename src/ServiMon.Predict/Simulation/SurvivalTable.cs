namespace ServiMon.Predict.Simulation;

/// <summary>
/// P(no incident by degradation within n steps | the hidden state), for one kind of asset on one grid. Sudden death and maintenance are
/// applied on top by <see cref="AssetLife"/>.
/// </summary>
/// <remarks>
/// With p the chance of onset in a step, r that of relief, S(n) the process's own survival, G from healthy and U from a degrading state:
/// U(n) = S(n) (1-r)^n + sum over m = 1..n of S(m) r (1-r)^(m-1) G(n-m);
/// G(n) = (1-p) G(n-1) + p mean over modes and classes of U(n-1), G(0) = 1 (discrete renewal equations, Feller 1968, ch. XIII).
/// G is computed exactly. U is tabulated over the distance left (linear in its square root, where short-horizon survival bends) and
/// over n (linear between columns, of which every horizon is one); rows are computed when first needed, so one table is for one thread.
/// Against the exact sum, with steps of a minute: below 0.0002 at a horizon, below 0.003 elsewhere, which only planned maintenance
/// needs (a test says so).
/// </remarks>
public sealed class SurvivalTable
{
    /// <summary>Intervals of the distance grid, chosen for the error above.</summary>
    private const int LevelCount = 256;

    private readonly LifeModel _model;
    private readonly double _stepHours;
    private readonly int _maxSteps;
    private readonly double[] _healthy;
    private readonly int[] _columns;
    private readonly int[] _nodes;
    private readonly Degradation[] _processes;
    private readonly double[][] _unrelieved;
    private readonly double[]?[][] _rows;
    private readonly double[] _survival;

    public SurvivalTable(LifeModel model, TimeSpan step, IReadOnlyList<int> horizonSteps)
    {
        _model = model;
        _stepHours = step.TotalHours;
        _maxSteps = horizonSteps.Max();
        _columns = Spaced(1.04, horizonSteps);
        _nodes = Spaced(1.03, _columns);
        var classes = LifeModel.SeverityClasses;
        _processes = [.. model.Faults.SelectMany(f => classes.Select(f.Process.Faster))];
        _unrelieved = [.. model.Faults.Select(f => Powers(Math.Exp(-_stepHours / f.ReliefHours)))];
        _rows = [.. _processes.Select(_ => new double[]?[LevelCount + 1])];
        _survival = new double[_maxSteps + 1];
        _healthy = model.FaultsAreHarmless ? [.. Enumerable.Repeat(1.0, _maxSteps + 1)] : SolveHealthy();
    }

    /// <summary>P(no incident within the steps | healthy).</summary>
    public double Healthy(int steps) => _healthy[steps];

    /// <summary>P(no incident within the steps | degrading in this mode and class with this distance left to failure).</summary>
    public double Degrading(int fault, int severity, double distance, int steps)
    {
        if (steps <= 0 || _model.FaultsAreHarmless) return 1;
        var process = fault * LifeModel.SeverityClasses.Length + severity;
        var place = Math.Sqrt(Math.Clamp(distance / _processes[process].LargestDistance, 0, 1)) * LevelCount;
        var below = Math.Min((int)place, LevelCount - 1);
        var column = Array.BinarySearch(_columns, steps);
        if (column >= 0) return Mix(Row(process, below)[column], Row(process, below + 1)[column], place - below);
        column = ~column;
        var left = _columns[column - 1];
        var share = (double)(steps - left) / (_columns[column] - left);
        var low = Row(process, below);
        var high = Row(process, below + 1);
        return Mix(Mix(low[column - 1], low[column], share), Mix(high[column - 1], high[column], share), place - below);
    }

    /// <summary>The exact sum that <see cref="Degrading"/> interpolates: its slow oracle.</summary>
    public double DegradingExactly(int fault, int severity, double distance, int steps)
    {
        if (_model.FaultsAreHarmless) return 1;
        var process = _processes[fault * LifeModel.SeverityClasses.Length + severity];
        for (var n = 1; n <= steps; n++) _survival[n] = process.Survival(distance, n * _stepHours);
        return Unfailed(_unrelieved[fault], steps);
    }

    private double[] Row(int process, int level)
    {
        if (_rows[process][level] is { } known) return known;
        var share = (double)level / LevelCount;
        var distance = share * share * _processes[process].LargestDistance;
        _survival[0] = 1;
        var previous = 0;
        foreach (var node in _nodes)
        {
            var value = _processes[process].Survival(distance, node * _stepHours);
            for (var n = previous + 1; n <= node; n++)
                _survival[n] = Mix(_survival[previous], value, (double)(n - previous) / (node - previous));
            previous = node;
        }
        var unrelieved = _unrelieved[process / LifeModel.SeverityClasses.Length];
        return _rows[process][level] = [.. _columns.Select(n => Unfailed(unrelieved, n))];
    }

    private double Unfailed(double[] unrelieved, int steps)
    {
        var relief = 1 - unrelieved[1];
        double relieved = 0;
        for (var m = 1; m <= steps; m++) relieved += _survival[m] * unrelieved[m - 1] * _healthy[steps - m];
        return _survival[steps] * unrelieved[steps] + relief * relieved;
    }

    /// <summary>The mean over modes and classes of the direct term and of the relief weights turns G into one O(n^2) recursion.</summary>
    private double[] SolveHealthy()
    {
        var direct = new double[_maxSteps + 1];
        var reliefAt = new double[_maxSteps + 1];
        var totalWeight = _model.Faults.Sum(f => f.Weight) * LifeModel.SeverityClasses.Length;
        for (var i = 0; i < _processes.Length; i++)
        {
            var fault = i / LifeModel.SeverityClasses.Length;
            var weight = _model.Faults[fault].Weight / totalWeight;
            var unrelieved = _unrelieved[fault];
            var survival = 1.0;
            for (var n = 0; n <= _maxSteps; n++)
            {
                if (n > 0 && survival > 0) survival = _processes[i].Survival(1, n * _stepHours);
                direct[n] += weight * survival * unrelieved[n];
                if (n > 0) reliefAt[n] += weight * survival * unrelieved[n - 1] * (1 - unrelieved[1]);
            }
        }
        var onset = 1 - Math.Exp(-_stepHours / _model.OnsetHours);
        var healthy = new double[_maxSteps + 1];
        healthy[0] = 1;
        for (var n = 1; n <= _maxSteps; n++)
        {
            var degrading = direct[n - 1];
            for (var m = 1; m < n; m++) degrading += reliefAt[m] * healthy[n - 1 - m];
            healthy[n] = (1 - onset) * healthy[n - 1] + onset * degrading;
        }
        return healthy;
    }

    /// <summary>Every step to the sixteenth, then geometrically, and the given ones; ascending up to the longest horizon.</summary>
    private int[] Spaced(double growth, IEnumerable<int> given)
    {
        var steps = new SortedSet<int>(given);
        for (double n = 1; n < _maxSteps; n = Math.Max(n + 1, n * growth)) steps.Add((int)n);
        return [.. steps];
    }

    private double[] Powers(double factor)
    {
        var powers = new double[_maxSteps + 1];
        powers[0] = 1;
        for (var n = 1; n <= _maxSteps; n++) powers[n] = powers[n - 1] * factor;
        return powers;
    }

    private static double Mix(double left, double right, double share) => left + (right - left) * share;
}
