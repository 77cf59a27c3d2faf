using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>Fleets as a feed in order of time: from rows that are there, or from a simulation that makes them as it goes.</summary>
internal static class FleetFeed
{
    /// <summary>What several fleets have from one time on and before another.</summary>
    public static IEnumerable<FeedStep> Of(IReadOnlyList<(string Profile, FleetRecord Fleet)> fleets, DateTimeOffset from, DateTimeOffset to)
    {
        var steps = new SortedDictionary<long, (List<FeedRow> Rows, List<FleetIncident> Incidents)>();
        (List<FeedRow> Rows, List<FleetIncident> Incidents) At(long ticks)
        {
            if (!steps.TryGetValue(ticks, out var step)) steps.Add(ticks, step = ([], []));
            return step;
        }
        foreach (var (profile, fleet) in fleets)
        {
            foreach (var asset in fleet.History.Assets)
                for (var i = 0; i < asset.Count; i++)
                    if (asset.Ticks[i] >= from.UtcTicks && asset.Ticks[i] < to.UtcTicks)
                        At(asset.Ticks[i]).Rows.Add(new FeedRow(profile, asset.Asset, asset.Metrics, asset.Values.AsMemory(i * asset.Metrics.Count, asset.Metrics.Count)));
            foreach (var incident in fleet.Incidents)
                if (incident.Start >= from && incident.Start < to) At(incident.Start.UtcTicks).Incidents.Add(new FleetIncident(profile, incident));
        }
        return steps.Select(s => new FeedStep(new DateTimeOffset(s.Key, TimeSpan.Zero), s.Value.Rows, s.Value.Incidents, []));
    }

    /// <summary>A simulation without end.</summary>
    public static IEnumerable<FeedStep> Of(FleetSimulator simulator)
    {
        while (true)
        {
            simulator.Advance();
            var assets = simulator.Kinds.SelectMany(k => k.Assets.Select(a => (Kind: k, Asset: a))).ToList();
            yield return new FeedStep(
                simulator.Time,
                [.. assets.Where(a => a.Asset.HasRow).Select(a => new FeedRow(a.Kind.Profile, a.Asset.Name, a.Kind.Metrics, a.Asset.Row.ToArray()))],
                [.. assets.Where(a => a.Asset.BegunIncident is not null).Select(a => new FleetIncident(a.Kind.Profile, a.Asset.BegunIncident!))],
                [.. assets.Where(a => a.Asset.BegunMaintenance is not null).Select(a => new FleetMaintenance(a.Kind.Profile, a.Asset.BegunMaintenance!))]);
        }
    }
}
