using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// One composite's predictions from the rows of its members: live scoring, training and backtests all use it. It has a grid of its own, anchored at the
/// earliest row of any member, and answers each step in which some member has a row from the newest row of every member up to then.
/// </summary>
/// <remarks>Not safe for use by several threads at once. Allocates nothing, once its members are known.</remarks>
public sealed class CompositeScorer
{
    private readonly EvidenceModel _model;
    private readonly List<CompositeMember> _members = []; // by name, so that sums are the same in whatever order members come
    private readonly MemberSummary _summary;
    private readonly float[] _row;
    private readonly float[] _evidence;
    private readonly double[] _probability;
    private ScoringModel? _scoring;
    private AssetGrid? _grid;
    private long _open = long.MinValue;
    private long _first = long.MinValue;
    private int _levels;

    /// <param name="members">How the members' evidence is made.</param>
    /// <param name="model">Null when nothing was trained yet: the state is then no_model.</param>
    public CompositeScorer(string path, EvidenceModel members, ScoringModel? model)
    {
        (Path, _model, _scoring) = (path, members, model);
        _summary = new MemberSummary(members.Composite.Sources.Length);
        _row = new float[members.Composite.Sources.Length];
        _evidence = new float[members.Composite.Layout.Width];
        _probability = new double[members.Profile.Horizons.Length];
        Array.Fill(_probability, double.NaN);
    }

    public string Path { get; }

    /// <summary>The grid, once it is anchored.</summary>
    public AssetGrid? Grid => _grid;

    /// <summary>True when some member has a row in a step that is not closed.</summary>
    public bool HasOpenStep => _open != long.MinValue;

    /// <summary>First tick after the open step.</summary>
    public long OpenEnd => _grid!.Value.EndOf(_open);

    /// <summary>UTC ticks of the newest row in the newest step, open or closed; <see cref="long.MinValue"/> before the first.</summary>
    public long Ticks { get; private set; } = long.MinValue;

    /// <summary>The newest step that is closed; <see cref="long.MinValue"/> before the first.</summary>
    public long ClosedThrough { get; private set; } = long.MinValue;

    /// <summary>Steps closed so far.</summary>
    public long FrameCount { get; private set; }

    /// <summary>True while the steps since the first span no more than the profile's warm-up.</summary>
    public bool IsWarmingUp => _first == long.MinValue || ClosedThrough - _first + 1 <= _model.Profile.WarmUp / _model.Profile.Step;

    /// <summary>True when the evidence of the last step tells of one member at least.</summary>
    public bool HasEvidence { get; private set; }

    public PredictionState State { get; private set; } = PredictionState.NoModel;

    public PredictionBasis Basis { get; private set; } = PredictionBasis.Prior;

    /// <summary>One for each horizon; NaN unless the state is ready.</summary>
    public ReadOnlySpan<double> Probability => _probability;

    /// <summary>Evidence of the last step in which the composite was neither in maintenance nor in an incident.</summary>
    public ReadOnlySpan<float> Evidence => _evidence;

    public void UseModel(ScoringModel? model) => _scoring = model;

    /// <summary>Fixes the grid before the first row: where rows do not come in order of time, the first need not be the earliest.</summary>
    public void Anchor(AssetGrid grid) => _grid ??= grid;

    /// <summary>The member of that name; a new one counts from its first row on.</summary>
    public CompositeMember Member(string asset)
    {
        var at = 0;
        while (at < _members.Count && string.CompareOrdinal(_members[at].Asset, asset) < 0) at++;
        if (at == _members.Count || _members[at].Asset != asset) _members.Insert(at, new CompositeMember(asset, _row.Length));
        _levels = Math.Max(_levels, asset.AsSpan(Path.Length).Count('/'));
        return _members[at];
    }

    public void Remove(string asset) => _members.RemoveAll(m => m.Asset == asset);

    /// <summary>Takes a member's row. One that belongs to a closed step counts from the next step on; the open step must be closed before one that comes after it.</summary>
    /// <param name="ticks">Later than the member's row before.</param>
    /// <param name="evidence">The member's; not looked at unless it is watched.</param>
    public void Take(CompositeMember member, long ticks, MemberState state, ReadOnlySpan<float> evidence)
    {
        if (state == MemberState.Watched)
            for (var s = 0; s < _row.Length; s++) _row[s] = evidence[_model.Composite.Sources[s]];
        TakeRead(member, ticks, state, _row);
    }

    /// <summary>As <see cref="Take"/>, with the columns that composites read.</summary>
    internal void TakeRead(CompositeMember member, long ticks, MemberState state, ReadOnlySpan<float> columns)
    {
        var grid = _grid ??= new AssetGrid(ticks, _model.Profile.Step.Ticks);
        var step = grid.StepOf(ticks);
        if (HasOpenStep && step > _open) throw new InvalidOperationException($"step {_open} is open, the row belongs to step {step}");
        member.Put(ticks, state, columns);
        if (step <= ClosedThrough) return;
        _open = step;
        Ticks = Math.Max(Ticks, ticks);
    }

