using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Composites;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Training.Backtesting;

/// <summary>Fits on one part of a history and replays the other through the code that scores live.</summary>
/// <remarks>
/// Nothing of the replayed part is known when predicting but its rows so far, and maintenance, which is planned ahead. Incidents of the
/// replayed part serve the report alone: the asset is not even told that it is in one.
/// </remarks>
public static class Backtest
{
    /// <exception cref="InputException">When the split leaves nothing to fit on or to replay.</exception>
    /// <exception cref="OperationCanceledException">When cancelled.</exception>
    public static BacktestResult Run(BacktestRequest request, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        if (request.Profile.Composite) request = request with { Fleet = WithMembers(request.Fleet), Test = request.Test is { } tested ? WithMembers(tested) : null };
        var pooled = request.Pool.Select(p => Trainer.Replay(p.Profile, p.Data, null, null, request.Seed, progress, cancellation).Table).ToList();
        var models = new List<string>();
        var (replay, replayed, split) = request switch
        {
            { TrainUntil: { } until, Folds: null, Test: null } => Past(request, until, pooled, models, progress, cancellation),
            { TrainUntil: null, Folds: { } folds, Test: null } => Crossed(request, folds, pooled, models, progress, cancellation),
            { TrainUntil: null, Folds: null, Test: { } test } => Separate(request, test, pooled, models, progress, cancellation),
            _ => throw new ArgumentException("exactly one of TrainUntil, Folds and Test is set", nameof(request)),
        };
        var assets = replayed.History.Assets.Select(a => a.Asset).ToHashSet();
        var report = new FailureReport
        {
            Profile = request.Profile.Name,
            Split = split,
            AssetCount = replay.Assets.Count,
            IncidentCount = replayed.Incidents.Count(i => !(i.Start < request.TrainUntil) && assets.Contains(i.Asset)),
            RowCount = replay.Assets.Sum(p => (long)p.Count),
            Seed = request.Seed,
            Horizons = FailureEvaluation.Score(request.Profile, replay.Assets, Timeline.ByAsset(replayed), request.Seed),
            Composites = request.Profile.Composite ? OfComposites(request, replay, replayed) : null,
            Models = models,
        };
        return new BacktestResult(replay.Assets, replay.Composites, report);
    }

    private static (ReplayedFleet, FleetRecord, string) Past(
        BacktestRequest request, DateTimeOffset until, IReadOnlyList<EvidenceTable> pooled, List<string> models,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var alive = request.Fleet.History.Assets.Where(a => a.Count > 0).ToList();
        if (alive.Count == 0) throw new InputException("--train-until", $"{Text(until)} leaves nothing to fit on: there are no samples");
        var (first, last) = (alive.Min(a => a.Ticks[0]), alive.Max(a => a.Ticks[^1]));
        if (until.UtcTicks <= first || until.UtcTicks > last)
            throw new InputException("--train-until", $"{Text(until)} leaves nothing to {(until.UtcTicks > last ? "replay" : "fit on")}: the samples are from {Text(new(first, TimeSpan.Zero))} to {Text(new(last, TimeSpan.Zero))}");
        var fitted = Trainer.Train(
            new TrainingRequest { Profile = request.Profile, Fleet = request.Fleet, Until = until, Seed = request.Seed }, pooled, progress, cancellation);
        models.Add(fitted.Summary);
        // Members whose rows end before belong to their composites all the same.
        var replay = Replay(fitted.Scoring, request.Profile.Composite ? request.Fleet.History.Assets : Later(alive), until.UtcTicks, request.Fleet, progress, cancellation);
        return (replay with { Assets = [.. replay.Assets.Where(p => p.Count > 0)] }, request.Fleet, $"fit before {Text(until)}, replay from then on");

        List<AssetRows> Later(List<AssetRows> assets) => [.. assets.Where(a => a.Ticks[^1] >= until.UtcTicks)];
    }

    private static (ReplayedFleet, FleetRecord, string) Separate(
        BacktestRequest request, FleetRecord test, IReadOnlyList<EvidenceTable> pooled, List<string> models,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var fitted = Trainer.Train(new TrainingRequest { Profile = request.Profile, Fleet = request.Fleet, Seed = request.Seed }, pooled, progress, cancellation);
        models.Add(fitted.Summary);
        return (Replay(fitted.Scoring, test.History.Assets, long.MinValue, test, progress, cancellation), test, "separate training and test files");
    }

