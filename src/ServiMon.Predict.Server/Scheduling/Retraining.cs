using System.Globalization;
using System.Reflection;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>
/// Trains from the history that the service keeps. Without a champion, on all of it, and the model becomes champion: cross-validation has
/// chosen it against the base rate. With one, on what came before a held-out time that neither model has seen, and the model becomes
/// champion if it is better there beyond chance.
/// </summary>
public sealed class Retraining(
    IHistoryStore history, IIncidentStore incidents, IModelRegistry registry, IReadOnlyDictionary<string, Profile> profiles) : ITrainingWork
{
    /// <summary>
    /// The last part of the time since the champion's training that is held out: half, so that the candidate knows as much news as it is
    /// judged by.
    /// </summary>
    private const double HeldOutShare = 0.5;

    private static readonly string CodeVersion =
        $"servimon {typeof(Retraining).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"}";

    public async Task<TrainingOutcome> RunAsync(TrainingOrder order, IProgress<TrainingProgress> progress, CancellationToken ct)
    {
        var profile = profiles[order.Profile];
        var fleet = await ReadFleetAsync(profile, progress, ct).ConfigureAwait(false);
        var record = await registry.ChampionAsync(profile.Name, ct).ConfigureAwait(false);
        var (champion, championUntil, unusable) = await ChampionAsync(record?.Id, ct).ConfigureAwait(false);
        var heldOutFrom = champion is null ? null : HeldOutFrom(fleet, championUntil, profile.LongestHorizon);
        var request = new TrainingRequest
        {
            Profile = ProfileInference.Complete(profile, fleet.History.Metrics), Fleet = fleet, Until = heldOutFrom, Seed = order.Seed,
        };
        var fitted = await OnOwnThread(() => Trainer.Train(request, progress, ct)).ConfigureAwait(false);
        ModelComparison? comparison = null;
        if (champion is not null && heldOutFrom is { } from)
        {
            progress.Report(new TrainingProgress($"{profile.Name}: comparing with the champion", 0));
            if (champion.Hazard.Horizons.Any(fitted.Scoring.Hazard.Horizons.Contains))
                comparison = await OnOwnThread(() => ModelComparison.Run(fitted.Scoring, champion, fleet, from, order.Seed, ct)).ConfigureAwait(false);
        }
        var added = await registry.AddBundleAsync(fitted.ToBundle(request, CodeVersion), ct).ConfigureAwait(false);
        var (promote, why) = Decide(order, champion is not null, comparison);
        if (promote && unusable is not null) why = $"the champion cannot be used: {unusable}";
        if (promote) await registry.PromoteAsync(added.Id, order.Actor, ct).ConfigureAwait(false);
        return new TrainingOutcome(added.Id, promote, $"{(promote ? "champion" : "candidate")}: {why}; {fitted.Summary}", comparison);
    }

    /// <summary>Whether the new model becomes champion, and why.</summary>
    internal static (bool Promote, string Why) Decide(TrainingOrder order, bool hasChampion, ModelComparison? comparison)
    {
        if (order.KeepCandidate) return (false, "left a candidate as asked");
        if (!hasChampion) return (true, "there was no champion");
        if (comparison is null) return (false, "nothing to compare on: too little history since the champion's training, or no horizon in common with it");
        var counts = string.Create(CultureInfo.InvariantCulture,
            $"log-loss {comparison.CandidateLogLoss:0.00000} against {comparison.ChampionLogLoss:0.00000} on {comparison.RowCount} held-out answers with {comparison.IncidentCount} incidents, difference {comparison.DifferenceLow:+0.00000;-0.00000} to {comparison.DifferenceHigh:+0.00000;-0.00000}");
        if (comparison.CandidateWins) return (true, $"better than the champion: {counts}");
        return comparison.IncidentCount < ModelComparison.LeastIncidents
            ? (false, $"fewer than {ModelComparison.LeastIncidents} incidents to compare on: {counts}")
            : (false, $"not better than the champion beyond chance: {counts}");
    }

    /// <summary>Where the held-out part begins; null when it would be shorter than twice the longest horizon, of which one is lost to censoring.</summary>
    internal static DateTimeOffset? HeldOutFrom(FleetRecord fleet, DateTimeOffset championUntil, TimeSpan longestHorizon)
    {
        var last = new DateTimeOffset(fleet.History.Assets.Max(a => a.Ticks[^1]), TimeSpan.Zero);
        var from = last - (last - championUntil) * HeldOutShare;
        return last - from >= 2 * longestHorizon && from > new DateTimeOffset(fleet.History.Assets.Min(a => a.Ticks[0]), TimeSpan.Zero) ? from : null;
    }

    /// <summary>
    /// The champion, as far as this program can use it. One that it cannot (damaged, or of other evidence than this version's) predicts
    /// nothing, and must not keep its successor away.
    /// </summary>
    private async Task<(ScoringModel? Model, DateTimeOffset Until, string? Unusable)> ChampionAsync(string? id, CancellationToken ct)
    {
        if (id is null) return default;
        try
        {
            var bundle = await registry.LoadBundleAsync(id, ct).ConfigureAwait(false);
            return (bundle.ToScoringModel(id), bundle.Manifest.TrainedUntil, null);
        }
        catch (InputException e)
        {
            return (null, default, e.Message);
        }
    }

    private async Task<FleetRecord> ReadFleetAsync(Profile profile, IProgress<TrainingProgress> progress, CancellationToken ct)
    {
        var extents = await history.ListAssetsAsync(profile.Name, ct).ConfigureAwait(false);
        var metrics = await history.ListMetricsAsync(profile.Name, ct).ConfigureAwait(false);
        var pieces = extents.ToDictionary(e => e.Asset, _ => new List<AssetRows>());
        long done = 0, all = Math.Max(1, extents.Sum(e => e.RowCount));
        await foreach (var piece in history.ReadAsync(new HistoryQuery { Profile = profile.Name, Metrics = metrics }, ct).ConfigureAwait(false))
        {
            // An asset that has come since the list was made waits for the next training.
            if (pieces.TryGetValue(piece.Asset, out var list)) list.Add(piece);
            progress.Report(new TrainingProgress($"{profile.Name}: reading", Math.Min(1, (done += piece.Count) / (double)all)));
        }
        var assets = pieces.Where(p => p.Value.Count > 0).Select(p => Joined(p.Key, metrics, p.Value)).ToList();
        if (assets.Count == 0) throw new InputException("profile", $"there is no history of '{profile.Name}' to train on");
        var query = new IntervalQuery { Profile = profile.Name };
        var fleet = new FleetRecord(
            new FleetHistory(metrics, assets),
            await incidents.ListIncidentsAsync(query, ct).ToListAsync(ct).ConfigureAwait(false),
            await incidents.ListMaintenanceAsync(query, ct).ToListAsync(ct).ConfigureAwait(false));
        return RuleIncidents.AddTo(fleet, ProfileInference.Complete(profile, metrics));
    }

    private static AssetRows Joined(string asset, IReadOnlyList<string> metrics, List<AssetRows> pieces) => pieces.Count == 1
        ? pieces[0]
        : new AssetRows(asset, metrics, [.. pieces.SelectMany(p => p.Ticks)], [.. pieces.SelectMany(p => p.Values)]);

    /// <summary>Long computations have a thread of their own of low priority, so that scoring does not wait for them.</summary>
    private static Task<T> OnOwnThread<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                result.SetResult(work());
            }
            catch (OperationCanceledException e)
            {
                result.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        })
        { IsBackground = true, Name = "training", Priority = ThreadPriority.BelowNormal };
        thread.Start();
        return result.Task;
    }
}
