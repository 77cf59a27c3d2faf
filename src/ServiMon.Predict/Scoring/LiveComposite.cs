using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// One composite scored live: the steps of its members come as they close, and a step of its own closes when no member can have a row in it any more. The same rows
/// through <see cref="CompositeScorer"/> in order of time give the same bits.
/// </summary>
/// <remarks>
/// A member is waited for as long as its newest sample is within the lateness bound of the newest of all; one further behind has fallen silent, and the caller
/// closes its open steps (<see cref="FindSilent"/>). Not safe for use by several threads at once.
/// </remarks>
public sealed class LiveComposite
{
    /// <summary>First byte of the saved state, which tells it from that of an asset: docs/formats/scoring-state.md.</summary>
    public const byte StateVersion = 129;

    private readonly EvidenceModel _model;
    private readonly CompositeScorer _scorer;
    private readonly Dictionary<string, Follower> _byName = new(StringComparer.Ordinal);
    private readonly List<Follower> _followers = [];
    private readonly Stack<Reading> _spare = [];
    private long _closedUntil = long.MinValue;
    private long _newest = long.MinValue;
    private long _earliest = long.MaxValue;
    private Follower? _awaited;

    /// <param name="members">How the members' evidence is made.</param>
    /// <param name="model">Null when nothing was trained yet: the state is then no_model.</param>
    /// <param name="grid">The grid that it had before, or null.</param>
    public LiveComposite(string path, EvidenceModel members, ScoringModel? model, AssetGrid? grid = null)
    {
        _model = members;
        _scorer = new CompositeScorer(path, members, model);
        if (grid is { } known) _scorer.Anchor(known);
    }

    public string Path => _scorer.Path;

    /// <summary>What the newest step says.</summary>
    public CompositeScorer Scorer => _scorer;

    /// <summary>UTC ticks of the newest row in the newest step that closed; <see cref="long.MinValue"/> before the first.</summary>
    public long Ticks { get; private set; } = long.MinValue;

    /// <summary>UTC ticks of the newest sample of any member when it last closed a step; <see cref="long.MinValue"/> before the first.</summary>
    public long NewestTicks => _newest;

    public void UseModel(ScoringModel? model) => _scorer.UseModel(model);

    /// <summary>An asset is a member from now on; it takes the place of the one of its name.</summary>
    public void Join(LiveAsset asset) => FollowerOf(asset.Asset).Asset = asset;

    /// <summary>The asset is a member no more.</summary>
    public void Leave(string asset)
    {
        if (!_byName.Remove(asset, out var follower)) return;
        _followers.Remove(follower);
        _scorer.Remove(asset);
        if (_awaited == follower) _awaited = null;
        _earliest = Earliest();
    }

    /// <summary>Takes the step that a member has just closed.</summary>
    public void Put(LiveAsset member)
    {
        var reading = _spare.Count > 0 ? _spare.Pop() : new Reading(_model.Composite.Sources.Length);
        (reading.Ticks, reading.State) = (member.Ticks, member.Membership);
        if (reading.State == MemberState.Watched)
            for (var s = 0; s < reading.Columns.Length; s++) reading.Columns[s] = member.Evidence[_model.Composite.Sources[s]];
        FollowerOf(member.Asset).Waiting.Enqueue(reading);
        _earliest = Math.Min(_earliest, reading.Ticks);
        _newest = Math.Max(_newest, member.NewestTicks);
    }

    /// <summary>Closes the next step that no member can add to, and predicts from it.</summary>
    /// <param name="timeline">Incidents and maintenance known of the composite, or null.</param>
    /// <returns>False when there is no such step.</returns>
    public bool TryAdvance(Timeline? timeline)
    {
        TakeLate();
        if (EndOfNext() is not { } end || !HavePassed(end)) return false;
        if (_scorer.Grid is null) _scorer.Anchor(new AssetGrid(_earliest, _model.Profile.Step.Ticks));
        foreach (var follower in _followers)
            while (follower.Waiting.TryPeek(out var reading) && reading.Ticks < end) Take(follower);
        _earliest = Earliest();
        _scorer.Close(timeline is null ? AssetCondition.Normal
            : timeline.InMaintenance(_scorer.Ticks) ? AssetCondition.Maintenance
            : timeline.InIncident(_scorer.Ticks) ? AssetCondition.Incident : AssetCondition.Normal);
        Ticks = _scorer.Ticks;
        return true;
    }

    /// <summary>
    /// A member that the next step waits for, though it has fallen silent: its open steps are to be closed. Null when there is none. To be asked where
    /// <see cref="TryAdvance"/> closed nothing.
    /// </summary>
    public LiveAsset? FindSilent() => _awaited?.Asset is { OpenUntil: not null } asset && IsBehind(asset) ? asset : null;

    /// <summary>End of the newest step that waits, when none of the members has an open one: nothing but the clock will close it. Else null.</summary>
    public long? WaitsUntil()
    {
        var newest = long.MinValue;
        foreach (var follower in _followers)
        {
            if (follower.Asset is { } asset && (asset.OpenUntil is not null || asset.HasClosedStep)) return null;
            foreach (var reading in follower.Waiting) newest = Math.Max(newest, reading.Ticks);
        }
        return newest != long.MinValue && GridOfNext() is var grid ? grid.EndOf(grid.StepOf(newest)) : null;
    }