    private static (ReplayedFleet, FleetRecord, string) Crossed(
        BacktestRequest request, int folds, IReadOnlyList<EvidenceTable> pooled, List<string> models,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var assets = request.Fleet.History.Assets;
        if (folds < 2 || assets.Count < 2)
            throw new InputException("--folds", $"{folds} folds of {assets.Count} assets: allowed are 2 folds or more, of 2 assets or more");
        var (fold, cut, count) = Deal(request, folds);
        var replayed = new ReplayedFleet();
        EvidenceModel? model = null;
        for (var f = 0; f < count; f++)
        {
            progress?.Report(new TrainingProgress($"{request.Profile.Name}: folds", (double)f / count));
            var training = assets.Where(a => fold[a.Asset] != f).Select(a => a.Asset).ToHashSet();
            // Each fold replays its own training part: regimes, ages and the draw of rows know nothing of the assets left out.
            var evidence = Trainer.Replay(request.Profile, request.Fleet, training, null, request.Seed, null, cancellation);
            var fitted = Trainer.Fit(evidence, pooled, request.Seed, null, cancellation);
            models.Add($"fold {f + 1}: {fitted.Summary}");
            replayed.Add(Replay(fitted.Scoring, [.. assets.Where(a => fold[a.Asset] == f)], long.MinValue, request.Fleet, null, cancellation));
            model = evidence.Model;
        }
        // Of a composite with members in several folds there is no model that has not seen some of them.
        foreach (var root in cut)
        {
            var unanswered = new FleetReplay(model!, null, request.Fleet, cancellation).WithComposites([.. assets.Where(a => root.Assets.Contains(a.Asset))], [root], long.MinValue, null);
            replayed.Composites.AddRange(unanswered.Composites);
            replayed.Combined.AddRange(unanswered.Combined);
        }
        progress?.Report(new TrainingProgress($"{request.Profile.Name}: folds", 1));
        var byAsset = replayed.Assets.ToDictionary(p => p.Rows.Asset);
        return (replayed with { Assets = [.. assets.Select(a => byAsset[a.Asset])] }, request.Fleet,
            $"{count} folds by {(request.Profile.Composite ? "composite" : "asset")}");
    }

    /// <summary>The fold of each asset, the composites that are cut by folds, and how many folds there are.</summary>
    private static (IReadOnlyDictionary<string, int> Fold, List<CompositeRoot> Cut, int Count) Deal(BacktestRequest request, int folds)
    {
        string[] assets = [.. request.Fleet.History.Assets.Select(a => a.Asset)];
        if (!request.Profile.Composite)
            return (FoldsByAsset.Assign(assets, request.Fleet.Incidents, Math.Min(folds, assets.Length), request.Seed), [], Math.Min(folds, assets.Length));
        var groups = new CompositeGroups(assets);
        var roots = CompositeRoot.Of(assets);
        var groupOf = assets.ToDictionary(a => a, a => groups.Of(a, isAsset: true)!);
        var ofComposite = roots.SelectMany(r => r.Composites).Where(c => groups.Of(c.Path, isAsset: false) is not null).ToDictionary(c => c.Path, c => groups.Of(c.Path, isAsset: false)!);
        var count = Math.Min(folds, groupOf.Values.Distinct().Count());
        var cut = roots.Select(r => r with { Composites = [.. r.Composites.Where(c => !ofComposite.ContainsKey(c.Path))] }).Where(r => r.Composites.Count > 0).ToList();
        return (FoldsByAsset.Assign(groupOf, ofComposite, request.Fleet.Incidents, count, request.Seed), cut, count);
    }

    private static ReplayedFleet Replay(
        ScoringModel model, IReadOnlyList<AssetRows> assets, long from, FleetRecord fleet, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var replay = new FleetReplay(model.Evidence, model, fleet, cancellation);
        void Done(double share) => progress?.Report(new TrainingProgress($"{model.Evidence.Profile.Name}: replay", share));
        if (!model.Evidence.Profile.Composite) return new ReplayedFleet(replay.Assets(assets, from, Done), [], []);
        var here = assets.Select(a => a.Asset).ToHashSet();
        var roots = CompositeRoot.Of(fleet.History.Assets.Select(a => a.Asset)).Select(r => r.Within(here)).Where(r => r.Composites.Count > 0).ToList();
        return replay.WithComposites(assets, roots, from, Done);
    }

    private static CompositeReport OfComposites(BacktestRequest request, ReplayedFleet replay, FleetRecord replayed)
    {
        var paths = replay.Composites.Select(c => c.Rows.Asset).ToHashSet();
        var (incidents, maintenance) = (replayed.Incidents.ToLookup(i => i.Asset), replayed.Maintenance.ToLookup(m => m.Asset));
        var timelines = paths.ToDictionary(p => p, p => new Timeline(incidents[p], maintenance[p]));
        var combined = FailureEvaluation.Score(request.Profile, replay.Combined, timelines, request.Seed);
        return new CompositeReport
        {
            Count = paths.Count,
            IncidentCount = replayed.Incidents.Count(i => !(i.Start < request.TrainUntil) && paths.Contains(i.Asset)),
            RowCount = replay.Composites.Sum(c => (long)c.Count),
            Horizons = FailureEvaluation.Score(request.Profile, replay.Composites, timelines, request.Seed),
            Combined = [.. combined.Select(c => new CombinedScore(c.Horizon, c.Count, c.Brier, c.BrierSkill))],
        };
    }

    /// <summary>The fleet with the maintenance of composites told of their members.</summary>
    private static FleetRecord WithMembers(FleetRecord fleet)
    {
        string[] assets = [.. fleet.History.Assets.Select(a => a.Asset)];
        return fleet with { Maintenance = Composite.WithMembers(fleet.Maintenance, [.. assets, .. Composite.Of(assets).Select(c => c.Path)]) };
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
