using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Training.Bundles;

/// <summary>From a fitted model to a bundle, and from a bundle to a model that scores.</summary>
public static class FittedModelBundle
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What evidence is computed against: the content of <see cref="ModelBundle.References"/>, as JSON.</summary>
    /// <param name="Columns">Metric columns of the training data, from which the profile is completed.</param>
    private sealed record References(IReadOnlyList<string> Columns, float[] Neutral, bool[] MetricsSeen, RegimeModel? Regimes, bool AgeFromFirstRow);

    /// <param name="request">What the model was fitted from; at least one row.</param>
    /// <param name="codeVersion">The program that trained it.</param>
    public static ModelBundle ToBundle(this FittedModel fitted, TrainingRequest request, string codeVersion)
    {
        var reference = fitted.Scoring.Reference;
        var used = request.Fleet.Assets.Where(a => a.RowCount > 0).ToList();
        var last = used.Max(a => a.Last);
        return ModelBundle.Create(fitted.Hazard, new BundleOrigin
        {
            Profile = request.Profile,
            Layout = fitted.Scoring.Evidence.Layout,
            CodeVersion = codeVersion,
            TrainedFrom = used.Min(a => a.First),
            TrainedUntil = request.Until is { } until && until < last ? until : last,
            SampleSha256 = fitted.Reading?.Sha256 ?? "",
            Seed = (int)(request.Seed % int.MaxValue),
            Distributions = reference.Distributions,
            Composites = fitted.Composites,
            CompositeLayout = fitted.Scoring.Evidence.Composite.Layout,
            References = [.. JsonSerializer.SerializeToUtf8Bytes(
                new References(request.Fleet.Metrics, [.. reference.Neutral], [.. reference.MetricsSeen], fitted.Scoring.Evidence.Regimes, fitted.Scoring.Evidence.AgeFromFirstRow), Json)],
        });
    }

    /// <summary>The model that scores, put together again.</summary>
    /// <exception cref="InputException">When the references are not what this program writes, or do not fit the profile.</exception>
    public static ScoringModel ToScoringModel(this ModelBundle bundle, string file)
    {
        References? references;
        try
        {
            references = JsonSerializer.Deserialize<References>(bundle.References.AsSpan(), Json);
        }
        catch (JsonException)
        {
            references = null;
        }
        if (references is not { Columns: not null, Neutral: not null, MetricsSeen: not null })
            throw new InputException(file, "its references cannot be read");
        var profile = ProfileInference.Complete(ProfileReader.Parse(bundle.ProfileText, $"{file}: profile.yaml"), references.Columns);
        var evidence = new EvidenceModel(profile, references.Regimes, references.AgeFromFirstRow);
        if (!evidence.Layout.Columns.Select(c => c.Name).SequenceEqual(bundle.Manifest.Columns))
            throw new InputException(file, "its evidence columns are not those of this program's version");
        if (bundle.Distributions is { } distributions && !distributions.Metrics.SequenceEqual(profile.Metrics.Select(m => m.Name)))
            throw new InputException(file, "its distributions are of other metrics than its profile's");
        if (bundle.Manifest.Composites is { } composites && !evidence.Composite.Layout.Columns.Select(c => c.Name).SequenceEqual(composites.Columns))
            throw new InputException(file, "its evidence columns of composites are not those of this program's version");
        return new ScoringModel(evidence, bundle.Model, new EvidenceReference([.. references.Neutral], [.. references.MetricsSeen]) { Distributions = bundle.Distributions })
        {
            Composite = bundle.Composite,
        };
    }
}