    /// <summary>Closes the steps that end at this time or before, whichever members there might be still.</summary>
    public void CloseUntil(long ticks) => _closedUntil = Math.Max(_closedUntil, ticks);

    /// <summary>Writes the whole state; loading it gives a composite that goes on with the same bits once its members are back.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(StateVersion);
        writer.Text(_model.Digest);
        writer.Longs([Ticks, _closedUntil, _newest]);
        _scorer.Save(writer);
        writer.Int(_followers.Count);
        foreach (var follower in _followers)
        {
            writer.Text(follower.Place.Asset);
            writer.Int(follower.Waiting.Count);
            foreach (var reading in follower.Waiting)
            {
                writer.Long(reading.Ticks);
                writer.Byte((byte)reading.State);
                writer.Floats(reading.Columns);
            }
        }
    }

    /// <summary>The composite whose state was saved, or null when it was saved under another version or with evidence made otherwise.</summary>
    /// <exception cref="InvalidDataException">When the bytes are damaged.</exception>
    public static LiveComposite? Load(string path, EvidenceModel members, ScoringModel? model, ReadOnlySpan<byte> state)
    {
        var reader = new StateReader(state);
        if (reader.Byte() != StateVersion || reader.Text() != members.Digest) return null;
        var live = new LiveComposite(path, members, model) { Ticks = reader.Long(), _closedUntil = reader.Long(), _newest = reader.Long() };
        live._scorer.Load(ref reader);
        for (var left = reader.Count(2 * sizeof(int)); left > 0; left--)
        {
            var follower = live.FollowerOf(reader.Text());
            for (var n = reader.Count(sizeof(long) + 1); n > 0; n--)
            {
                var reading = new Reading(members.Composite.Sources.Length) { Ticks = reader.Long(), State = (MemberState)reader.Byte() };
                reader.Floats(reading.Columns);
                follower.Waiting.Enqueue(reading);
            }
        }
        live._earliest = live.Earliest();
        return reader.AtEnd ? live : throw new InvalidDataException("the state goes on after its end");
    }

    private Follower FollowerOf(string asset)
    {
        if (_byName.TryGetValue(asset, out var follower)) return follower;
        _byName.Add(asset, follower = new Follower(_scorer.Member(asset)));
        _followers.Add(follower);
        return follower;
    }

    /// <summary>Rows of steps that are closed: they count from the next step on.</summary>
    private void TakeLate()
    {
        if (_scorer.Grid is not { } grid || _earliest == long.MaxValue || grid.StepOf(_earliest) > _scorer.ClosedThrough) return;
        foreach (var follower in _followers)
            while (follower.Waiting.TryPeek(out var reading) && grid.StepOf(reading.Ticks) <= _scorer.ClosedThrough) Take(follower);
        _earliest = Earliest();
    }

    private void Take(Follower follower)
    {
        var reading = follower.Waiting.Dequeue();
        _scorer.TakeRead(follower.Place, reading.Ticks, reading.State, reading.Columns);
        _spare.Push(reading);
    }

    private long Earliest()
    {
        var earliest = long.MaxValue;
        foreach (var follower in _followers)
            if (follower.Waiting.TryPeek(out var reading) && reading.Ticks < earliest) earliest = reading.Ticks;
        return earliest;
    }

    private AssetGrid GridOfNext() => _scorer.Grid ?? new AssetGrid(_earliest, _model.Profile.Step.Ticks);

    /// <summary>End of the earliest step that has a row waiting; null when none waits.</summary>
    private long? EndOfNext() => _earliest == long.MaxValue ? null : GridOfNext() is var grid ? grid.EndOf(grid.StepOf(_earliest)) : null;

    /// <summary>True when no member will have a row before the time any more. The one that is awaited is asked first: mostly it still is.</summary>
    private bool HavePassed(long end)
    {
        if (end <= _closedUntil) return true;
        if (_awaited is not null && !HasPassed(_awaited, end)) return false;
        foreach (var follower in _followers)
            if (!HasPassed(follower, end))
            {
                _awaited = follower;
                return false;
            }
        _awaited = null;
        return true;
    }

    /// <summary>True when the member's steps are closed until then, or it has fallen silent with none open.</summary>
    private bool HasPassed(Follower follower, long end) =>
        follower.Asset is not { } asset || asset.HasPassed(end) || (asset.OpenUntil is null && IsBehind(asset));

    private bool IsBehind(LiveAsset asset) => asset.NewestTicks == long.MinValue || _newest - asset.NewestTicks > _model.Profile.Lateness.Ticks;

    private sealed class Follower(CompositeMember place)
    {
        public CompositeMember Place { get; } = place;

        /// <summary>Null as long as the asset is not back after its composite was loaded.</summary>
        public LiveAsset? Asset { get; set; }

        /// <summary>Steps that the member closed and the composite has not, oldest first.</summary>
        public Queue<Reading> Waiting { get; } = [];
    }

    private sealed class Reading(int width)
    {
        public long Ticks { get; set; }

        public MemberState State { get; set; }

        public float[] Columns { get; } = new float[width];
    }
}
