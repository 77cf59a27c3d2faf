using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>What was known of a fleet's incidents and maintenance at a time.</summary>
internal static class FleetCut
{
    /// <summary>
    /// Incidents that began before the time; one that was still going on then has no end, as it had when the models of that day were trained.
    /// </summary>
    /// <param name="until">Null for all there is.</param>
    public static IEnumerable<Incident> Incidents(TrainingFleet fleet, DateTimeOffset? until) => until is not { } cut ? fleet.Incidents
        : fleet.Incidents.Where(i => i.Start < cut).Select(i => i.End >= cut ? i with { End = null } : i);

    /// <summary>The timelines by asset of what was known at the time; an asset that nothing is known of has an empty one.</summary>
    public static IReadOnlyDictionary<string, Timeline> Timelines(TrainingFleet fleet, DateTimeOffset? until) =>
        Timelines(fleet, until, [.. fleet.Assets.Select(a => a.Asset)]);

    /// <summary>The same of other paths.</summary>
    public static IReadOnlyDictionary<string, Timeline> Timelines(TrainingFleet fleet, DateTimeOffset? until, IReadOnlyList<string> paths)
    {
        var incidents = Incidents(fleet, until).ToLookup(i => i.Asset);
        var maintenance = fleet.Maintenance.Where(m => until is not { } cut || m.Start < cut).ToLookup(m => m.Asset);
        return paths.ToDictionary(p => p, p => new Timeline(incidents[p], maintenance[p]));
    }
}
