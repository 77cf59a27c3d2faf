using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Evaluation;
using ServiMon.Predict.Training.Reading;

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
        var pooled = request.Pool.Select(p => Trainer.Replay(p.Profile, p.Data, null, null, request.Seed, progress, cancellation).Table).ToList();
        var models = new List<string>();
        var (predictions, replayed, split) = request switch
        {
            { TrainUntil: { } until, Folds: null, Test: null } => Past(request, until, pooled, models, progress, cancellation),
            { TrainUntil: null, Folds: { } folds, Test: null } => Crossed(request, folds, pooled, models, progress, cancellation),
            { TrainUntil: null, Folds: null, Test: { } test } => Separate(request, test, pooled, models, progress, cancellation),
            _ => throw new ArgumentException("exactly one of TrainUntil, Folds and Test is set", nameof(request)),
        };
        var report = new FailureReport
        {
            Profile = request.Profile.Name,
            Split = split,
            AssetCount = predictions.Count,
            IncidentCount = replayed.Incidents.Count(i => !(i.Start < request.TrainUntil)),
            RowCount = predictions.Sum(p => (long)p.Count),
            Seed = request.Seed,
            Horizons = FailureEvaluation.Score(request.Profile, predictions, Timeline.ByAsset(replayed), request.Seed),
            Models = models,
        };
        return new BacktestResult(predictions, report);
    }

    private static (List<AssetPredictions>, FleetRecord, string) Past(
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
        var assets = alive.Where(a => a.Ticks[^1] >= until.UtcTicks).ToList();
        return (Replay(fitted.Scoring, assets, until.UtcTicks, request.Fleet, progress, cancellation), request.Fleet, $"fit before {Text(until)}, replay from then on");
    }

    private static (List<AssetPredictions>, FleetRecord, string) Separate(
        BacktestRequest request, FleetRecord test, IReadOnlyList<EvidenceTable> pooled, List<string> models,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var fitted = Trainer.Train(new TrainingRequest { Profile = request.Profile, Fleet = request.Fleet, Seed = request.Seed }, pooled, progress, cancellation);
        models.Add(fitted.Summary);
        return (Replay(fitted.Scoring, test.History.Assets, long.MinValue, test, progress, cancellation), test, "separate training and test files");
    }

    private static (List<AssetPredictions>, FleetRecord, string) Crossed(
        BacktestRequest request, int folds, IReadOnlyList<EvidenceTable> pooled, List<string> models,
        IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var assets = request.Fleet.History.Assets;
        if (folds < 2 || assets.Count < 2)
            throw new InputException("--folds", $"{folds} folds of {assets.Count} assets: allowed are 2 folds or more, of 2 assets or more");
        var fold = FoldsByAsset.Assign([.. assets.Select(a => a.Asset)], request.Fleet.Incidents, Math.Min(folds, assets.Count), request.Seed);
        var byAsset = new Dictionary<string, AssetPredictions>();
        var count = Math.Min(folds, assets.Count);
        for (var f = 0; f < count; f++)
        {
            progress?.Report(new TrainingProgress($"{request.Profile.Name}: folds", (double)f / count));
            var training = assets.Where(a => fold[a.Asset] != f).Select(a => a.Asset).ToHashSet();
            // Each fold replays its own training part: regimes, ages and the draw of rows know nothing of the assets left out.
            var evidence = Trainer.Replay(request.Profile, request.Fleet, training, null, request.Seed, null, cancellation);
            var fitted = Trainer.Fit(evidence.Model, evidence.Table, pooled, request.Seed, null, cancellation);
            models.Add($"fold {f + 1}: {fitted.Summary}");
            foreach (var p in Replay(fitted.Scoring, [.. assets.Where(a => fold[a.Asset] == f)], long.MinValue, request.Fleet, null, cancellation))
                byAsset[p.Rows.Asset] = p;
        }
        progress?.Report(new TrainingProgress($"{request.Profile.Name}: folds", 1));
        return ([.. assets.Select(a => byAsset[a.Asset])], request.Fleet, $"{count} folds by asset");
    }

    private static List<AssetPredictions> Replay(
        ScoringModel model, IReadOnlyList<AssetRows> assets, long from, FleetRecord fleet, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var maintenance = fleet.Maintenance.ToLookup(m => m.Asset);
        var predictions = new List<AssetPredictions>();
        var horizons = model.Hazard.Horizons.Length;
        foreach (var asset in assets)
        {
            cancellation.ThrowIfCancellationRequested();
            var planned = new Timeline([], maintenance[asset.Asset]);
            var first = RecordedFleet.CountBefore(asset, from);
            var probability = new double[(asset.Count - first) * horizons];
            var states = new PredictionState[asset.Count - first];
            var bases = new PredictionBasis[asset.Count - first];
            var scorer = new AssetScorer(model.Evidence, model, asset);
            for (var row = 0; row < asset.Count; row++)
            {
                scorer.Advance(planned.InMaintenance(asset.Ticks[row]) ? AssetCondition.Maintenance : AssetCondition.Normal);
                if (row < first) continue;
                states[row - first] = scorer.State;
                bases[row - first] = scorer.Basis;
                scorer.Probability.CopyTo(probability.AsSpan((row - first) * horizons));
            }
            predictions.Add(new AssetPredictions(asset, first, probability, states, bases));
            progress?.Report(new TrainingProgress($"{model.Evidence.Profile.Name}: replay", predictions.Count / (double)assets.Count));
        }
        return predictions;
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
}
