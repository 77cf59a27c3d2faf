using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Hazards;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>A model ready to score, with what is kept about its making.</summary>
public sealed record FittedModel(ScoringModel Scoring, TrainedHazard Hazard)
{
    /// <summary>What of its history was read; null when the evidence was made otherwise.</summary>
    public ReadingReport? Reading { get; init; }

    /// <summary>One line for people: what it rests on and what cross-validation said.</summary>
    public string Summary
    {
        get
        {
            var report = Hazard.Report;
            var skills = string.Join(", ", report.Horizons.Select(h => string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{h.Seconds:0} s {h.BrierSkill:+0.00;-0.00}")));
            return $"{report.Basis.Text()}: {report.Chosen}, {report.OwnIncidentCount} incidents"
                + (report.PooledIncidentCount > 0 ? $" and {report.PooledIncidentCount} pooled" : "")
                + (skills.Length > 0 ? $"; Brier skill in cross-validation {skills}" : "")
                + string.Concat(report.Notes.Select(note => $"; {note}"))
                + (Reading is { IsWhole: false } ? $"; {Reading.Summary}" : "");
        }
    }
}

/// <summary>Evidence of a fleet, and the model that made it.</summary>
internal sealed record FleetEvidence(EvidenceModel Model, EvidenceTable Table);
