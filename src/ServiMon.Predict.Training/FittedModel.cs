using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Training.Hazards;

namespace ServiMon.Predict.Training;

/// <summary>A model ready to score, with what is kept about its making.</summary>
public sealed record FittedModel(ScoringModel Scoring, TrainedHazard Hazard)
{
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
                + (skills.Length > 0 ? $"; Brier skill in cross-validation {skills}" : "");
        }
    }
}

/// <summary>Evidence of a fleet, made once and fitted on as often as a backtest needs.</summary>
/// <param name="Assets">Names of the table's assets, by their number in it.</param>
internal sealed record FleetEvidence(EvidenceModel Model, EvidenceTable Table, IReadOnlyList<string> Assets)
{
    /// <summary>The rows of some of the assets.</summary>
    public EvidenceTable Select(Func<string, bool> wanted)
    {
        var rows = Enumerable.Range(0, Table.Count).Where(r => wanted(Assets[Table.Asset[r]])).ToArray();
        var values = new float[(long)rows.Length * Table.Width];
        for (var i = 0; i < rows.Length; i++) Table.Row(rows[i]).CopyTo(values.AsSpan(i * Table.Width));
        return new EvidenceTable
        {
            Width = Table.Width, Values = values, AssetCount = Table.AssetCount, IncidentCount = Table.IncidentCount,
            Asset = Take(Table.Asset), Ticks = Take(Table.Ticks), SecondsToIncident = Take(Table.SecondsToIncident),
            SecondsObserved = Take(Table.SecondsObserved), Incident = Take(Table.Incident), Weight = Take(Table.Weight),
        };

        T[] Take<T>(T[] source) => [.. rows.Select(r => source[r])];
    }
}
