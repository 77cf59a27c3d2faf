using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>
/// Whether the assets of a fleet are units that are used until they fail and never come back. Their records then begin with their lives, and
/// the time since the first row is a true age. Where assets are repaired, it would only be the time since someone began to watch.
/// </summary>
internal static class UnitLives
{
    /// <summary>Fewer failures than this settle nothing.</summary>
    private const int LeastFailures = 5;

    /// <summary>True when no incident known before the time had ended by then, and there are enough of them.</summary>
    public static bool AreSingle(TrainingFleet fleet, IReadOnlySet<string>? assets, DateTimeOffset? until)
    {
        // What happened to composites says nothing of their members.
        var composites = Composite.Of([.. fleet.Assets.Select(a => a.Asset)]).Select(c => c.Path).ToHashSet();
        var known = FleetCut.Incidents(fleet, until).Where(i => !composites.Contains(i.Asset) && (assets is null || assets.Contains(i.Asset))).ToList();
        return known.Count >= LeastFailures && known.TrueForAll(i => i.End is null) && known.DistinctBy(i => i.Asset).Count() == known.Count;
    }
}