    /// <summary>Closes the open step and predicts from it.</summary>
    /// <param name="condition">What is known of the composite itself at <see cref="Ticks"/>.</param>
    public void Close(AssetCondition condition)
    {
        ClosedThrough = _open;
        _open = long.MinValue;
        FrameCount++;
        if (_first == long.MinValue) _first = ClosedThrough;
        var (watched, warming, failed, away) = (0, 0, 0, 0);
        if (condition == AssetCondition.Normal) (watched, warming, failed, away) = Gather(null, _evidence);
        HasEvidence = watched > 0;
        State = condition switch
        {
            AssetCondition.Maintenance => PredictionState.Maintenance,
            AssetCondition.Incident => PredictionState.InIncident,
            _ when _scoring?.Composite is null => PredictionState.NoModel,
            _ when watched > 0 || warming > 0 => PredictionState.Ready,
            _ when failed > 0 => PredictionState.InIncident,
            _ when away > 0 => PredictionState.Maintenance,
            _ => PredictionState.Stale,
        };
        if (State != PredictionState.Ready)
        {
            Array.Fill(_probability, double.NaN);
            return;
        }
        var hazard = _scoring!.Composite!.Hazard;
        // Members that warm up and a composite that just began say no more than the fleet's prior.
        Basis = watched == 0 || IsWarmingUp ? PredictionBasis.Prior : hazard.Basis;
        if (Basis == PredictionBasis.Prior) hazard.PredictBase(_probability);
        else hazard.Predict(_evidence, _probability);
    }

    /// <summary>Why the last probability is what it is, part by part; none where it is no more than the prior.</summary>
    public IReadOnlyList<CompositeReason> Explain() => State != PredictionState.Ready || Basis == PredictionBasis.Prior ? []
        : CompositeExplanation.Of(_scoring!.Composite!, _model.Composite, _evidence, _members, (member, target) =>
        {
            Array.Fill(target, float.NaN);
            Gather(member, target);
        });

    /// <summary>Writes the evidence of the newest step, where any member is watched.</summary>
    /// <param name="without">A member that is left out, or null.</param>
    /// <returns>How many members are watched, warming up, failed and in maintenance.</returns>
    private (int Watched, int Warming, int Failed, int Away) Gather(CompositeMember? without, Span<float> target)
    {
        var profile = _model.Profile;
        var (step, stale, gone) = (profile.Step.Ticks, profile.StaleAfter.Ticks, Math.Max(profile.StaleAfter.Ticks, profile.LongestHorizon.Ticks));
        var (watched, warming, failed, away, missing, silent) = (0, 0, 0, 0, 0, 0);
        var longest = 0L;
        _summary.Clear();
        foreach (var member in _members)
        {
            if (member.Ticks == long.MinValue || member == without) continue;
            // A row from a step that was closed already may be newer than the open one's.
            var age = Math.Max(0, Ticks - member.Ticks);
            if (age > gone) continue;
            if (member.State == MemberState.Maintenance) away++;
            else if (member.State == MemberState.Stale || age > stale) silent++;
            else if (member.State == MemberState.Incident) failed++;
            else if (member.State == MemberState.WarmingUp) warming++;
            else
            {
                watched++;
                _summary.Add(member.Evidence);
            }
            if (member.State == MemberState.Maintenance || age <= step + step / 2) continue;
            longest = Math.Max(longest, age);
            if (age <= stale) missing++;
        }
        var count = watched + warming + failed + silent;
        if (watched > 0)
            _model.Composite.Write(_summary, ((float)missing / count, (float)silent / count, (float)failed / count, longest / (float)step), count, _levels, target);
        return (watched, warming, failed, away);
    }

    /// <summary>Writes the whole state; loading it gives a composite that goes on with the same bits.</summary>
    public void Save(StateWriter writer)
    {
        writer.Longs([_grid?.AnchorTicks ?? long.MinValue, _open, _first, Ticks, ClosedThrough, FrameCount]);
        writer.Byte((byte)State);
        writer.Byte((byte)Basis);
        writer.Byte(HasEvidence ? (byte)1 : (byte)0);
        writer.Floats(_evidence);
        writer.Doubles(_probability);
        writer.Int(_members.Count);
        foreach (var member in _members) member.Save(writer);
    }

    /// <exception cref="InvalidDataException">When the bytes end too early.</exception>
    public void Load(ref StateReader reader)
    {
        _grid = reader.Long() is var anchor && anchor == long.MinValue ? null : new AssetGrid(anchor, _model.Profile.Step.Ticks);
        (_open, _first, Ticks, ClosedThrough, FrameCount) = (reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long());
        (State, Basis, HasEvidence) = ((PredictionState)reader.Byte(), (PredictionBasis)reader.Byte(), reader.Byte() != 0);
        reader.Floats(_evidence);
        reader.Doubles(_probability);
        _members.Clear();
        for (var n = reader.Count(sizeof(int) + sizeof(long) + 1); n > 0; n--) 
        {
            _members.Add(CompositeMember.Load(ref reader, _row.Length));
            _levels = Math.Max(_levels, _members[^1].Asset.AsSpan(Path.Length).Count('/'));
        }
    }
}
