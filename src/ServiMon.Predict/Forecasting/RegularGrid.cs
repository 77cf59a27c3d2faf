namespace ServiMon.Predict.Forecasting;

/// <summary>A series put on an even grid by time: a missing row is a NaN in its place, so the phase of a season never shifts.</summary>
/// <param name="StartTicks">Time of the first entry, UTC, 100 ns.</param>
/// <param name="StepTicks">Spacing, 100 ns, above 0.</param>
/// <param name="Values">Entries from the start on; NaN where nothing was seen.</param>
public sealed record RegularGrid(long StartTicks, long StepTicks, double[] Values)
{
    /// <summary>
    /// Entries kept, the latest: forecasts up to a few hundred steps ahead gain nothing from older ones, and a fit stays within a second.
    /// </summary>
    public const int MaxCount = 4096;

    /// <summary>Larger values count as missing: their squares would overflow.</summary>
    private const double Bound = 1e120;

    /// <summary>Time of the last entry, UTC, 100 ns.</summary>
    public long LastTicks => StartTicks + (Values.Length - 1) * StepTicks;

    /// <summary>
    /// Puts rows on the grid of their median spacing, anchored at the last row. Rows may come in any order; of several in one place
    /// the last given counts; values that are not finite, or beyond 1e120, are missing.
    /// </summary>
    /// <param name="ticks">Times, UTC, 100 ns; n entries.</param>
    /// <param name="values">Values; n entries, NaN for missing.</param>
    /// <param name="step">The spacing; null infers it as the median distance of neighbouring times.</param>
    /// <exception cref="InputException">No spacing can be inferred, or fewer than two values are there to go by.</exception>
    public static RegularGrid From(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeSpan? step = null)
    {
        if (values.Length != ticks.Length) throw new ArgumentException($"{values.Length} values for {ticks.Length} times", nameof(values));
        if (step is { Ticks: <= 0 }) throw new ArgumentOutOfRangeException(nameof(step), step, "a step must be above 0");
        var stepTicks = step?.Ticks ?? MedianStep(ticks);
        var last = long.MinValue;
        foreach (var time in ticks) last = Math.Max(last, time);

        var placed = new double[MaxCount];
        Array.Fill(placed, double.NaN);
        var oldest = -1;
        var finite = 0;
        for (var i = 0; i < ticks.Length; i++)
        {
            var age = (long)Math.Round((last - ticks[i]) / (double)stepTicks);
            if (age >= MaxCount || !(Math.Abs(values[i]) <= Bound)) continue;
            finite++;
            placed[MaxCount - 1 - age] = values[i];
            oldest = Math.Max(oldest, (int)age);
        }

        if (finite < 2)
            throw new InputException("series", $"{finite} of the last {MaxCount} steps have a value from -1e120 to 1e120; a forecast needs at least 2");
        return new RegularGrid(last - oldest * stepTicks, stepTicks, placed[(MaxCount - 1 - oldest)..]);
    }

    private static long MedianStep(ReadOnlySpan<long> ticks)
    {
        var sorted = ticks.ToArray();
        Array.Sort(sorted);
        var steps = new List<long>(sorted.Length);
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i] > sorted[i - 1]) steps.Add(sorted[i] - sorted[i - 1]);
        if (steps.Count == 0)
            throw new InputException("series", $"{ticks.Length} rows have less than 2 different times; at least 2 are needed to infer the step");
        steps.Sort();
        return steps[steps.Count / 2];
    }
}
