namespace ServiMon.Predict.Server.Ingest;

/// <summary>What bounds memory under any input. What exceeds a bound is counted with its reason and dropped.</summary>
public sealed record IngestBounds
{
    /// <summary>Bytes of a message. Default 1,048,588 (Kafka's own default for a topic), range 1,024 to 64 MiB.</summary>
    public int MessageBytes { get; init; } = 1_048_588;

    /// <summary>Samples of a message. Default 100,000, range 1 to 10,000,000.</summary>
    public int MessageSamples { get; init; } = 100_000;

    /// <summary>Labels of a series. Default 64, range 1 to 1,000.</summary>
    public int Labels { get; init; } = 64;

    /// <summary>Characters of a label's name or value. Default 1,024, range 16 to 8,192.</summary>
    public int LabelLength { get; init; } = 1024;

    /// <summary>Series of one asset, told apart by all their labels. Default 10,000, range 1 to 1,000,000.</summary>
    public int SeriesPerAsset { get; init; } = 10_000;

    /// <summary>Assets of all profiles. Default 100,000, range 1 to 10,000,000.</summary>
    public int Assets { get; init; } = 100_000;

    /// <summary>How far ahead of the service's clock a sample's time may lie: one wrong time must not close an asset's steps. Default 5 min, range 0 s to 1 d.</summary>
    public TimeSpan Ahead { get; init; } = TimeSpan.FromMinutes(5);
}
