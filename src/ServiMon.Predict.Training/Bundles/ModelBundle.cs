using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>Where a model comes from: what the trainer itself does not know.</summary>
public sealed record BundleOrigin
{
    public required Profile Profile { get; init; }

    public required EvidenceLayout Layout { get; init; }

    public required string CodeVersion { get; init; }

    public required DateTimeOffset TrainedFrom { get; init; }

    public required DateTimeOffset TrainedUntil { get; init; }

    /// <summary>Digest of the samples trained on, lower-case hexadecimal.</summary>
    public required string SampleSha256 { get; init; }

    public required int Seed { get; init; }

    /// <summary>What evidence is computed against (neutral vector, regimes, reference levels): the caller's own bytes.</summary>
    public ImmutableArray<byte> References { get; init; } = [];

    /// <summary>How the profile's metrics are distributed over healthy steps; null where that is not known.</summary>
    public MetricDistributions? Distributions { get; init; }

    /// <summary>What composites are predicted by, with the layout of their evidence; null where they are not.</summary>
    public FittedComposites? Composites { get; init; }

    public EvidenceLayout? CompositeLayout { get; init; }

    public ImmutableArray<HorizonMetrics> Holdout { get; init; } = [];
}

/// <summary>
/// A trained model as one file: a zip with a manifest, the hazards, ML.NET's models, the profile, the evidence references and a model card,
/// with the SHA-256 of every entry. The format is in docs/formats/model-bundle.md.
/// </summary>
public sealed class ModelBundle
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
        NewLine = "\n",
    };

    private readonly byte[] _manifestBytes;

    /// <summary>A bundle whose manifest and card are written already, here or in a file.</summary>
    internal ModelBundle(BundleManifest manifest, byte[] manifestBytes, BundleParts parts)
    {
        (Manifest, _manifestBytes, Parts) = (manifest, manifestBytes, parts);
        Digest = Sha256(manifestBytes);
    }

    public BundleManifest Manifest { get; }

    /// <summary>The evaluator: scoring needs no ML.NET.</summary>
    public HazardModel Model => Parts.Model;

    public ImmutableArray<MlNetModel> MlNetModels => Parts.MlNetModels;

    /// <summary>The profile's YAML.</summary>
    public string ProfileText => Parts.ProfileText;

    /// <summary>The caller's own bytes, as given.</summary>
    public ImmutableArray<byte> References => Parts.References;

    /// <summary>How the profile's metrics are distributed over healthy steps; null in a bundle of format version 1, and where that is not known.</summary>
    public MetricDistributions? Distributions => Parts.Distributions;

    /// <summary>What composites are predicted by; null where they are not.</summary>
    public CompositeModel? Composite => Parts.Composite;

    /// <summary>The model card, in Markdown.</summary>
    public string Card => Parts.Card;

    /// <summary>SHA-256 of the manifest, lower-case hexadecimal: names the bundle, as the manifest holds the digest of everything else.</summary>
    public string Digest { get; }

    public static ModelBundle Create(TrainedHazard trained, BundleOrigin origin)
    {
        var model = trained.Model;
        if (origin.Layout.Width != model.Width)
            throw new ArgumentException($"the layout has {origin.Layout.Width} columns, the model {model.Width}", nameof(origin));
        if (!origin.Profile.Horizons.Select(h => h.Span).SequenceEqual(model.Horizons))
            throw new ArgumentException("the profile's horizons are not the model's", nameof(origin));
        var rates = new double[model.Horizons.Length];
        model.PredictBase(rates);
        var manifest = new BundleManifest
        {
            Profile = origin.Profile.Name,
            ProfileSha256 = Sha256(Encoding.UTF8.GetBytes(origin.Profile.Source)),
            CodeVersion = origin.CodeVersion,
            TrainedFrom = origin.TrainedFrom,
            TrainedUntil = origin.TrainedUntil,
            SampleSha256 = origin.SampleSha256,
            Seed = origin.Seed,
            Basis = model.Basis,
            Horizons = [.. origin.Profile.Horizons.Select((h, j) => new BundleHorizon(h.Text, h.Span.TotalSeconds, rates[j]))],
            Columns = [.. origin.Layout.Columns.Select(c => c.Name)],
            CrossValidation = trained.Report,
            Composites = origin.Composites is { } composites
                ? new BundleComposites(composites.Scoring.Hazard.Basis, [.. origin.CompositeLayout!.Columns.Select(c => c.Name)], composites.Hazard.Report) : null,
            Holdout = origin.Holdout,
        };
        var ofComposites = (origin.Composites?.Hazard.MlNetModels ?? []).Select(m => m with { Name = BundleNames.CompositePrefix + m.Name });
        var parts = new BundleParts(
            model, [.. trained.MlNetModels, .. ofComposites], origin.Profile.Source, origin.References, ModelCard.Write(manifest, origin.Distributions), origin.Distributions,
            origin.Composites?.Scoring);
        manifest = manifest with { Entries = [.. parts.Contents().Select(e => new BundleEntry(e.Name, e.Bytes.Length, Sha256(e.Bytes)))] };
        return new ModelBundle(manifest, JsonSerializer.SerializeToUtf8Bytes(manifest, Json), parts);
    }

    /// <summary>Writes the file in one piece: a reader sees the old one or the whole new one.</summary>
    /// <exception cref="IOException">When it cannot be written; nothing is left behind.</exception>
    public void Save(string path) => BundleWriter.Write(path, _manifestBytes, Parts.Contents());

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="InputException">When it is missing, cut off, damaged, tampered with, too large or of a newer format: one line that names the file.</exception>
    public static ModelBundle Load(string path, BundleLimits? limits = null) => BundleReader.Read(path, limits ?? new BundleLimits());

    internal static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private BundleParts Parts { get; }
}

