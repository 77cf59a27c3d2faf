namespace ServiMon.Predict.Detection;

/// <summary>Which deviations count as spikes.</summary>
public enum SpikeDirection { Both, Up, Down }

/// <summary>What the user may choose about a detector; everything else is one fixed set of constants.</summary>
public sealed record DetectorOptions
{
    public const double LeastAlarms = 1e-4;

    public const double MostAlarms = 1e4;

    /// <summary>
    /// Spike verdicts a day and metric that clean data may cause: 0.0001 to 10,000, by default 0.1. The bar of the p-value follows from
    /// it and from how many rows a day brings.
    /// </summary>
    public double FalseAlarmsPerDay { get; init; } = 0.1;

    /// <summary>Default: deviations in both directions.</summary>
    public SpikeDirection Direction { get; init; } = SpikeDirection.Both;

    /// <summary>The spacing of rows where it is known, above 0; by default it is learned from their times.</summary>
    public TimeSpan? Step { get; init; }

    /// <summary>Whose clock the hours of the day follow, daylight saving included; by default UTC.</summary>
    public TimeZoneInfo? Zone { get; init; }

    internal static DetectorOptions Default { get; } = new();

    /// <exception cref="InputException">With every value that is out of range.</exception>
    internal DetectorOptions Checked()
    {
        var problems = new List<Problem>();
        if (!(FalseAlarmsPerDay is >= LeastAlarms and <= MostAlarms))
            problems.Add(new Problem(nameof(FalseAlarmsPerDay), FormattableString.Invariant($"is {FalseAlarmsPerDay}, allowed {LeastAlarms} to {MostAlarms}")));
        if (Step is { } step && step <= TimeSpan.Zero) problems.Add(new Problem(nameof(Step), $"is {step}, allowed above 0"));
        if (!Enum.IsDefined(Direction)) problems.Add(new Problem(nameof(Direction), $"is {(int)Direction}, allowed {string.Join(", ", Enum.GetNames<SpikeDirection>())}"));
        return problems.Count == 0 ? this : throw new InputException([.. problems]);
    }
}
