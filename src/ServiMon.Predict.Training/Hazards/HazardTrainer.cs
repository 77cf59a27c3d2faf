using System.Collections.Immutable;
using Microsoft.ML;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Fits one hazard a bucket. What is used (which columns, which trainer, how strong a penalty, how much shrinkage) is chosen by
/// cross-validation over whole assets; where that shows no skill over the base rate, the base rate is the model, and says so.
/// </summary>
public static class HazardTrainer
{
    /// <summary>Fits hazards. The same request gives the same bits on the same machine and build.</summary>
    /// <exception cref="ArgumentException">When the parts of the request do not fit together.</exception>
    /// <exception cref="OperationCanceledException">When cancelled.</exception>
    public static TrainedHazard Fit(
        HazardTrainingRequest request, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        request.Check();
        var rows = HazardRows.From(request.Own, request.Pooled, request.Layout.UniversalCount);
        var fleet = new FleetBaseRate(request, rows);
        var plan = fleet.IncidentCount + fleet.PooledIncidentCount < request.Options.MinimumIncidents ? null : Folds(request, rows, fleet);
        if (plan is null) return fleet.Unlearned("too few incidents to learn from");
        var booster = BoosterChoice.Find(request.Options.Booster);
        var ml = new MLContext(request.Seed);
        var inputs = new ScoreInputs(rows, request.Own, request.Options, request.Layout.MechanismCount);
        var search = new CandidateSearch(request, inputs, fleet, plan, ml, booster.Booster);
        var found = search.Run(progress, cancellation);
        var selected = new Selection(fleet, plan, found);
        if (booster.Note is not null) selected.Notes.Insert(0, booster.Note);
        if (!selected.Learned) return selected.Unlearned();
        return Build(fleet, inputs, selected, new FinalFit(inputs, ml, booster.Booster, request.Seed), progress, cancellation);
    }

    /// <summary>Folds over the own assets; over all fleets' when the own incidents are too few, or all belong to one group.</summary>
    private static FoldPlan? Folds(HazardTrainingRequest request, HazardRows rows, FleetBaseRate fleet)
    {
        var options = request.Options;
        var own = fleet.IncidentCount >= options.MinimumIncidents
            ? FoldPlan.Make(rows, r => r < rows.OwnCount, options.FoldCount, request.Seed)
            : null;
        return own ?? (fleet.PooledIncidentCount > 0 ? FoldPlan.Make(rows, _ => true, options.FoldCount, request.Seed) : null);
    }

    private static TrainedHazard Build(
        FleetBaseRate fleet, ScoreInputs inputs, Selection selected, FinalFit fit, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var models = ImmutableArray.CreateBuilder<MlNetModel>();
        var buckets = ImmutableArray.CreateBuilder<BucketHazard>();
        for (var j = 0; j < fleet.Buckets.Length; j++)
        {
            progress?.Report(new TrainingProgress("final fit", (double)j / fleet.Buckets.Length));
            var choice = selected.Buckets[j];
            var components = new List<(IRiskScore Score, MlNetModel Model)>();
            foreach (var part in choice.Learned ? selected.Candidate.Parts : [])
            {
                cancellation.ThrowIfCancellationRequested();
                if (fit.Fit(part, fleet.Buckets[j], $"bucket-{j + 1}") is { } fitted) components.Add(fitted);
            }
            var learned = choice.Learned && components.Count == selected.Candidate.Parts.Length;
            if (learned) models.AddRange(components.Select(c => c.Model));
            buckets.Add(!learned ? fleet.Bucket(j, selected.AnomalyHelps) : fleet.Bucket(j, false) with
            {
                Components = [.. components.Select(c => c.Score)],
                Calibration = selected.EvaluatedOnPooled && choice.Calibration is PlattCalibration platt
                    ? platt with { Offset = platt.Offset + fleet.ShiftFromPooled(j) }
                    : choice.Calibration,
                LearnedWeight = choice.LearnedWeight,
            });
        }
        progress?.Report(new TrainingProgress("final fit", 1));
        var model = fleet.Model(buckets.ToImmutable());
        return new TrainedHazard(model, models.ToImmutable(), selected.Report(model.Basis));
    }
}
