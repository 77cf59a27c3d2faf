using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// One asset's predictions: its rows in order through <see cref="AssetReplay"/>, and with a model the state and the probability after each.
/// </summary>
public sealed class AssetScorer
{
    /// <summary>An asset is out of distribution when less than this share of the metrics seen in training is there.</summary>
    private const double LeastMetricShare = 0.5;

    private readonly ScoringModel? _model;
    private readonly AssetReplay _replay;
    private readonly AssetRows _rows;
    private readonly FailureRuleState[] _rules;
    private readonly int[] _columns;
    private readonly double[] _raw;
    private readonly bool[] _metricSeen;
    private readonly float[] _evidence;
    private readonly double[] _probability;

    /// <param name="model">Null when nothing was trained yet: the state is then no_model.</param>
    public AssetScorer(EvidenceModel evidence, ScoringModel? model, AssetRows rows)
    {
        _model = model;
        _rows = rows;
        _replay = new AssetReplay(evidence, rows);
        var profile = evidence.Profile;
        _rules = [.. profile.FailureRules.Select(r => new FailureRuleState(r, profile.MetricIndex(r.Metric)))];
        var columnOf = Enumerable.Range(0, rows.Metrics.Count).ToDictionary(i => rows.Metrics[i], i => i);
        _columns = [.. profile.Metrics.Select(m => columnOf.GetValueOrDefault(m.Name, -1))];
        _raw = new double[_columns.Length];
        _metricSeen = new bool[_columns.Length];
        _evidence = new float[evidence.Layout.Width];
        _probability = new double[profile.Horizons.Length];
    }

    public string Asset => _rows.Asset;

    /// <summary>UTC ticks of the next row; <see cref="long.MaxValue"/> at the end.</summary>
    public long NextTicks => _replay.NextTicks;

    public PredictionState State { get; private set; } = PredictionState.NoModel;

    public PredictionBasis Basis { get; private set; } = PredictionBasis.Prior;

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public ReadOnlySpan<double> Probability => _probability;

    /// <summary>Evidence of the last normal row.</summary>
    public ReadOnlySpan<float> Evidence => _evidence;

    /// <summary>Takes the next row.</summary>
    public void Advance(AssetCondition condition)
    {
        var row = _replay.NextRow;
        var values = _rows.Row(row);
        for (var m = 0; m < _columns.Length; m++)
        {
            _raw[m] = _columns[m] < 0 ? double.NaN : values[_columns[m]];
            _metricSeen[m] |= double.IsFinite(_raw[m]);
        }
        var failed = false;
        foreach (var rule in _rules)
        {
            rule.Observe(_rows.Ticks[row], _raw);
            failed |= rule.Fired is not null;
        }
        if (condition == AssetCondition.Normal && failed) condition = AssetCondition.Incident;
        _replay.Advance(condition, _evidence);
        State = condition switch
        {
            AssetCondition.Maintenance => PredictionState.Maintenance,
            AssetCondition.Incident => PredictionState.InIncident,
            _ when _model is null => PredictionState.NoModel,
            _ when _replay.Monitor.IsStale => PredictionState.Stale,
            _ when IsForeign() => PredictionState.OutOfDistribution,
            _ => PredictionState.Ready,
        };
        if (State != PredictionState.Ready)
        {
            Array.Fill(_probability, double.NaN);
            return;
        }
        // Until its own evidence has warmed up, an asset has the fleet's prior.
        if (_replay.Monitor.IsWarmingUp)
        {
            Basis = PredictionBasis.Prior;
            _model!.Hazard.PredictBase(_probability);
            return;
        }
        Basis = _model!.Hazard.Basis;
        _model.Hazard.Predict(_evidence, _probability);
    }

    /// <summary>Why the last probability is what it is: the groups that raise it, largest share first.</summary>
    public IReadOnlyList<Driver> Explain() =>
        _model is null || State != PredictionState.Ready || Basis == PredictionBasis.Prior
            ? []
            : DriverExplanation.Of(_model, _replay.Monitor, _evidence);

    private bool IsForeign()
    {
        int expected = 0, present = 0;
        for (var m = 0; m < _metricSeen.Length; m++)
        {
            if (!_model!.Reference.MetricsSeen[m]) continue;
            expected++;
            if (_metricSeen[m]) present++;
        }
        return expected > 0 && present < LeastMetricShare * expected && !_replay.Monitor.IsWarmingUp;
    }
}
