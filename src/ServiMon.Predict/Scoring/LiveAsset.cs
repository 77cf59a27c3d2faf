using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// One asset scored live: samples in any order within the lateness bound, and after each step that closes the state and the probability. The
/// same samples as rows through <see cref="AssetScorer"/>, one row a step, give the same bits.
/// </summary>
/// <remarks>Not safe for use by several threads at once.</remarks>
public sealed class LiveAsset
{
    /// <summary>Version of the saved state: docs/formats/scoring-state.md.</summary>
    public const byte StateVersion = 3;

    private readonly FrameAssembler _assembler;
    private readonly AssetMonitor _monitor;
    private readonly Judgement _judgement;
    private readonly double[] _values;
    private ScoringModel? _model;
    private bool _away;

    /// <param name="model">Null when nothing was trained yet: the state is then no_model. Its evidence has the same digest.</param>
    public LiveAsset(string asset, EvidenceModel evidence, ScoringModel? model)
    {
        Asset = asset;
        _assembler = new FrameAssembler(evidence.Profile);
        _monitor = new AssetMonitor(evidence);
        _judgement = new Judgement(evidence);
        _values = new double[evidence.Profile.Metrics.Length];
        UseModel(model);
    }

    public string Asset { get; }

    public EvidenceModel EvidenceModel => _monitor.Model;

    /// <summary>Steps closed so far, those passed over included.</summary>
    public long FrameCount { get; private set; }

    /// <summary>UTC ticks of the newest sample in the last step that closed; <see cref="long.MinValue"/> before the first.</summary>
    public long Ticks { get; private set; } = long.MinValue;

    /// <summary>UTC ticks of the newest sample, in a closed step or not; <see cref="long.MinValue"/> before the first.</summary>
    public long NewestTicks => _assembler.NewestTicks;

    public PredictionState State => _judgement.State;

    public PredictionBasis Basis => _judgement.Basis;

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public ReadOnlySpan<double> Probability => _judgement.Probability;

    /// <summary>Evidence of the last step that was not passed over.</summary>
    public ReadOnlySpan<float> Evidence => _judgement.Evidence;

    /// <inheritdoc cref="FailureWatch.Failure"/>
    public (string Kind, long Start)? Failure => _judgement.Failure;

    /// <inheritdoc cref="FailureWatch.Ended"/>
    public (string Kind, long Start, long End)? EndedFailure => _judgement.EndedFailure;

    /// <inheritdoc cref="FrameAssembler.OpenUntil"/>
    public long? OpenUntil => _assembler.OpenUntil;

    /// <summary>Raw values of the last step that closed, in the order of the profile's metrics: the row that history keeps.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>Samples with this outcome so far.</summary>
    public long Count(SampleOutcome outcome) => _assembler.Count(outcome);

    /// <summary>True when <see cref="TryAdvance"/> would close a step.</summary>
    public bool HasClosedStep => _assembler.HasClosedStep;

    /// <inheritdoc cref="FrameAssembler.HasPassed"/>
    public bool HasPassed(long ticks) => _assembler.HasPassed(ticks);

    /// <summary>What the last step says of the asset as a member of a composite.</summary>
    public Evidence.MemberState Membership => _judgement.Membership;

    /// <summary>Answers from another model from the next step on.</summary>
    /// <exception cref="ArgumentException">When its evidence is made otherwise: the state would mean nothing to it.</exception>
    public void UseModel(ScoringModel? model)
    {
        if (model is not null && model.Evidence.Digest != EvidenceModel.Digest)
            throw new ArgumentException($"the model's evidence is {model.Evidence.Digest[..12]}, the asset's {EvidenceModel.Digest[..12]}", nameof(model));
        _model = model;
    }

    /// <summary>Takes one sample. <paramref name="metric"/> is its index in the profile.</summary>
    public SampleOutcome Offer(int metric, long ticks, double value) => _assembler.Offer(metric, ticks, value);

    /// <summary>Closes the next step that the watermark has passed, and predicts from it.</summary>
    /// <param name="timeline">Incidents and maintenance known of the asset, or null.</param>
    /// <param name="all">True to close every step that holds samples: the stream has ended.</param>
    /// <param name="recent">What takes values of steps that were not passed over, or null.</param>
    /// <returns>False when there is no such step.</returns>
    public bool TryAdvance(Timeline? timeline, bool all = false, RecentDistributions? recent = null)
    {
        if (!_assembler.TryTake(all, out var frame)) return false;
        Advance(frame, timeline, recent);
        return true;
    }

    /// <inheritdoc cref="FrameAssembler.CloseUntil"/>
    public void CloseUntil(long ticks) => _assembler.CloseUntil(ticks);

