using System.Collections.Concurrent;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
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
    public double LongestBaseProbability { get; } = Model is null ? double.NaN : BaseOf(Model.Hazard);

    /// <summary>The same of composites; NaN where they are not predicted.</summary>
    public double LongestCompositeBaseProbability { get; } = Model?.Composite is { } composite ? BaseOf(composite.Hazard) : double.NaN;

    /// <summary>Incidents and maintenance known by asset and composite.</summary>
    public IReadOnlyDictionary<string, Timeline> Timelines
    {
        get;
        init => (field, _withParents) = (value, new(StringComparer.Ordinal));
    } = new Dictionary<string, Timeline>();

    /// <summary>What is known of an asset or a composite, or null. Where composites are predicted, maintenance of what it is part of counts.</summary>
    public Timeline? TimelineOf(string path)
    {
        if (Timelines.Count == 0) return null;
        var own = Timelines.GetValueOrDefault(path);
        if (!Profile.Composite) return own;
        if (_withParents.TryGetValue(path, out var known)) return known;
        var above = AssetPath.Parents(path).Select(p => Timelines.GetValueOrDefault(p)).OfType<Timeline>().Where(t => t.Maintenance.Count > 0).ToList();
        return _withParents[path] = above.Count == 0 ? own : Timeline.WithMaintenance(own, above);
    }

    private readonly ConcurrentDictionary<string, Timeline?> _withParents = new(StringComparer.Ordinal);

    private static double BaseOf(HazardModel hazard)
    {
        Span<double> probabilities = stackalloc double[hazard.Horizons.Length];
        hazard.PredictBase(probabilities);
        return probabilities[^1];
    }
}
