using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What the assets of one profile are scored with, from one moment to the next. Immutable.</summary>
/// <param name="Evidence">How evidence is made: of the champion, or of the profile's file as long as there is none.</param>
/// <param name="Model">Null as long as there is no champion.</param>
/// <param name="ModelId">The champion's id; empty without one.</param>
public sealed record LiveProfile(EvidenceModel Evidence, ScoringModel? Model, string ModelId)
{
    public string Name => Profile.Name;

    public Profile Profile => Evidence.Profile;

    /// <summary>Probability at the longest horizon before any evidence is seen; NaN without a model.</summary>
    public double LongestBaseProbability { get; } = Model is null ? double.NaN : BaseOf(Model);

    /// <summary>Incidents and maintenance known by asset.</summary>
    public IReadOnlyDictionary<string, Timeline> Timelines { get; init; } = new Dictionary<string, Timeline>();

    private static double BaseOf(ScoringModel model)
    {
        Span<double> probabilities = stackalloc double[model.Hazard.Horizons.Length];
        model.Hazard.PredictBase(probabilities);
        return probabilities[^1];
    }
}
