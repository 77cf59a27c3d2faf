namespace ServiMon.Predict.Forecasting;

/// <summary>One predicted step: the median and a central interval around it, in the series' own unit.</summary>
/// <param name="Ticks">Time of the step, UTC, 100 ns.</param>
public sealed record ForecastRow(long Ticks, double Lower, double Median, double Upper);

/// <summary>A central prediction interval for each step.</summary>
/// <param name="Level">Share of outcomes it is meant to hold, in (0, 1).</param>
/// <param name="Lower">One entry a step.</param>
/// <param name="Upper">One entry a step.</param>
public sealed record ForecastInterval(double Level, double[] Lower, double[] Upper);

/// <summary>The share of one expert in a forecast; the shares sum to 1.</summary>
public sealed record ExpertWeight(string Name, double Weight);

/// <summary>The next steps of a series.</summary>
/// <param name="Ticks">Times of the steps, UTC, 100 ns: the last time of the series plus 1, 2, ... steps.</param>
/// <param name="Median">One entry a step.</param>
/// <param name="Intervals">One for each level asked for, in that order.</param>
/// <param name="Weights">What the median was mixed from.</param>
public sealed record Forecast(
    long[] Ticks, double[] Median, IReadOnlyList<ForecastInterval> Intervals, IReadOnlyList<ExpertWeight> Weights)
{
    /// <summary>
    /// Standard deviation of the error at each step, without the margins that intervals have for being estimated from few errors; null where
    /// nothing but the intervals is known.
    /// </summary>
    public double[]? ErrorDeviations { get; init; }

    /// <summary>Correlation of the error at each step with that of the step before; 0 at the first. Null where it follows from how the deviations grow.</summary>
    public double[]? ErrorCorrelations { get; init; }

    /// <summary>Degrees of freedom of Student's t by which what each step adds to the error is distributed, above 2; infinite where that is normal.</summary>
    public double ErrorFreedom { get; init; } = double.PositiveInfinity;

    /// <summary>By what share of itself each of <see cref="ErrorDeviations"/> may be off (one standard error), for being estimated from few errors; null for not at all.</summary>
    public double[]? ErrorsOfDeviations { get; init; }

    /// <summary>The steps with the interval of index <paramref name="interval"/>.</summary>
    public IEnumerable<ForecastRow> Rows(int interval = 0)
    {
        var (_, lower, upper) = Intervals[interval];
        return Ticks.Select((time, i) => new ForecastRow(time, lower[i], Median[i], upper[i]));
    }
}
