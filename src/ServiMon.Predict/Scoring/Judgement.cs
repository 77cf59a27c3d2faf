using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// What is said of one asset after each of its rows or frames: state, basis and probabilities. The one place of that decision, for replayed
/// rows and for live frames.
/// </summary>
internal sealed class Judgement
{
    /// <summary>An asset is out of distribution when less than this share of the metrics seen in training is there.</summary>
    private const double LeastMetricShare = 0.5;

    private readonly FailureWatch _watch;
    private readonly bool[] _metricSeen;
    private readonly float[] _evidence;
    private readonly double[] _probability;

    public Judgement(EvidenceModel model)
    {
        var profile = model.Profile;
        _watch = new FailureWatch(profile);
        _metricSeen = new bool[profile.Metrics.Length];
        _evidence = new float[model.Layout.Width];
        _probability = new double[profile.Horizons.Length];
        Array.Fill(_probability, double.NaN);
    }

    public PredictionState State { get; private set; } = PredictionState.NoModel;

    public PredictionBasis Basis { get; private set; } = PredictionBasis.Prior;

    /// <summary>What the last row says of the asset as a member of a composite.</summary>
    public MemberState Membership { get; private set; } = MemberState.WarmingUp;

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public ReadOnlySpan<double> Probability => _probability;

    /// <summary>Evidence of the last normal row: to be filled before <see cref="Decide"/>.</summary>
    public Span<float> Evidence => _evidence;

    /// <summary>Takes a row's raw values, NaN for missing.</summary>
    /// <returns>The condition that the asset is in: an incident also when a failure rule says so.</returns>
    public AssetCondition Observe(long ticks, ReadOnlySpan<double> raw, AssetCondition condition)
    {
        for (var m = 0; m < _metricSeen.Length; m++) _metricSeen[m] |= double.IsFinite(raw[m]);
        return _watch.Observe(ticks, raw, condition);
    }

    /// <inheritdoc cref="FailureWatch.Failure"/>
    public (string Kind, long Start)? Failure => _watch.Failure;

    /// <inheritdoc cref="FailureWatch.Ended"/>
    public (string Kind, long Start, long End)? EndedFailure => _watch.Ended;

    public void Decide(ScoringModel? model, AssetCondition condition, AssetMonitor monitor)
    {
        Membership = condition switch
        {
            AssetCondition.Maintenance => MemberState.Maintenance,
            AssetCondition.Incident => MemberState.Incident,
            _ when monitor.IsStale => MemberState.Stale,
            _ when monitor.IsWarmingUp => MemberState.WarmingUp,
            _ => MemberState.Watched,
        };
        State = condition switch
        {
            AssetCondition.Maintenance => PredictionState.Maintenance,
            AssetCondition.Incident => PredictionState.InIncident,
            _ when model is null => PredictionState.NoModel,
            _ when monitor.IsStale => PredictionState.Stale,
            _ when IsForeign(model, monitor) => PredictionState.OutOfDistribution,
            _ => PredictionState.Ready,
        };
        if (State != PredictionState.Ready)
        {
            Array.Fill(_probability, double.NaN);
            return;
        }
        // Until its own evidence has warmed up, an asset has the fleet's prior.
        if (monitor.IsWarmingUp)
        {
            Basis = PredictionBasis.Prior;
            model!.Hazard.PredictBase(_probability);
            return;
        }
        Basis = model!.Hazard.Basis;
        model.Hazard.Predict(_evidence, _probability);
    }

    /// <summary>
    /// Why the last probability is what it is: the groups that raise it, largest share first. Until the asset has warmed up, what is unusual about it
    /// among the fleet, with shares of 0.
    /// </summary>
    public IReadOnlyList<Driver> Explain(ScoringModel? model, AssetMonitor monitor) =>
        model is null || State != PredictionState.Ready ? []
        : Basis != PredictionBasis.Prior ? DriverExplanation.Of(model, monitor, _evidence)
        : monitor.IsWarmingUp ? FleetReason.Of(model, monitor) : [];

    /// <summary>The words of a member for what moved its composite.</summary>
    public Driver? Word(ScoringModel? model, AssetMonitor monitor, CompositeReason reason)
    {
        if (model is null) return null;
        var words = new DriverReason(model.Evidence, model.Plan.BaselineColumns, monitor, _evidence);
        return reason.Topic is { } topic ? words.OfTopic(topic, reason.Group, reason.Share) : words.OfGroup(reason.Group, reason.Share);
    }

    public void Save(StateWriter writer)
    {
        writer.Byte((byte)State);
        writer.Byte((byte)Basis);
        _watch.Save(writer);
        foreach (var seen in _metricSeen) writer.Byte(seen ? (byte)1 : (byte)0);
        writer.Floats(_evidence);
        writer.Doubles(_probability);
    }

    public void Load(ref StateReader reader)
    {
        State = (PredictionState)reader.Byte();
        Basis = (PredictionBasis)reader.Byte();
        _watch.Load(ref reader);
        for (var m = 0; m < _metricSeen.Length; m++) _metricSeen[m] = reader.Byte() != 0;
        reader.Floats(_evidence);
        reader.Doubles(_probability);
    }

    private bool IsForeign(ScoringModel model, AssetMonitor monitor)
    {
        int expected = 0, present = 0;
        for (var m = 0; m < _metricSeen.Length; m++)
        {
            if (!model.Reference.MetricsSeen[m]) continue;
            expected++;
            if (_metricSeen[m]) present++;
        }
        return expected > 0 && present < LeastMetricShare * expected && !monitor.IsWarmingUp;
    }
}
