namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>Singular spectrum analysis as the book writes it down: the whole trajectory matrix, a full decomposition, sums over every entry.</summary>
internal sealed class NaiveSpectrum
{
    private readonly double[][] _left;
    private readonly double[] _series;

    /// <param name="series">N entries; taken as they are, without centring.</param>
    public NaiveSpectrum(double[] series, int window, int rank)
    {
        _series = series;
        // One-sided Jacobi rotations (Hestenes 1958) of the rows of X until they are orthogonal: their lengths are the singular values.
        double[][] rows = [.. Enumerable.Range(0, window).Select(i => series[i..(series.Length - window + 1 + i)])];
        double[][] turns = [.. Enumerable.Range(0, window).Select(i => Enumerable.Range(0, window).Select(j => i == j ? 1.0 : 0).ToArray())];
        for (var (sweep, turned) = (0, true); turned && sweep < 60; sweep++)
        {
            turned = false;
            for (var p = 0; p < window; p++)
                for (var q = p + 1; q < window; q++) turned |= Turn(rows, turns, p, q);
        }

        var order = Enumerable.Range(0, window).OrderByDescending(i => Norm(rows[i])).ToArray();
        Values = [.. order.Select(i => Norm(rows[i]))];
        _left = [.. order.Take(rank).Select(i => turns[i])];
    }

    /// <summary>All singular values, from the largest down.</summary>
    public double[] Values { get; }

    public double[] Reconstruct()
    {
        var result = new double[_series.Length];
        var counts = new int[_series.Length];
        var window = _left[0].Length;
        for (var j = 0; j + window <= _series.Length; j++)
        {
            var projected = new double[window];
            foreach (var u in _left)
            {
                var along = Enumerable.Range(0, window).Sum(i => u[i] * _series[i + j]);
                for (var i = 0; i < window; i++) projected[i] += along * u[i];
            }

            for (var i = 0; i < window; i++)
            {
                result[i + j] += projected[i];
                counts[i + j]++;
            }
        }

        return [.. result.Select((x, t) => x / counts[t])];
    }

    public double[] ForecastByRecurrence(int horizon)
    {
        var vertical = _left.Sum(u => u[^1] * u[^1]);
        var line = Reconstruct().ToList();
        for (var h = 0; h < horizon; h++)
            line.Add(_left.Sum(u => u[^1] / (1 - vertical) * Enumerable.Range(0, u.Length - 1).Sum(i => u[i] * line[line.Count - u.Length + 1 + i])));
        return [.. line.TakeLast(horizon)];
    }

    /// <summary>Section 2.3.1: windows continued by the projector on the space without its last coordinate, then averaged along the diagonals.</summary>
    public double[] ForecastByVectors(int horizon)
    {
        int window = _left[0].Length, count = _series.Length;
        var vertical = _left.Sum(u => u[^1] * u[^1]);
        double[] recurrence = [.. Enumerable.Range(0, window - 1).Select(i => _left.Sum(u => u[^1] * u[i]) / (1 - vertical))];
        var sums = new double[count + horizon + window];
        var counts = new int[sums.Length];
        double[] at = [.. Enumerable.Range(0, window).Select(i => _left.Sum(u => u[i] * Enumerable.Range(0, window).Sum(k => u[k] * _series[count - window + k])))];
        for (var start = count - window + 1; start < count + horizon; start++)
        {
            var tail = at[1..];
            var last = Enumerable.Range(0, window - 1).Sum(i => recurrence[i] * tail[i]);
            double[] head = [.. Enumerable.Range(0, window - 1).Select(i =>
                _left.Sum(u => u[i] * Enumerable.Range(0, window - 1).Sum(k => u[k] * tail[k])) + (1 - vertical) * recurrence[i] * last)];
            at = [.. head, last];
            for (var i = 0; i < window; i++)
            {
                sums[start + i] += at[i];
                counts[start + i]++;
            }
        }

        return [.. Enumerable.Range(count, horizon).Select(t => sums[t] / counts[t])];
    }

    private static bool Turn(double[][] rows, double[][] turns, int p, int q)
    {
        double a = Dot(rows[p], rows[p]), b = Dot(rows[q], rows[q]), c = Dot(rows[p], rows[q]);
        if (Math.Abs(c) <= 1e-14 * Math.Sqrt(a * b)) return false;
        var zeta = (b - a) / (2 * c);
        var t = (zeta >= 0 ? 1 : -1) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        var cosine = 1 / Math.Sqrt(1 + t * t);
        foreach (var set in new[] { rows, turns })
            (set[p], set[q]) = ([.. set[p].Zip(set[q], (x, y) => cosine * (x - t * y))], [.. set[p].Zip(set[q], (x, y) => cosine * (t * x + y))]);
        return true;
    }

    private static double Dot(double[] left, double[] right) => left.Zip(right, (x, y) => x * y).Sum();

    private static double Norm(double[] row) => Math.Sqrt(Dot(row, row));
}
