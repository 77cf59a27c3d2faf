namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>
/// One labelled series of the Numenta Anomaly Benchmark, with what a detection at each row would be worth (Lavin and Ahmad 2015, section
/// III; the benchmark's sweeper): within a window the more the earlier, after it the less the later, elsewhere -1.
/// </summary>
internal sealed class NabSeries
{
    /// <summary>Of the first rows nothing is scored.</summary>
    public const int Probation = -2;

    public const int Outside = -1;

    private const double ProbationShare = 0.15;

    private const int ProbationRows = 5000;

    /// <summary>What a detection at a window's first row is worth before weighting.</summary>
    public static readonly double MostGain = Sigmoid(-1);

    private readonly bool[] _within;

    public NabSeries(BenchmarkSeries series, IReadOnlyList<(long First, long Last)> windows)
    {
        Series = series;
        WindowCount = windows.Count;
        Worth = new double[series.Ticks.Length];
        _within = new bool[series.Ticks.Length];
        Window = new int[series.Ticks.Length];
        var probation = Math.Min(Math.Floor(ProbationShare * Worth.Length), ProbationShare * ProbationRows);
        int next = 0, current = Outside, right = 0, before = -1;
        double width = 0, widthBefore = 0;
        for (var i = 0; i < Worth.Length; i++)
        {
            if (next < windows.Count && series.Ticks[i] == windows[next].First)
            {
                current = next;
                right = Array.IndexOf(series.Ticks, windows[next].Last);
                width = right - Array.IndexOf(series.Ticks, windows[next].First) + 1;
                next++;
            }

            Window[i] = i < probation ? Probation : current;
            _within[i] = current != Outside;
            Worth[i] = current != Outside ? Sigmoid(-(right - i + 1) / width) : before < 0 ? -1 : Sigmoid(Math.Abs(before - i) / (widthBefore - 1));
            if (current != Outside && series.Ticks[i] == windows[current].Last)
            {
                (before, widthBefore) = (i, width);
                current = Outside;
            }
        }
    }

    public BenchmarkSeries Series { get; }

    public int WindowCount { get; }

    /// <summary>What a detection at a row is worth before weighting, -1 to <see cref="MostGain"/>.</summary>
    public double[] Worth { get; }

    /// <summary>The window of a row, or <see cref="Outside"/> or <see cref="Probation"/>.</summary>
    public int[] Window { get; }

    /// <summary>What a detection at a row adds to the score.</summary>
    public double Gain(int row, NabProfile profile) =>
        _within[row] ? Worth[row] * profile.TruePositive / MostGain : Worth[row] * profile.FalsePositive;

    /// <summary>2 / (1 + e^(5x)) - 1, and -1 beyond 3 window widths.</summary>
    private static double Sigmoid(double x) => x > 3 ? -1 : 2 / (1 + Math.Exp(5 * x)) - 1;
}
