namespace ServiMon.Predict.Detection;

/// <summary>The detector of one series, row by row and causal: an <see cref="AssetDetector"/> of one metric.</summary>
/// <remarks>
/// A missing or non-finite value is counted and gets the neutral outcome; a late or duplicate time does too, and changes no state. Rows need
/// no fixed spacing. Not thread-safe.
/// </remarks>
public sealed class SeriesDetector(DetectorOptions? options = null)
{
    private readonly AssetDetector _detector = new(1, options);

    /// <summary>Rows whose value was missing or not finite.</summary>
    public long MissingCount => _detector.MissingCount;

    /// <summary>Rows whose time lay before the latest one seen.</summary>
    public long LateCount => _detector.LateCount;

    /// <summary>Rows whose time was the latest one seen.</summary>
    public long DuplicateCount => _detector.DuplicateCount;

    /// <inheritdoc cref="AssetDetector.SpikeBar"/>
    public double SpikeBar => _detector.SpikeBar;

    /// <summary>Signals about the series' samples, after the last row.</summary>
    public LaneHealth Health => _detector.Health(0);

    /// <summary>Judges the row at <paramref name="ticks"/> (UTC, 100 ns) by the rows before it, then learns from it.</summary>
    /// <param name="ticks">The row's time.</param>
    /// <param name="value">The row's value, in the series' own unit; NaN for missing.</param>
    public DetectionRow Observe(long ticks, double value)
    {
        DetectionRow row = default;
        _detector.Observe(ticks, new ReadOnlySpan<double>(in value), new Span<DetectionRow>(ref row));
        return row;
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

    /// <summary>Makes this detector's state equal to another's; the options stay.</summary>
    public void CopyFrom(SeriesDetector other) => _detector.CopyFrom(other._detector);

    /// <inheritdoc cref="AssetDetector.Save"/>
    public void Save(StateWriter writer) => _detector.Save(writer);

    /// <inheritdoc cref="AssetDetector.Load"/>
    public void Load(ref StateReader reader) => _detector.Load(ref reader);
}
