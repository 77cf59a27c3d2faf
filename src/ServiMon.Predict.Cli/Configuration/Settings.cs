namespace ServiMon.Predict.Cli.Configuration;

/// <summary>What may be configured rather than given as an option each time.</summary>
internal sealed record Settings
{
    /// <summary><c>store.path</c>: folder of the embedded store. Default <c>./data</c>.</summary>
    public string StorePath { get; init; } = "./data";

    /// <summary><c>random.seed</c>: seed of every random choice, 0 to 2^64 - 1. Default 1.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What the options chose; null where they chose nothing.</summary>
internal sealed record SettingsChoice(string? StorePath, ulong? Seed);
