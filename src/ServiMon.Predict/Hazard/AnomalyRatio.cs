using System.Collections.Immutable;

namespace ServiMon.Predict.Hazard;

/// <summary>
/// The hazard ratio of unusual evidence, where no failure could be learned from: 1/2 p^(-1/2), p the share of reference rows that are at
/// least as anomalous. It is the calibrator kappa p^(kappa - 1) with kappa = 1/2 of Vovk and Wang (2021), "E-values: calibration, combination
/// and applications", whose mean is one under the reference: it moves risk between rows and leaves the base rate where it is.
/// </summary>
public sealed class AnomalyRatio
{
    private readonly double[] _ratio;

    /// <param name="column">The evidence column that holds the anomaly level (higher = more unusual).</param>
    /// <param name="levels">Strictly ascending reference levels, at least one.</param>
    /// <param name="tail">For each level, the share of the reference at or above it, in (0, 1], descending.</param>
    /// <param name="cap">Largest ratio, at least 1.</param>
    /// <exception cref="ArgumentException">When they are not so.</exception>
    public AnomalyRatio(int column, ImmutableArray<float> levels, ImmutableArray<double> tail, double cap)
    {
        if (column < 0) throw new ArgumentException($"column {column}, expected 0 or more", nameof(column));
        if (!(cap >= 1) || double.IsInfinity(cap)) throw new ArgumentException($"cap {cap}, expected a finite number of at least 1", nameof(cap));
        if (levels.Length == 0 || levels.Length != tail.Length)
            throw new ArgumentException($"{levels.Length} levels and {tail.Length} tail shares, expected as many and at least one");
        for (var i = 0; i < levels.Length; i++)
        {
            if (float.IsNaN(levels[i]) || (i > 0 && !(levels[i] > levels[i - 1])))
                throw new ArgumentException($"level {i} is {levels[i]}, expected above the one before");
            if (!(tail[i] is > 0 and <= 1) || (i > 0 && tail[i] > tail[i - 1]))
                throw new ArgumentException($"tail share {i} is {tail[i]}, expected 0 to 1 and not above the one before");
        }
        (Column, Levels, Tail, Cap) = (column, levels, tail, cap);
        _ratio = new double[levels.Length];
        for (var i = 0; i < levels.Length; i++) _ratio[i] = Math.Min(cap, 0.5 / Math.Sqrt(tail[i]));
    }

    public int Column { get; }

    public ImmutableArray<float> Levels { get; }

    public ImmutableArray<double> Tail { get; }

    public double Cap { get; }

    /// <summary>The hazard ratio, 1/2 to <see cref="Cap"/>; 1 where the level is missing.</summary>
    /// <remarks>Between two levels the higher tail share holds, which gives the smaller ratio.</remarks>
    public double Ratio(ReadOnlySpan<float> evidence)
    {
        var level = evidence[Column];
        if (float.IsNaN(level)) return 1;
        var index = Levels.AsSpan().BinarySearch(level);
        return index >= 0 ? _ratio[index] : ~index == 0 ? _ratio[0] : _ratio[~index - 1];
    }
}
