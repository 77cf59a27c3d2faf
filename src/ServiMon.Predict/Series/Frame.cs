namespace ServiMon.Predict.Series;

/// <summary>One asset's metrics at one step of its grid: raw values (totals for counters), NaN for missing.</summary>
/// <param name="step">Number of the grid step, 0 for the asset's earliest sample.</param>
/// <param name="ticks">UTC ticks of the newest sample in the step.</param>
/// <param name="values">K raw values in the order of the profile's metrics.</param>
public readonly ref struct Frame(long step, long ticks, ReadOnlySpan<double> values)
{
    public long Step { get; } = step;

    public long Ticks { get; } = ticks;

    public ReadOnlySpan<double> Values { get; } = values;
}

/// <summary>
/// The grid of one asset: step k is centred on anchor + k * step. The anchor is the asset's earliest sample, so jitter of less than
/// half a step never moves a regular sample to a neighbouring step, and a missing sample leaves its own step empty.
/// </summary>
public readonly record struct AssetGrid(long AnchorTicks, long StepTicks)
{
    /// <summary>The step whose window [centre - step/2, centre + step/2) holds the time.</summary>
    public long StepOf(long ticks)
    {
        var shifted = ticks - AnchorTicks + StepTicks / 2;
        var step = shifted / StepTicks;
        return shifted % StepTicks < 0 ? step - 1 : step;
    }

    public long CentreOf(long step) => AnchorTicks + step * StepTicks;

    /// <summary>First tick that belongs to the next step.</summary>
    public long EndOf(long step) => CentreOf(step) - StepTicks / 2 + StepTicks;
}
