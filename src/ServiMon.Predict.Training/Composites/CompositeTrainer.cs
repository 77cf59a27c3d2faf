using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training.Composites;

/// <summary>The hazards of a fleet's composites, with what is kept about their making.</summary>
public sealed record FittedComposites(CompositeModel Scoring, TrainedHazard Hazard)
{
    /// <summary>One line for people.</summary>
    public string Summary => "composites: " + FittedModel.Describe(Hazard.Report).Replace(" pooled", " of their members", StringComparison.Ordinal);
}

/// <summary>Fits the hazards of composites to the incidents of their paths.</summary>
internal static class CompositeTrainer
{
    /// <summary>
    /// Incidents of composites below which those of members are learned from too, each member being a composite of one: docs/decisions/0058-composites.md.
    /// </summary>
    private const int FewIncidents = 20;

    /// <param name="members">Evidence of the assets, numbered as in <paramref name="assets"/>.</param>
    public static FittedComposites Fit(
        EvidenceModel model, EvidenceTable composites, EvidenceTable members, IReadOnlyList<string> assets, ulong seed,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var own = composites.Incident.Where(i => i >= 0).Distinct().Count();
        var hazard = HazardTrainer.Fit(
            new HazardTrainingRequest
            {
                Own = composites,
                Layout = model.Composite.Layout,
                Pooled = own < FewIncidents ? [CompositeTables.OfMembers(model, members, assets, composites)] : [],
                Horizons = [.. model.Profile.Horizons.Select(h => h.Span)],
                Step = model.Profile.Step,
                AnomalyColumn = model.Composite.AnomalyColumn,
                Seed = (int)(seed % int.MaxValue),
            },
            progress, cancellation);
        return new FittedComposites(new CompositeModel(hazard.Model, [.. Trainer.Neutral(model.Profile, composites)]), hazard);
    }
}
