using System.Collections.Immutable;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>What is known of a fleet without learning: its buckets' rows, its base rate and its reference of anomaly levels.</summary>
internal sealed class FleetBaseRate
{
    private readonly ImmutableArray<string> _groups;
    private readonly ImmutableArray<int> _columnGroup;
    private readonly double[] _base;

    public FleetBaseRate(HazardTrainingRequest request, HazardRows rows)
    {
        (Request, Rows) = (request, rows);
        Seconds = [.. request.Horizons.Select(h => h.TotalSeconds)];
        Buckets = [.. Seconds.Select((to, j) => BucketRows.Select(rows, From(j), to, _ => true))];
        var prior = BaseRate.For(request.PriorFailuresPerYear, Seconds[^1]);
        _base = new double[Seconds.Length];
        for (var j = 0; j < Seconds.Length; j++)
        {
            var own = Buckets[j].Where(r => r < rows.OwnCount);
            var total = own.TotalWeight(rows);
            _base[j] = prior.Hazard(own.Incidents(rows), total * request.Step.TotalSeconds, own.PositiveWeight(rows), total, Seconds[j] - From(j));
        }
        IncidentCount = CountIncidents(r => r < rows.OwnCount);
        PooledIncidentCount = CountIncidents(r => r >= rows.OwnCount);
        _groups = [.. request.Layout.Columns.Select(c => c.Group).Distinct()];
        _columnGroup = [.. request.Layout.Columns.Select(c => _groups.IndexOf(c.Group))];
        if (request.AnomalyColumn is int column) Anomaly = AnomalyReference.Fit(request.Own, column, request.Options.AnomalyCap);
    }

    public HazardTrainingRequest Request { get; }

    public HazardRows Rows { get; }

    /// <summary>The horizons in seconds.</summary>
    public double[] Seconds { get; }

    /// <summary>Rows of each bucket, of all fleets.</summary>
    public BucketRows[] Buckets { get; }

    /// <summary>Own incidents that some row precedes within the longest horizon.</summary>
    public int IncidentCount { get; }

    public int PooledIncidentCount { get; }

    public AnomalyRatio? Anomaly { get; }

    private double From(int bucket) => bucket == 0 ? 0 : Seconds[bucket - 1];

    /// <summary>A bucket without anything learned.</summary>
    public BucketHazard Bucket(int bucket, bool withAnomaly) => new() { Base = _base[bucket], Anomaly = withAnomaly ? Anomaly : null };

    /// <summary>
    /// What the log-odds of a hazard calibrated on other fleets are moved by, since this fleet may fail more or less often: the logarithm of
    /// its incidents over those expected at the pooled rate, both with one more, as from a Gamma prior of shape 1 around that rate.
    /// </summary>
    public double ShiftFromPooled(int bucket)
    {
        var own = Buckets[bucket].Where(r => r < Rows.OwnCount);
        var pooled = Buckets[bucket].Where(r => r >= Rows.OwnCount);
        var rate = pooled.PositiveWeight(Rows) / pooled.TotalWeight(Rows);
        var expected = own.TotalWeight(Rows) * Request.Step.TotalSeconds * rate / (Seconds[bucket] - From(bucket));
        return double.IsFinite(expected) ? Math.Log((1 + own.Incidents(Rows)) / (1 + expected)) : 0;
    }

    public HazardModel Model(ImmutableArray<BucketHazard> buckets) => new(Request.Horizons, buckets, _groups, _columnGroup);

    /// <summary>The model where no cross-validation was possible: the base rate, moved by the anomaly level if there is one.</summary>
    public TrainedHazard Unlearned(string why)
    {
        var model = Model([.. Seconds.Select((_, j) => Bucket(j, withAnomaly: true))]);
        var used = model.Basis == PredictionBasis.Evidence ? "the base rate moved by unusual evidence" : "the base rate";
        var note = FormattableString.Invariant($"{why} ({IncidentCount} of its own, {PooledIncidentCount} pooled): {used} is used");
        return new TrainedHazard(model, [], Report([], used, model.Basis, [], null, false, [note]));
    }

    public CrossValidationReport Report(
        ImmutableArray<CandidateScore> candidates, string chosen, PredictionBasis basis, ImmutableArray<HorizonMetrics> horizons,
        FoldPlan? plan, bool onPooled, ImmutableArray<string> notes) => new()
    {
        FoldCount = plan?.Count ?? 0,
        EvaluatedOnPooled = onPooled,
        OwnRowCount = Rows.OwnCount,
        OwnIncidentCount = IncidentCount,
        PooledRowCount = Rows.Count - Rows.OwnCount,
        PooledIncidentCount = PooledIncidentCount,
        Candidates = candidates,
        Chosen = chosen,
        Basis = basis,
        Horizons = horizons,
        Notes = notes,
    };

    private int CountIncidents(Func<int, bool> wanted)
    {
        var seen = new HashSet<int>();
        foreach (var bucket in Buckets)
            for (var i = 0; i < bucket.Rows.Length; i++)
                if (bucket.Label[i] && wanted(bucket.Rows[i])) seen.Add(Rows.Incident[bucket.Rows[i]]);
        return seen.Count;
    }
}
