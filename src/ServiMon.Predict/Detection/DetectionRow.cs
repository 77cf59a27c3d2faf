namespace ServiMon.Predict.Detection;

/// <summary>What a detector decides at a row, from that row and those before it alone.</summary>
public enum Verdict { None, Spike, Changepoint }

/// <summary>The outcome of one observed row.</summary>
/// <param name="Score">Novelty, 0 or more; higher = more anomalous. Not a probability.</param>
/// <param name="PValue">Spike channel, in (0, 1]: about uniform while the series behaves as it did.</param>
/// <param name="Verdict">What was decided at this row.</param>
/// <param name="LocationTicks">For a changepoint, the time (UTC, 100 ns) of the first row of the new regime; else null.</param>
public readonly record struct DetectionRow(double Score, double PValue, Verdict Verdict, long? LocationTicks)
{
    /// <summary>The outcome of a row that cannot be judged: missing, not finite, late or a duplicate.</summary>
    public static DetectionRow Neutral { get; } = new(0, 1, Verdict.None, null);
}
