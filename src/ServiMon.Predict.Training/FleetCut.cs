using ServiMon.Predict.Series;

namespace ServiMon.Predict.Training;

/// <summary>What was known of a fleet's incidents and maintenance at a time.</summary>
internal static class FleetCut
{
    /// <summary>
    /// Incidents and maintenance that began before the time; an incident that was still going on then has no end, as it had when the models
    /// of that day were trained.
    /// </summary>
    /// <param name="until">Null for all there is.</param>
    public static FleetRecord At(FleetRecord fleet, DateTimeOffset? until) => until is not { } cut ? fleet : fleet with
    {
        Incidents = [.. fleet.Incidents.Where(i => i.Start < cut).Select(i => i.End >= cut ? i with { End = null } : i)],
        Maintenance = [.. fleet.Maintenance.Where(m => m.Start < cut)],
    };
}
