namespace ServiMon.Predict.Training.Reading;

/// <summary>How much of a history is read.</summary>
public sealed record ReadingOptions
{
    /// <summary>
    /// Values (rows x metrics) up to which a history is read whole. Of a longer one, windows before incidents and a sample of healthy stretches
    /// are read, of about this many values together. Default 1,000 million: some two minutes of one core. At least 1.
    /// </summary>
    public long MostValues { get; init; } = 1_000_000_000;

    /// <summary>Assets read at once. Default: one on each core. At least 1. The result does not depend on it.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}

/// <summary>What of a history was read.</summary>
/// <param name="RowsRead">Rows read, warm-up included.</param>
/// <param name="RowCount">Rows there were, as far as known.</param>
/// <param name="NearShare">Share of the incidents whose windows were read.</param>
/// <param name="FarShare">Share of the healthy stretches that were read.</param>
/// <param name="Sha256">Over names, times and values of the rows read, in lower-case hex.</param>
public sealed record ReadingReport(long RowsRead, long RowCount, double NearShare, double FarShare, string Sha256)
{
    /// <summary>True when every row was read.</summary>
    public bool IsWhole => NearShare >= 1 && FarShare >= 1;

    /// <summary>One line for people; empty when everything was read.</summary>
    public string Summary => IsWhole ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"read {RowsRead:N0} of {RowCount:N0} rows: windows before {NearShare:P0} of the incidents and {FarShare:P1} of the healthy stretches, each from the beginning of its life");
}
