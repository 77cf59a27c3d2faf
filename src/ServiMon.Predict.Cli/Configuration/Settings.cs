using System.Collections.Immutable;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Cli.Configuration;

/// <summary>Which stores are used.</summary>
internal enum StoreKind { Embedded, Cassandra }

/// <summary>What may be configured rather than given as an option each time.</summary>
internal sealed record Settings
{
    /// <summary><c>store.path</c>: folder of the embedded store. Default <c>./data</c>.</summary>
    public string StorePath { get; init; } = "./data";

    /// <summary><c>store.kind</c>: <c>embedded</c> (the default) or <c>cassandra</c>, which the full build has.</summary>
    public StoreKind StoreKind { get; init; }

    /// <summary>Section <c>cassandra</c>, by key within it: read and checked by the Cassandra stores.</summary>
    public ImmutableDictionary<string, OptionText> Cassandra { get; init; } = ImmutableDictionary<string, OptionText>.Empty;

    /// <summary><c>training.checkpoints</c>: folder in which training keeps how far it has read. Default <c>training</c> in <see cref="StorePath"/>.</summary>
    public string Checkpoints { get => field ?? Path.Combine(StorePath, "training"); init; }

    /// <summary><c>random.seed</c>: seed of every random choice, 0 to 2^64 - 1. Default 1.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>What the options chose; null where they chose nothing.</summary>
internal sealed record SettingsChoice(string? StorePath, ulong? Seed);
