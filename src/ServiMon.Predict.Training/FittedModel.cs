using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Hazards;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>A model ready to score, with what is kept about its making.</summary>
public sealed record FittedModel(ScoringModel Scoring, TrainedHazard Hazard)
{
    /// <summary>What of its history was read; null when the evidence was made otherwise.</summary>
    public ReadingReport? Reading { get; init; }

    /// <summary>What composites are predicted by; null where the profile asks for none, or no asset has a parent.</summary>
    public FittedComposites? Composites { get; init; }

    /// <summary>One line for people: what it rests on and what cross-validation said.</summary>
    public string Summary => Describe(Hazard.Report) + (Reading is { IsWhole: false } ? $"; {Reading.Summary}" : "") + (Composites is null ? "" : $"; {Composites.Summary}");

    internal static string Describe(CrossValidationReport report)
    {
        var skills = string.Join(", ", report.Horizons.Select(h => string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{h.Seconds:0} s {h.BrierSkill:+0.00;-0.00}")));
        return $"{report.Basis.Text()}: {report.Chosen}, {report.OwnIncidentCount} incidents"
            + (report.PooledIncidentCount > 0 ? $" and {report.PooledIncidentCount} pooled" : "")
            + (skills.Length > 0 ? $"; Brier skill in cross-validation {skills}" : "")
            + string.Concat(report.Notes.Select(note => $"; {note}"));
    }
}

/// <summary>Evidence of a fleet, and the model that made it.</summary>
/// <param name="Assets">Names by the numbers in <paramref name="Table"/>.</param>
/// <param name="Composites">Null where there are none.</param>
internal sealed record FleetEvidence(EvidenceModel Model, EvidenceTable Table, IReadOnlyList<string> Assets, EvidenceTable? Composites);
