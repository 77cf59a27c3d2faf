using System.Collections.Immutable;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>One entry of a bundle.</summary>
/// <param name="Name">Its path in the zip.</param>
/// <param name="Bytes">Its size, uncompressed.</param>
/// <param name="Sha256">Lower-case hexadecimal digest of its uncompressed bytes.</param>
public sealed record BundleEntry(string Name, long Bytes, string Sha256);

/// <summary>A horizon as the profile writes it, with the probability before any evidence.</summary>
public sealed record BundleHorizon(string Text, double Seconds, double BaseRate);

/// <summary>What a bundle knows of composites beside their hazards.</summary>
/// <param name="Columns">Names of their evidence columns, in order.</param>
public sealed record BundleComposites(PredictionBasis Basis, ImmutableArray<string> Columns, CrossValidationReport CrossValidation);

/// <summary>What a bundle is and where it comes from: <c>manifest.json</c>.</summary>
public sealed record BundleManifest
{
    /// <summary>The format that this code writes, and the newest that it reads.</summary>
    public const int CurrentVersion = 2;

    public int FormatVersion { get; init; } = CurrentVersion;

    public required string Profile { get; init; }

    /// <summary>SHA-256 of the profile's YAML text.</summary>
    public required string ProfileSha256 { get; init; }

    /// <summary>The program that trained it.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>The time of the first and of the last row that was trained on, UTC.</summary>
    public required DateTimeOffset TrainedFrom { get; init; }

    public required DateTimeOffset TrainedUntil { get; init; }

    /// <summary>Digest of the samples that were trained on.</summary>
    public required string SampleSha256 { get; init; }

    public required int Seed { get; init; }

    public required PredictionBasis Basis { get; init; }

    public required ImmutableArray<BundleHorizon> Horizons { get; init; }

    /// <summary>Names of the evidence columns, in order.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    public required CrossValidationReport CrossValidation { get; init; }

    /// <summary>Null where composites are not predicted, and in bundles of older versions.</summary>
    public BundleComposites? Composites { get; init; }

    /// <summary>Metrics on later time or other assets that took no part in training; empty when there were none.</summary>
    public ImmutableArray<HorizonMetrics> Holdout { get; init; } = [];

    /// <summary>Every other entry of the zip, but for the digest of this one.</summary>
    public ImmutableArray<BundleEntry> Entries { get; init; } = [];
}
