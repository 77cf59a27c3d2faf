using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Scoring;

/// <summary>All that is needed to predict: how evidence is made, the hazards, and what evidence was like in training. Immutable.</summary>
/// <param name="Evidence">The evidence of the profile.</param>
/// <param name="Hazard">The fitted hazards over that evidence.</param>
/// <param name="Reference">What training rows looked like.</param>
public sealed record ScoringModel(EvidenceModel Evidence, HazardModel Hazard, EvidenceReference Reference)
{
    private ExplanationPlan? _plan;

    /// <summary>What composites are predicted by; null where there are none.</summary>
    public CompositeModel? Composite { get; init; }

    /// <summary>What explaining its predictions needs, worked out once.</summary>
    internal ExplanationPlan Plan => _plan is { } plan && plan.IsOf(this) ? plan : _plan = new ExplanationPlan(this);
}

/// <summary>The hazards of composites.</summary>
/// <param name="Hazard">Over the evidence of <see cref="CompositeEvidence"/>.</param>
/// <param name="Neutral">Median of every column over healthy rows.</param>
public sealed record CompositeModel(HazardModel Hazard, ImmutableArray<float> Neutral);

/// <summary>What evidence was like in training.</summary>
/// <param name="Neutral">Median of every column over healthy rows: what a group is replaced by to see what it contributes.</param>
/// <param name="MetricsSeen">For every metric of the profile, whether training had any value of it.</param>
public sealed record EvidenceReference(ImmutableArray<float> Neutral, ImmutableArray<bool> MetricsSeen)
{
    /// <summary>How the values of the profile's metrics are distributed over the fleet's healthy steps; null where the model knows nothing of it.</summary>
    public MetricDistributions? Distributions { get; init; }
}
