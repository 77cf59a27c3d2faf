namespace ServiMon.Predict.Training.Bundles;

/// <summary>What a bundle may hold before it is refused unread. All sizes in bytes, uncompressed unless said otherwise.</summary>
public sealed record BundleLimits
{
    /// <summary>The file itself. Default 256 MiB.</summary>
    public long File { get; init; } = 256L << 20;

    /// <summary>One entry. Default 256 MiB; the manifest has its own limit of 8 MiB.</summary>
    public long Entry { get; init; } = 256L << 20;

    /// <summary>All entries together. Default 512 MiB.</summary>
    public long Total { get; init; } = 512L << 20;

    /// <summary>Number of entries. Default 256: two ML.NET models a bucket and a few more.</summary>
    public int EntryCount { get; init; } = 256;

    internal const long Manifest = 8L << 20;
}
