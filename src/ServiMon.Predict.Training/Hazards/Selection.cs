using System.Collections.Immutable;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>What one bucket does with the chosen candidate.</summary>
/// <param name="Learned">False when its out-of-fold loss was not below the base rate's.</param>
internal sealed record BucketChoice(bool Learned, ICalibration Calibration, double LearnedWeight);

/// <summary>The decisions that out-of-fold losses lead to.</summary>
internal sealed class Selection
{
    // Incidents that the base rate counts for when a learned hazard is mixed with it; 0 for no mixing.
    private static readonly double[] ShrinkageGrid = [0, 5, 20];

    private readonly FleetBaseRate _fleet;
    private readonly FoldPlan _plan;
    private readonly SearchResult _found;
    private readonly double[][] _probability;
    private readonly LossSummary? _moved;

    public Selection(FleetBaseRate fleet, FoldPlan plan, SearchResult found)
    {
        (_fleet, _plan, _found) = (fleet, plan, found);
        var rates = found.Base;
        if (fleet.Anomaly is { } anomaly && fleet.Request.AnomalyColumn is int column && column < fleet.Rows.UniversalWidth)
        {
            var (width, values) = (fleet.Rows.UniversalWidth, fleet.Rows.Universal);
            rates = found.Calibration.Moved(found.Base, r => anomaly.Ratio(values.AsSpan(r * width, width)));
            _moved = found.Calibration.Loss(rates);
            AnomalyHelps = _moved.Total < found.BaseLoss.Total;
        }
        var fallback = AnomalyHelps ? rates : found.Base;
        if (found.Best.Count == 0)
        {
            (Candidate, Buckets, _probability) = (new Candidate([], []), [], fallback);
            return;
        }
        var chosen = ModelSelection.Choose(found.Best);
        Candidate = chosen.Candidate;
        (Buckets, _probability) = Shrink(chosen, fallback);
        var loss = found.Calibration.Loss(_probability).Total;
        // Before shrinkage too: among several strengths of shrinkage one always looks a little better than the base rate by chance.
        // By a standard error, since of several candidates one is always a little better by chance; a few own incidents cannot show that much,
        // so where other fleets have more, that failures announce themselves is believed until the own ones speak against it.
        var needed = fleet.PooledIncidentCount > fleet.IncidentCount ? 0 : chosen.Loss.StandardError(found.BaseLoss);
        Learned = Buckets.Any(b => b.Learned) && found.BaseLoss.Total - chosen.Loss.Total > needed
            && loss < found.BaseLoss.Total && loss <= found.Calibration.Loss(fallback).Total;
        if (Learned) return;
        Notes.Clear();
        Notes.Add("no candidate was better out of fold than "
            + (AnomalyHelps ? "the base rate moved by unusual evidence, which is used" : "the base rate, which is used"));
        _probability = fallback;
    }

    /// <summary>The chosen candidate; without parts when none could be fitted.</summary>
    public Candidate Candidate { get; }

    public ImmutableArray<BucketChoice> Buckets { get; }

    /// <summary>False when the model stays without anything learned.</summary>
    public bool Learned { get; }

    /// <summary>True when the anomaly level moves the base rate the right way.</summary>
    public bool AnomalyHelps { get; }

    public List<string> Notes { get; } = [];

    /// <summary>True when the folds hold other fleets' rows too, as the own incidents are too few.</summary>
    public bool EvaluatedOnPooled =>
        Enumerable.Range(_fleet.Rows.OwnCount, _fleet.Rows.Count - _fleet.Rows.OwnCount).Any(r => _plan.Fold[r] >= 0);

    public TrainedHazard Unlearned()
    {
        var model = _fleet.Model([.. _fleet.Seconds.Select((_, j) => _fleet.Bucket(j, AnomalyHelps))]);
        return new TrainedHazard(model, [], Report(model.Basis));
    }