/// <summary>What a bundle holds besides its manifest.</summary>
internal sealed record BundleParts(
    HazardModel Model, ImmutableArray<MlNetModel> MlNetModels, string ProfileText, ImmutableArray<byte> References, string Card,
    MetricDistributions? Distributions, CompositeModel? Composite)
{
    /// <summary>Every entry but the manifest and its digest, in the order in which they are written.</summary>
    public IEnumerable<(string Name, byte[] Bytes)> Contents()
    {
        yield return (BundleNames.Card, Encoding.UTF8.GetBytes(Card));
        yield return (BundleNames.Profile, Encoding.UTF8.GetBytes(ProfileText));
        yield return (BundleNames.Hazard, HazardCodec.Write(Model));
        yield return (BundleNames.References, [.. References]);
        if (Distributions is not null)
        {
            var writer = new StateWriter();
            Distributions.Save(writer);
            yield return (BundleNames.Distributions, writer.Written.ToArray());
        }
        if (Composite is not null) yield return (BundleNames.Composite, CompositeCodec.Write(Composite));
        foreach (var model in MlNetModels) yield return ($"{BundleNames.MlNetFolder}{model.Name}.zip", [.. model.Zip]);
    }
}

/// <summary>Names of the entries.</summary>
internal static class BundleNames
{
    public const string Manifest = "manifest.json";
    public const string ManifestDigest = "manifest.sha256";
    public const string Card = "model-card.md";
    public const string Profile = "profile.yaml";
    public const string Hazard = "hazard.bin";
    public const string References = "references.bin";
    public const string Distributions = "distributions.bin";
    public const string Composite = "composite.bin";
    public const string MlNetFolder = "hazards/";

    /// <summary>What the names of ML.NET's models of composites begin with.</summary>
    public const string CompositePrefix = "composite-";

    public static readonly string[] Fixed = [Card, Profile, Hazard, References];

    /// <summary>Entries that a bundle may lack.</summary>
    public static bool IsOptional(string name) => name is Distributions or Composite || IsMlNetModel(name);

    /// <summary><c>hazards/NAME.zip</c> with letters, digits and dashes: never a path that leaves the folder.</summary>
    public static bool IsMlNetModel(string name) =>
        name.StartsWith(MlNetFolder, StringComparison.Ordinal) && name.EndsWith(".zip", StringComparison.Ordinal)
        && name.Length > MlNetFolder.Length + 4 && name[MlNetFolder.Length..^4].All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    public static string MlNetName(string entry) => entry[MlNetFolder.Length..^4];
}