    /// <summary>
    /// An asset that has already seen the last part of its history: what it would know by now. It goes on with the samples that come after that.
    /// </summary>
    /// <param name="history">Raw rows in order of time, in one or several pieces.</param>
    /// <param name="before">The asset as it was scored until now, or null: where its steps are made alike, its open ones go on.</param>
    public static LiveAsset FromHistory(
        string asset, EvidenceModel evidence, ScoringModel? model, IEnumerable<AssetRows> history, Timeline? timeline, LiveAsset? before)
    {
        var live = new LiveAsset(asset, evidence, model);
        var profile = evidence.Profile;
        AssetGrid? grid = before is not null && before.EvidenceModel.Profile.Step == profile.Step ? before._assembler.Grid : null;
        var raw = new double[profile.Metrics.Length];
        var last = long.MinValue;
        foreach (var rows in history)
        {
            int[] columns = [.. profile.Metrics.Select(m => rows.Metrics.ToList().IndexOf(m.Name))];
            for (var row = 0; row < rows.Count; row++)
            {
                var placed = grid ??= new AssetGrid(rows.Ticks[row], profile.Step.Ticks);
                var step = placed.StepOf(rows.Ticks[row]);
                if (step <= last) continue;
                last = step;
                for (var m = 0; m < columns.Length; m++) raw[m] = columns[m] < 0 ? double.NaN : rows.Row(row)[columns[m]];
                live.Advance(new Frame(step, rows.Ticks[row], raw), timeline);
            }
        }
        if (before is not null && HasSameSteps(before.EvidenceModel.Profile, profile))
        {
            var writer = new StateWriter();
            before._assembler.Save(writer);
            var reader = new StateReader(writer.Written.Span);
            live._assembler.Load(ref reader);
        }
        else if (grid is { } used && live.FrameCount > 0) live._assembler.StartAfter(used, live.Ticks);
        return live;
    }

    private static bool HasSameSteps(Profiles.Profile a, Profiles.Profile b) => a.Step == b.Step && a.Lateness == b.Lateness
        && a.Metrics.Select(m => (m.Name, m.Aggregation)).SequenceEqual(b.Metrics.Select(m => (m.Name, m.Aggregation)));

    private void Advance(in Frame frame, Timeline? timeline, RecentDistributions? recent = null)
    {
        frame.Values.CopyTo(_values);
        Ticks = frame.Ticks;
        FrameCount++;
        var condition = timeline is null ? AssetCondition.Normal
            : timeline.InMaintenance(frame.Ticks) ? AssetCondition.Maintenance
            : timeline.InIncident(frame.Ticks) ? AssetCondition.Incident
            : AssetCondition.Normal;
        condition = _judgement.Observe(frame.Ticks, frame.Values, condition);
        if (condition == AssetCondition.Normal)
        {
            if (_away) _monitor.Reset();
            var values = recent is null ? [] : recent.Wanted(frame.Ticks);
            _monitor.Advance(frame, _judgement.Evidence, values);
            if (!values.IsEmpty) recent!.Take();
        }
        _away = condition != AssetCondition.Normal;
        _judgement.Decide(_model, condition, _monitor);
    }

    /// <summary>Why the last probability is what it is: the groups that raise it, largest share first.</summary>
    public IReadOnlyList<Driver> Explain() => _judgement.Explain(_model, _monitor);

    /// <summary>The words for what of this asset moved its composite; null without a model.</summary>
    public Driver? Word(CompositeReason reason) => _judgement.Word(_model, _monitor, reason);

    /// <summary>Writes the whole state; loading it gives an asset that goes on with the same bits.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(StateVersion);
        writer.Text(EvidenceModel.Digest);
        writer.Long(FrameCount);
        writer.Long(Ticks);
        writer.Byte(_away ? (byte)1 : (byte)0);
        writer.Doubles(_values);
        _assembler.Save(writer);
        _monitor.Save(writer);
        _judgement.Save(writer);
    }

    /// <summary>The asset whose state was saved, or null when it was saved under another version or with evidence made otherwise.</summary>
    /// <exception cref="InvalidDataException">When the bytes are damaged.</exception>
    public static LiveAsset? Load(string asset, EvidenceModel evidence, ScoringModel? model, ReadOnlySpan<byte> state)
    {
        var reader = new StateReader(state);
        if (reader.Byte() != StateVersion || reader.Text() != evidence.Digest) return null;
        var live = new LiveAsset(asset, evidence, model)
        {
            FrameCount = reader.Long(),
            Ticks = reader.Long(),
            _away = reader.Byte() != 0,
        };
        reader.Doubles(live._values);
        live._assembler.Load(ref reader);
        live._monitor.Load(ref reader);
        live._judgement.Load(ref reader);
        return reader.AtEnd ? live : throw new InvalidDataException("the state goes on after its end");
    }
}