    public CrossValidationReport Report(PredictionBasis basis)
    {
        var baseLoss = _found.BaseLoss;
        CandidateScore Line(string name, LossSummary loss) => new(name, loss.Total, loss.StandardError(baseLoss), 1 - loss.Total / baseLoss.Total);
        var lines = new List<CandidateScore> { Line("base rate", baseLoss) };
        if (_moved is not null) lines.Add(Line("base rate moved by unusual evidence", _moved));
        lines.AddRange(_found.Best.Select(s => Line(s.Candidate.Name, s.Loss)));
        var chosen = basis switch
        {
            PredictionBasis.Learned => Candidate.Name,
            PredictionBasis.Evidence => "base rate moved by unusual evidence",
            _ => "base rate",
        };
        return _fleet.Report([.. lines], chosen, basis, Horizons(), _plan, EvaluatedOnPooled, [.. Notes]);
    }

    private (ImmutableArray<BucketChoice>, double[][]) Shrink(Scored chosen, double[][] fallback)
    {
        var calibration = _found.Calibration;
        var learned = calibration.Platt(chosen.Candidate.Scores);
        var isotonic = calibration.Buckets.Any(b => b.Incidents(_fleet.Rows) >= _fleet.Request.Options.MinimumIsotonicIncidents)
            ? calibration.Isotonic(chosen.Candidate.Scores)
            : null;
        var isotonicLoss = isotonic is null ? null : calibration.Loss(isotonic);
        var choices = ImmutableArray.CreateBuilder<BucketChoice>();
        for (var j = 0; j < learned.Length; j++)
        {
            var incidents = calibration.Buckets[j].Incidents(_fleet.Rows);
            var broken = isotonicLoss is not null && incidents >= _fleet.Request.Options.MinimumIsotonicIncidents
                && isotonicLoss.Bucket[j] < chosen.Loss.Bucket[j];
            var source = broken ? isotonic![j] : learned[j];
            var (bestLoss, bestWeight) = (double.PositiveInfinity, 1.0);
            foreach (var k in ShrinkageGrid)
            {
                var weight = incidents / (incidents + k);
                learned[j] = Mix(source, _found.Base[j], weight);
                var loss = calibration.Loss(learned).Bucket[j];
                if (loss < bestLoss) (bestLoss, bestWeight) = (loss, weight);
            }
            var better = incidents > 0 && bestLoss < _found.BaseLoss.Bucket[j];
            learned[j] = better ? Mix(source, _found.Base[j], bestWeight) : fallback[j];
            choices.Add(new BucketChoice(better, calibration.Final(j, chosen.Candidate.Scores[j], broken), bestWeight));
            if (!better) Notes.Add(FormattableString.Invariant($"bucket {j + 1} is not better out of fold than the base rate and uses that"));
            else if (bestWeight < 1) Notes.Add(FormattableString.Invariant($"bucket {j + 1} is mixed with the base rate, weight {bestWeight:F2}"));
            if (better && broken) Notes.Add(FormattableString.Invariant($"bucket {j + 1} is calibrated isotonically"));
        }
        return (choices.ToImmutable(), learned);
    }

    private static double[] Mix(double[] learned, double[] rate, double weight) =>
        [.. learned.Zip(rate, (p, b) => weight * p + (1 - weight) * b)];

    /// <summary>Out-of-fold probabilities of failing within each horizon, against what followed.</summary>
    private ImmutableArray<HorizonMetrics> Horizons()
    {
        var rows = _fleet.Rows;
        var survival = Enumerable.Repeat(1.0, rows.Count).ToArray();
        var result = ImmutableArray.CreateBuilder<HorizonMetrics>();
        for (var j = 0; j < _fleet.Seconds.Length; j++)
        {
            for (var r = 0; r < rows.Count; r++) survival[r] *= 1 - _probability[j][r];
            var seen = BucketRows.Select(rows, 0, _fleet.Seconds[j], r => _plan.Fold[r] >= 0);
            result.Add(HazardMetrics.Measure(
                _fleet.Seconds[j], [.. seen.Rows.Select(r => 1 - survival[r])], seen.Label, seen.Weights(rows), seen.Incidents(rows)));
        }
        return result.ToImmutable();
    }
}
