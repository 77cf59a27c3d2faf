using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// One asset's predictions: its rows in order through <see cref="AssetReplay"/>, and with a model the state and the probability after each.
/// </summary>
public sealed class AssetScorer
{
    private readonly ScoringModel? _model;
    private readonly AssetReplay _replay;
    private readonly Judgement _judgement;
    private readonly double[] _raw;

    /// <param name="model">Null when nothing was trained yet: the state is then no_model.</param>
    public AssetScorer(EvidenceModel evidence, ScoringModel? model, AssetRows rows)
        : this(evidence, model, rows.Asset, new AssetReplay(evidence, rows))
    {
    }

    /// <param name="model">Null when nothing was trained yet: the state is then no_model.</param>
    /// <param name="replay">What plays the asset's rows, which may come piece by piece.</param>
    public AssetScorer(EvidenceModel evidence, ScoringModel? model, string asset, AssetReplay replay)
    {
        _model = model;
        Asset = asset;
        _replay = replay;
        _judgement = new Judgement(evidence);
        _raw = new double[evidence.Profile.Metrics.Length];
    }

    public string Asset { get; }

    /// <summary>UTC ticks of the next row; <see cref="long.MaxValue"/> at the end.</summary>
    public long NextTicks => _replay.NextTicks;

    public PredictionState State => _judgement.State;

    public PredictionBasis Basis => _judgement.Basis;

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public ReadOnlySpan<double> Probability => _judgement.Probability;

    /// <summary>Evidence of the last normal row.</summary>
    public ReadOnlySpan<float> Evidence => _judgement.Evidence;

    /// <summary>What the last row says of the asset as a member of a composite.</summary>
    public MemberState Membership => _judgement.Membership;

    /// <summary>Takes the next row.</summary>
    public void Advance(AssetCondition condition)
    {
        _replay.CopyNext(_raw);
        condition = _judgement.Observe(_replay.NextTicks, _raw, condition);
        _replay.Advance(condition, _judgement.Evidence);
        _judgement.Decide(_model, condition, _replay.Monitor);
    }

    /// <summary>Why the last probability is what it is: the groups that raise it, largest share first.</summary>
    public IReadOnlyList<Driver> Explain() => _judgement.Explain(_model, _replay.Monitor);
}
