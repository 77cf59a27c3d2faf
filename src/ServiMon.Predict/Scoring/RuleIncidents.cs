using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>The incidents that the failure rules of a profile see: live they are stored as they come, and history gives the same.</summary>
public static class RuleIncidents
{
    /// <summary>The incident of a failure that rules have seen.</summary>
    /// <param name="start">UTC ticks, as <paramref name="end"/>; null while it lasts.</param>
    public static Incident Of(string asset, string kind, long start, long? end) =>
        new(asset, new DateTimeOffset(start, TimeSpan.Zero), end is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null, Incident.RulePrefix + kind);

    /// <summary>Leaves out what a rule has seen of a failure that was reported: the two overlap, and the report knows better when it was and what.</summary>
    public static IReadOnlyList<Incident> WithoutDoubles(IReadOnlyList<Incident> incidents)
    {
        if (!incidents.Any(i => i.IsFromRule)) return incidents;
        var reported = incidents.Where(i => !i.IsFromRule).ToLookup(i => i.Asset);
        return [.. incidents.Where(i => !i.IsFromRule || !reported[i.Asset].Any(r => Overlap(i, r)))];
    }

    /// <summary>The same for a stream that comes asset after asset.</summary>
    public static async IAsyncEnumerable<Incident> WithoutDoubles(IAsyncEnumerable<Incident> incidents)
    {
        var ofOne = new List<Incident>();
        await foreach (var incident in incidents.ConfigureAwait(false))
        {
            if (ofOne.Count > 0 && ofOne[0].Asset != incident.Asset)
            {
                foreach (var kept in WithoutDoubles(ofOne)) yield return kept;
                ofOne.Clear();
            }
            ofOne.Add(incident);
        }
        foreach (var kept in WithoutDoubles(ofOne)) yield return kept;
    }

    /// <summary>
    /// The fleet with the incidents that the profile's rules see in its history, where none was reported. Of one that is stored too, the
    /// history says when it ended.
    /// </summary>
    /// <param name="profile">With all metrics that its rules look at.</param>
    public static FleetRecord AddTo(FleetRecord fleet, Profile profile)
    {
        if (profile.FailureRules.IsEmpty) return fleet with { Incidents = WithoutDoubles(fleet.Incidents) };
        var timelines = Timeline.ByAsset(fleet);
        var seen = fleet.History.Assets.SelectMany(a => Of(profile, a, timelines[a.Asset])).ToDictionary(i => (i.Asset, i.Start));
        var stored = fleet.Incidents.Where(i => !i.IsFromRule || !seen.ContainsKey((i.Asset, i.Start)));
        return fleet with { Incidents = WithoutDoubles([.. stored.Concat(seen.Values).OrderBy(i => i.Asset, StringComparer.Ordinal).ThenBy(i => i.Start)]) };
    }

    /// <summary>What the rules see in the rows of one asset; the last may be open.</summary>
    private static List<Incident> Of(Profile profile, AssetRows rows, Timeline timeline)
    {
        var watch = new FailureWatch(profile);
        var incidents = new List<Incident>();
        int[] columns = [.. profile.Metrics.Select(m => rows.Metrics.ToList().IndexOf(m.Name))];
        var raw = new double[columns.Length];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var m = 0; m < columns.Length; m++) raw[m] = columns[m] < 0 ? double.NaN : rows.Row(row)[columns[m]];
            var ticks = rows.Ticks[row];
            watch.Observe(ticks, raw, timeline.InMaintenance(ticks) ? AssetCondition.Maintenance : timeline.InIncident(ticks) ? AssetCondition.Incident : AssetCondition.Normal);
            if (watch.Ended is { } over) incidents.Add(Of(rows.Asset, over.Kind, over.Start, over.End));
        }
        if (watch.Failure is { } lasting) incidents.Add(Of(rows.Asset, lasting.Kind, lasting.Start, null));
        return incidents;
    }

    private static bool Overlap(Incident a, Incident b) =>
        a.Start <= (b.End ?? DateTimeOffset.MaxValue) && b.Start <= (a.End ?? DateTimeOffset.MaxValue);
}
