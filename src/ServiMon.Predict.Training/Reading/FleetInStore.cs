using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Training.Reading;

/// <summary>A fleet as it lies in a store, of which only what is asked for is read.</summary>
public sealed class FleetInStore : TrainingFleet
{
    private readonly IHistoryStore _history;
    private readonly string _profile;

    private FleetInStore(IHistoryStore history, string profile, FleetOutline outline)
    {
        (_history, _profile) = (history, profile);
        (Metrics, Assets, Incidents, Maintenance) = outline;
    }

    public override IReadOnlyList<string> Metrics { get; }

    public override IReadOnlyList<AssetExtent> Assets { get; }

    public override IReadOnlyList<Incident> Incidents { get; }

    public override IReadOnlyList<MaintenanceWindow> Maintenance { get; }

    /// <summary>
    /// Looks up what there is, and what the profile's failure rules see in it; an asset that comes later waits for the next training.
    /// </summary>
    /// <param name="checkpoint">Of a run that may have been stopped: the fleet is then as it was when that run began, where it can go on.</param>
    /// <exception cref="InputException">When there is no history of the profile.</exception>
    public static async Task<FleetInStore> OpenAsync(
        IHistoryStore history, IIncidentStore incidents, Profile profile, CancellationToken ct, ReadingCheckpoint? checkpoint = null)
    {
        var assets = await history.ListAssetsAsync(profile.Name, ct).ConfigureAwait(false);
        if (assets.Count == 0) throw new InputException("profile", $"there is no history of '{profile.Name}' to train on");
        var query = new IntervalQuery { Profile = profile.Name };
        var metrics = await history.ListMetricsAsync(profile.Name, ct).ConfigureAwait(false);
        var reported = await incidents.ListIncidentsAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        var maintenance = await incidents.ListMaintenanceAsync(query, ct).ToListAsync(ct).ConfigureAwait(false);
        var complete = ProfileInference.Complete(profile, metrics);
        if (profile.Composite)
        {
            string[] names = [.. assets.Select(a => a.Asset)];
            maintenance = [.. Composite.WithMembers(maintenance, [.. names, .. Composite.Of(names).Select(c => c.Path)])];
        }
        var all = await WithSeenAsync(history, complete, assets, reported, maintenance, ct).ConfigureAwait(false);
        var outline = new FleetOutline(metrics, assets, all, maintenance);
        return new FleetInStore(history, profile.Name, checkpoint?.Begin(outline, complete) ?? outline);
    }

    /// <summary>The incidents with those that the rules see: asset by asset, of each only the metrics that the rules look at.</summary>
    private static async Task<IReadOnlyList<Incident>> WithSeenAsync(
        IHistoryStore history, Profile profile, IReadOnlyList<AssetExtent> assets, List<Incident> incidents, List<MaintenanceWindow> maintenance,
        CancellationToken ct)
    {
        if (profile.FailureRules.IsEmpty) return RuleIncidents.WithoutDoubles(incidents);
        string[] metrics = [.. profile.FailureRules.Select(r => r.Metric).Distinct()];
        var incidentsOf = incidents.ToLookup(i => i.Asset);
        var maintenanceOf = maintenance.ToLookup(m => m.Asset);
        var known = assets.Select(a => a.Asset).ToHashSet();
        var all = incidents.Where(i => !known.Contains(i.Asset)).ToList();
        foreach (var asset in assets)
        {
            var pieces = await history.ReadAsync(new HistoryQuery { Profile = profile.Name, Assets = [asset.Asset], Metrics = metrics }, ct)
                .ToListAsync(ct).ConfigureAwait(false);
            var rows = new AssetRows(asset.Asset, metrics, [.. pieces.SelectMany(p => p.Ticks)], [.. pieces.SelectMany(p => p.Values)]);
            all.AddRange(RuleIncidents.AddTo(
                new FleetRecord(new FleetHistory(metrics, [rows]), [.. incidentsOf[asset.Asset]], [.. maintenanceOf[asset.Asset]]), profile).Incidents);
        }
        return all;
    }

    /// <summary>A profile with the metrics of the store.</summary>
    public Profile Complete(Profile profile) => ProfileInference.Complete(profile, Metrics);

    public override IEnumerable<AssetRows> Read(string asset, long from, long to, CancellationToken cancellation) => _history.ReadAsync(
        new HistoryQuery { Profile = _profile, Assets = [asset], Metrics = Metrics, From = Time(from), To = Time(to) }, cancellation)
        .ToBlockingEnumerable(cancellation);

    /// <remarks>Two seconds of one core.</remarks>
    internal override long ValuesReadInAMoment => 20_000_000;

    /// <remarks>A store does not count rows before a time without reading them: at most one a step is assumed.</remarks>
    internal override AssetExtent Before(AssetExtent asset, long cut, TimeSpan step)
    {
        if (cut > asset.Last.UtcTicks) return asset;
        var span = cut - asset.First.UtcTicks;
        return span <= 0 ? asset with { RowCount = 0 }
            : asset with { Last = new DateTimeOffset(cut - 1, TimeSpan.Zero), RowCount = Math.Min(asset.RowCount, (span - 1) / step.Ticks + 1) };
    }

    private static DateTimeOffset? Time(long ticks) =>
        ticks <= DateTimeOffset.MinValue.UtcTicks || ticks > DateTimeOffset.MaxValue.UtcTicks ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}
