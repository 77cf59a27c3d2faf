using Microsoft.ML;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>Every candidate with its out-of-fold loss, simplest first.</summary>
internal sealed record SearchResult(CrossCalibration Calibration, double[][] Base, LossSummary BaseLoss, IReadOnlyList<Scored> Best);

/// <summary>Fits what can work on this fleet, out of fold, and keeps the best strength of each kind.</summary>
internal sealed class CandidateSearch(HazardTrainingRequest request, ScoreInputs inputs, FleetBaseRate fleet, FoldPlan plan, MLContext ml, Booster booster)
{
    // A tree of 6 leaves with 20 rows each splits nothing worth having below this.
    private const int MinimumTreeRows = 200;

    public SearchResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var evaluated = fleet.Buckets.Select(b => b.Where(r => plan.Fold[r] >= 0)).ToArray();
        var calibration = new CrossCalibration(inputs.Rows, plan, evaluated);
        var rates = calibration.Base();
        var scores = new OutOfFoldScores(inputs, plan, fleet.Buckets, ml, booster, request.Seed);
        var kinds = Kinds().ToArray();
        var (done, all) = (0, kinds.Length * fleet.Buckets.Length * plan.Count);
        void Step()
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new TrainingProgress("cross-validation", (double)++done / all));
        }

        Scored Loss(Candidate candidate) => new(candidate, calibration.Loss(calibration.Platt(candidate.Scores)));
        var best = new List<Scored>();
        foreach (var kind in kinds)
        {
            cancellation.ThrowIfCancellationRequested();
            var strengths = scores.Run(kind, Strengths(kind), Step).Select(Loss).ToArray();
            best.Add(kind < ScoreKind.LinearAll ? ModelSelection.SteadyStrength(strengths, request.Options.PreferredRidge) : ModelSelection.BestStrength(strengths));
        }
        if (BestOf(best, linear: true) is { } line && BestOf(best, linear: false) is { } trees)
            best.Add(Loss(Candidate.Mean(line.Candidate, trees.Candidate)));
        return new SearchResult(calibration, rates, calibration.Loss(rates), best);
    }

    private static Scored? BestOf(IEnumerable<Scored> all, bool linear)
    {
        var some = all.Where(s => (s.Candidate.Parts[0].Kind < ScoreKind.TreesUniversal) == linear).ToArray();
        return some.Length == 0 ? null : ModelSelection.BestStrength(some);
    }

    private double[] Strengths(ScoreKind kind) => kind switch
    {
        ScoreKind.LinearMechanism or ScoreKind.LinearUniversal or ScoreKind.LinearOwn => [.. request.Options.Ridges],
        ScoreKind.LinearAll => [.. request.Options.WideRidges],
        _ => TreePlan.Counts(fleet.IncidentCount + fleet.PooledIncidentCount),
    };

    /// <summary>What can work: columns to read, incidents to learn from and, for own rows only, own incidents to test on.</summary>
    private IEnumerable<ScoreKind> Kinds()
    {
        var rows = inputs.Rows;
        var pooled = rows.Count > rows.OwnCount;
        var ownEnough = fleet.IncidentCount >= request.Options.MinimumIncidents && !EvaluatedOnPooled;
        var incidents = fleet.IncidentCount + fleet.PooledIncidentCount;
        var more = request.Own.Width > rows.UniversalWidth;
        var wide = ownEnough && fleet.IncidentCount >= request.Options.MinimumWideIncidents;
        var trees = request.Options.MinimumTreeIncidents;
        if (request.Layout.MechanismCount > 0) yield return ScoreKind.LinearMechanism;
        if (request.Layout.MechanismCount > 0 && pooled && ownEnough) yield return ScoreKind.LinearOwn;
        if (rows.UniversalWidth > request.Layout.MechanismCount) yield return ScoreKind.LinearUniversal;
        if (more && wide && (double)rows.OwnCount * request.Own.Width * request.Own.Width <= request.Options.WideWork) yield return ScoreKind.LinearAll;
        if (rows.UniversalWidth > 0 && incidents >= trees && rows.Count >= MinimumTreeRows) yield return ScoreKind.TreesUniversal;
        if (more && wide && fleet.IncidentCount >= trees && rows.OwnCount >= MinimumTreeRows) yield return ScoreKind.TreesAll;
    }

    private bool EvaluatedOnPooled => inputs.Rows.Count > inputs.Rows.OwnCount && plan.Fold[inputs.Rows.OwnCount] >= 0;
}
