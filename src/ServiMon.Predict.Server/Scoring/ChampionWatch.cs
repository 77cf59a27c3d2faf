using Microsoft.Extensions.Logging;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training.Bundles;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What is known of a champion beside its scoring.</summary>
internal sealed record ChampionFacts(string Profile, string ModelId, BundleManifest Manifest);

/// <summary>
/// Looks at the registry and at the incidents from time to time, and says what each profile is scored with as soon as that changes: a
/// promotion takes effect without a restart.
/// </summary>
internal sealed partial class ChampionWatch(IModelRegistry models, IIncidentStore incidents, IReadOnlyList<Profile> profiles, ILogger logger)
{
    private readonly Dictionary<string, Known> _known = [];
    private readonly HashSet<string> _refused = [];

    /// <summary>The champions in use.</summary>
    public IReadOnlyList<ChampionFacts> Champions { get; private set; } = [];

    /// <summary>What changed since the last look: all that can be scored, at the first.</summary>
    /// <exception cref="StoreException">When the store does not answer; the next look sees the same changes.</exception>
    public async Task<IReadOnlyList<LiveProfile>> LookAsync(CancellationToken ct)
    {
        var changed = new List<LiveProfile>();
        foreach (var profile in profiles)
        {
            var before = _known.GetValueOrDefault(profile.Name);
            var champion = await models.ChampionAsync(profile.Name, ct);
            var list = await ListAsync(profile.Name, ct);
            var isNewModel = before is null || (champion?.Id ?? "") != before.Live.ModelId && !_refused.Contains(champion?.Id ?? "");
            if (!isNewModel && before!.IsSame(list)) continue;
            var live = isNewModel ? await ModelAsync(profile, champion, before, ct) : before!.Live;
            if (live is null) continue;
            live = live with { Timelines = list.Timelines() };
            _known[profile.Name] = new Known(live, list);
            changed.Add(live);
        }
        return changed;
    }

    private async Task<LiveProfile?> ModelAsync(Profile profile, ModelRecord? champion, Known? before, CancellationToken ct)
    {
        if (champion is not null)
            try
            {
                var bundle = await models.LoadBundleAsync(champion.Id, ct);
                var model = bundle.ToScoringModel(champion.Id);
                Champions = [.. Champions.Where(c => c.Profile != profile.Name), new ChampionFacts(profile.Name, champion.Id, bundle.Manifest)];
                LogChampion(profile.Name, champion.Id);
                return new LiveProfile(model.Evidence, model, champion.Id);
            }
            catch (InputException e)
            {
                if (_refused.Add(champion.Id)) LogRefused(champion.Id, e.Message);
                if (before is not null) return before.Live;
            }
        else Champions = [.. Champions.Where(c => c.Profile != profile.Name)];
        // Without metrics of its own the profile has nothing to score until a champion brings them.
        return profile.Metrics.IsEmpty ? null : new LiveProfile(new EvidenceModel(profile), null, "");
    }

    private async Task<Interruptions> ListAsync(string profile, CancellationToken ct)
    {
        var query = new IntervalQuery { Profile = profile };
        return new Interruptions([.. RuleIncidents.WithoutDoubles(await incidents.ListIncidentsAsync(query, ct).ToListAsync(ct))], await incidents.ListMaintenanceAsync(query, ct).ToListAsync(ct));
    }

    [LoggerMessage(1100, LogLevel.Information, "profile {Profile} is scored with model {Model}")]
    private partial void LogChampion(string profile, string model);

    [LoggerMessage(1101, LogLevel.Error, "champion {Model} cannot be used: {Reason}; scoring goes on with what was there before")]
    private partial void LogRefused(string model, string reason);

    private sealed record Known(LiveProfile Live, Interruptions List)
    {
        public bool IsSame(Interruptions other) => List.Incidents.SequenceEqual(other.Incidents) && List.Maintenance.SequenceEqual(other.Maintenance);
    }

    private sealed record Interruptions(List<Incident> Incidents, List<MaintenanceWindow> Maintenance)
    {
        public Dictionary<string, Timeline> Timelines()
        {
            var failed = Incidents.ToLookup(i => i.Asset);
            var maintained = Maintenance.ToLookup(m => m.Asset);
            return failed.Select(g => g.Key).Union(maintained.Select(g => g.Key)).ToDictionary(a => a, a => new Timeline(failed[a], maintained[a]));
        }
    }
}
