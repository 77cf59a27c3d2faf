using System.Globalization;
using System.Reflection;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Storage;
using ServiMon.Predict.Training;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Evaluation;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>
/// Trains from the history that the service keeps. Without a champion, on all of it, and the model becomes champion: cross-validation has
/// chosen it against the base rate. With one, on what came before a held-out time that neither model has seen, and the model becomes
/// champion if it is better there beyond chance. A run that was stopped, by whatever, is gone on with by the next one of its profile.
/// </summary>
/// <param name="checkpoints">Folder in which it is kept how far a run has read; null to read everything anew after a stop.</param>
public sealed class Retraining(
    IHistoryStore history, IIncidentStore incidents, IModelRegistry registry, IReadOnlyDictionary<string, Profile> profiles, string? checkpoints = null)
    : ITrainingWork
{
    /// <summary>
    /// The last part of the time since the champion's training that is held out: half, so that the candidate knows as much news as it is
    /// judged by.
    /// </summary>
    private const double HeldOutShare = 0.5;

    /// <summary>One asset at a time: scoring goes on meanwhile.</summary>
    private static readonly ReadingOptions Reading = new() { Parallelism = 1 };

    private static readonly string CodeVersion =
        $"servimon {typeof(Retraining).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"}";

    public async Task<TrainingOutcome> RunAsync(TrainingOrder order, IProgress<TrainingProgress> progress, CancellationToken ct)
    {
        var profile = profiles[order.Profile];
        progress.Report(new TrainingProgress($"{profile.Name}: looking up the history", 0));
        var record = await registry.ChampionAsync(profile.Name, ct).ConfigureAwait(false);
        using var checkpoint = checkpoints is null ? null : ReadingCheckpoint.Open(checkpoints, profile.Name, Asked(order, record));
        var fleet = await FleetInStore.OpenAsync(history, incidents, profile, ct, checkpoint).ConfigureAwait(false);
        var (champion, championUntil, unusable) = await ChampionAsync(record?.Id, ct).ConfigureAwait(false);
        var heldOutFrom = champion is null ? null : HeldOutFrom(fleet, championUntil, profile.LongestHorizon);
        var request = new TrainingRequest
        {
            Profile = fleet.Complete(profile), Fleet = fleet, Until = heldOutFrom, Seed = order.Seed, Reading = Reading, Checkpoint = checkpoint,
        };
        var fitted = await OnOwnThread(() => Trainer.Train(request, progress, ct)).ConfigureAwait(false);
        ModelComparison? comparison = null;
        if (champion is not null && heldOutFrom is { } from)
        {
            progress.Report(new TrainingProgress($"{profile.Name}: comparing with the champion", 0));
            if (champion.Hazard.Horizons.Any(fitted.Scoring.Hazard.Horizons.Contains))
                comparison = await OnOwnThread(() => ModelComparison.Run(fitted.Scoring, champion, fleet, from, order.Seed, ct, Reading)).ConfigureAwait(false);
        }
        var added = await registry.AddBundleAsync(fitted.ToBundle(request, CodeVersion), ct).ConfigureAwait(false);
        checkpoint?.Complete();
        var (promote, why) = Decide(order, champion is not null, comparison);
        if (promote && unusable is not null) why = $"the champion cannot be used: {unusable}";
        if (promote) await registry.PromoteAsync(added.Id, order.Actor, ct).ConfigureAwait(false);
        return new TrainingOutcome(added.Id, promote, $"{(promote ? "champion" : "candidate")}: {why}; {fitted.Summary}", comparison);
    }

    /// <summary>Whether a run of this order was stopped and can be gone on with.</summary>
    /// <exception cref="StoreException">When the registry cannot be asked.</exception>
    public async Task<bool> IsStoppedAsync(TrainingOrder order, CancellationToken ct) => checkpoints is not null
        && ReadingCheckpoint.IsStopped(checkpoints, order.Profile, Asked(order, await registry.ChampionAsync(order.Profile, ct).ConfigureAwait(false)));

    /// <summary>What is held out follows from the champion.</summary>
    private static string Asked(TrainingOrder order, ModelRecord? champion) =>
        string.Create(CultureInfo.InvariantCulture, $"service, seed {order.Seed}, champion {champion?.Id ?? "none"}");

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
    internal static DateTimeOffset? HeldOutFrom(TrainingFleet fleet, DateTimeOffset championUntil, TimeSpan longestHorizon)
    {
        var last = fleet.Assets.Max(a => a.Last);
        var from = last - (last - championUntil) * HeldOutShare;
        return last - from >= 2 * longestHorizon && from > fleet.Assets.Min(a => a.First) ? from : null;
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
