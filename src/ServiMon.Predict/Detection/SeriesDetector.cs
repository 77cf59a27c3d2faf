namespace ServiMon.Predict.Detection;

/// <summary>
/// The detector of one series, row by row and causal: every row is scored against what came before it, then learned from.
/// </summary>
/// <remarks>
/// Three channels that answer different questions and are not merged: novelty (<see cref="DetectionRow.Score"/>), spike
/// (<see cref="DetectionRow.PValue"/>) and changepoint (the back-dated location). A missing or non-finite value and a late or duplicate
/// time are counted, get the neutral outcome and change no state. Rows need no fixed spacing. Not thread-safe.
/// </remarks>
public sealed class SeriesDetector
{
    /// <summary>Values beyond this are judged as if they were this large: squares of more would overflow.</summary>
    private const double Bound = 1e120;

    private readonly NoveltyChannel _novelty = new();
    private readonly SpikeChannel _spike = new();
    private readonly ChangepointChannel _changepoint = new();
    private long _lastTicks = long.MinValue;

    /// <summary>Rows whose value was missing or not finite.</summary>
    public long MissingCount { get; private set; }

    /// <summary>Rows whose time lay before the latest one seen.</summary>
    public long LateCount { get; private set; }

    /// <summary>Rows whose time was the latest one seen.</summary>
    public long DuplicateCount { get; private set; }

    /// <summary>Judges the row at <paramref name="ticks"/> (UTC, 100 ns) by the rows before it, then learns from it.</summary>
    /// <param name="ticks">The row's time.</param>
    /// <param name="value">The row's value, in the series' own unit; NaN for missing.</param>
    public DetectionRow Observe(long ticks, double value)
    {
        if (ticks <= _lastTicks)
        {
            if (ticks == _lastTicks) DuplicateCount++;
            else LateCount++;
            return DetectionRow.Neutral;
        }

        _lastTicks = ticks;
        if (!double.IsFinite(value))
        {
            MissingCount++;
            return DetectionRow.Neutral;
        }

        value = Math.Clamp(value, -Bound, Bound);
        var score = _novelty.Observe(ticks, value);
        var (pValue, isSpike) = _spike.Observe(value);
        var location = _changepoint.Observe(ticks, value);
        // A change is told once and brings its location, so it goes before a spike at the same row.
        var verdict = location is not null ? Verdict.Changepoint : isSpike ? Verdict.Spike : Verdict.None;
        return new DetectionRow(score, pValue, verdict, location);
    }

    /// <summary>Judges a whole series, in order; the same as observing it row by row.</summary>
    /// <param name="ticks">Times, UTC, 100 ns; n entries.</param>
    /// <param name="values">Values; n entries, NaN for missing.</param>
    /// <param name="rows">Receives the outcomes; n entries.</param>
    public void Observe(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, Span<DetectionRow> rows)
    {
        if (values.Length != ticks.Length) throw new ArgumentException($"{values.Length} values for {ticks.Length} times", nameof(values));
        if (rows.Length != ticks.Length) throw new ArgumentException($"room for {rows.Length} outcomes of {ticks.Length} rows", nameof(rows));
        for (var i = 0; i < ticks.Length; i++) rows[i] = Observe(ticks[i], values[i]);
    }
}
