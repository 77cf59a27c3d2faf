using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>
/// All assets that this instance scores. Samples come in, steps close, and each closed step goes to the board and into the outbox for the
/// store. Knows nothing of Kafka or of the store.
/// </summary>
/// <remarks>For one thread, but for <see cref="Counts"/> and the board.</remarks>
internal sealed class LiveFleet
{
    /// <summary>Change of log-odds at which the log is told the reasons again: odds half as high again, or two thirds.</summary>
    private static readonly double LeastMove = Math.Log(1.5);

    /// <summary>Seed of the choice of steps whose values are kept.</summary>
    private const int RecentSeed = 1;

    private readonly Dictionary<AssetKey, LiveSlot> _slots = [];
    private readonly CompositeFleet _composites = new();
    private readonly SeriesResolver _resolver;
    private readonly IngestBounds _bounds;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, RecentDistributions> _recent = [];
    private ImmutableArray<LiveProfile> _profiles;

    public LiveFleet(IEnumerable<LiveProfile> profiles, IngestBounds bounds, PredictionBoard board, TimeProvider time)
    {
        _profiles = [.. profiles];
        foreach (var profile in _profiles) Follow(profile);
        _bounds = bounds;
        _resolver = new SeriesResolver(bounds);
        _time = time;
        Board = board;
    }

    public PredictionBoard Board { get; }

    /// <summary>Predictions for steps before this time are shown but not logged. Default: all are logged.</summary>
    public DateTimeOffset LogFrom { get; init; } = DateTimeOffset.MinValue;

    public FleetCounts Counts { get; } = new();

    public StepOutbox Outbox { get; } = new();

    public FailureNotes Failures { get; } = new();

    public ImmutableArray<LiveProfile> Profiles => _profiles;

    public int Count => _slots.Count;

    /// <summary>How the metrics of a profile were distributed lately; null for a profile that is not there. From any thread.</summary>
    public RecentDistributions? RecentOf(string profile) => _recent.GetValueOrDefault(profile);

    public IEnumerable<LiveSlot> Slots => _slots.Values;

    public IEnumerable<CompositeSlot> Composites => _composites.Slots;

    /// <summary>True when an asset or a composite of that name is here.</summary>
    public bool Has(AssetKey key) => _slots.ContainsKey(key) || _composites.Has(key);

    /// <summary>Where a series leads; makes its asset when it is new.</summary>
    public SeriesTarget Resolve(SeriesIdentity? series, string? onlyProfile, SourcePartition source)
    {
        var drop = _resolver.Resolve(series, _profiles, onlyProfile, out var profile, out var asset, out var metric);
        if (drop != DropReason.None) return new SeriesTarget(null, -1, drop);
        var key = new AssetKey(profile!.Name, asset);
        if (!_slots.TryGetValue(key, out var slot))
        {
            if (_slots.Count >= _bounds.Assets) return new SeriesTarget(null, -1, DropReason.TooManyAssets);
            slot = Add(profile, new LiveSlot(key, new LiveAsset(asset, profile.Evidence, profile.Model), source));
        }
        if (slot.SeriesCount >= _bounds.SeriesPerAsset) return new SeriesTarget(null, -1, DropReason.TooManySeries);
        slot.SeriesCount++;
        return new SeriesTarget(slot, metric, DropReason.None);
    }

    /// <summary>Counts the series of every asset anew: all of them will be asked for again.</summary>
    public void ForgetSeries()
    {
        foreach (var slot in _slots.Values) slot.SeriesCount = 0;
    }

    /// <summary>Takes one sample of a series and closes the steps that it lets close.</summary>
    /// <param name="latest">UTC ticks that a sample's time may reach: the clock and what it may be ahead.</param>
    public void Offer(in SeriesTarget target, long ticks, double value, long latest)
    {
        if (target.Slot is not { } slot)
        {
            Counts.Drop(target.Drop);
            return;
        }
        if (ticks > latest)
        {
            Counts.Drop(DropReason.Ahead);
            return;
        }
        slot.IsChanged = true;
        slot.HeardTicks = latest;
        switch (slot.Live.Offer(target.Metric, ticks, value))
        {
            case SampleOutcome.Accepted: Counts.Accept(); break;
            case SampleOutcome.OutOfOrder: Counts.AcceptOutOfOrder(); break;
            case SampleOutcome.Late: Counts.Drop(DropReason.Late); return;
            case SampleOutcome.Duplicate: Counts.Drop(DropReason.Duplicate); return;
            case SampleOutcome.Crowded: Counts.Drop(DropReason.Crowded); break;
            default: Counts.Drop(DropReason.NotFinite); return;
        }
        if (slot.Live.HasClosedStep) Close(slot);
    }

    /// <summary>Scores the steps of an asset that are closed.</summary>
    private void Close(LiveSlot slot)
    {
        var profile = ProfileOf(slot.Key.Profile);
        var timeline = profile.TimelineOf(slot.Key.Asset);
        var began = _time.GetTimestamp();
        while (slot.TryAdvance(timeline))
        {
            Publish(profile, slot);
            foreach (var composite in slot.Composites) composite.Live.Put(slot.Live);
            var ended = _time.GetTimestamp();
            Counts.Duration?.Observe(_time.GetElapsedTime(began, ended).TotalSeconds);
            began = ended;
        }
        foreach (var composite in slot.Composites) Close(profile, composite);
    }

    /// <summary>Scores the steps of a composite to which no member can add any more.</summary>
    private void Close(LiveProfile profile, CompositeSlot slot)
    {
        slot.IsChanged = true;
        // Closing a silent member's steps comes back here; what it brings is looked at then.
        if (slot.IsClosing) return;
        slot.IsClosing = true;
        var timeline = profile.TimelineOf(slot.Key.Asset);
        while (true)
        {
            if (slot.TryAdvance(timeline)) Publish(profile, slot);
            else if (slot.Live.FindSilent() is { } silent) CloseOpen(_slots[new AssetKey(profile.Name, silent.Asset)]);
            else break;
        }
        slot.IsClosing = false;
    }

    /// <summary>Closes all steps of a member that fell silent while others of its composite went on.</summary>
    private void CloseOpen(LiveSlot slot)
    {
        slot.IsChanged = true;
        slot.Live.CloseUntil(slot.Live.OpenUntil!.Value);
        Close(slot);
    }

    /// <summary>True when a profile's assets are scored, and would be with other evidence.</summary>
    public bool IsOtherEvidence(LiveProfile profile) => TryProfile(profile.Name, out var before) && before.Evidence.Digest != profile.Evidence.Digest;

    /// <summary>
    /// Scores a profile's assets with another model or other incidents from now on. Other evidence lets all of them start anew, with as much of
    /// their history as is given.
    /// </summary>
    /// <param name="tails">The last rows of each asset, or null.</param>
    /// <returns>True when series must be asked for anew: the profile is new, or its metrics may be others.</returns>
    public bool Use(LiveProfile profile, IReadOnlyDictionary<string, List<AssetRows>>? tails = null)
    {
        Follow(profile);
        var index = _profiles.ToList().FindIndex(p => p.Name == profile.Name);
        if (index < 0)
        {
            _profiles = _profiles.Add(profile);
            return true;
        }
        var isSameEvidence = _profiles[index].Evidence.Digest == profile.Evidence.Digest;
        var isSameStep = _profiles[index].Profile.Step == profile.Profile.Step;
        _profiles = _profiles.SetItem(index, profile);
        if (isSameEvidence)
            foreach (var composite in _composites.Slots.Where(c => c.Key.Profile == profile.Name)) composite.UseModel(profile.Model);
        var grids = isSameEvidence ? null : _composites.Clear(profile.Name);
        foreach (var slot in _slots.Values.Where(s => s.Key.Profile == profile.Name).ToList())
        {
            if (isSameEvidence)
            {
                slot.UseModel(profile.Model);
                continue;
            }
            slot.IsGone = true;
            _slots.Remove(slot.Key);
            var timeline = profile.TimelineOf(slot.Key.Asset);
            var tail = tails?.GetValueOrDefault(slot.Key.Asset) ?? [];
            var live = LiveAsset.FromHistory(slot.Key.Asset, profile.Evidence, profile.Model, tail, timeline, slot.Live);
            var next = new LiveSlot(slot.Key, live, slot.Home) { IsChanged = true, HeardTicks = slot.HeardTicks, ToldFailure = live.Failure?.Start };
            Add(profile, next, isSameStep ? grids : null);
            if (live.FrameCount > 0) Board.Put(Shown(profile, next, live.State));
        }
        return !isSameEvidence;
    }

    /// <summary>Puts an asset back whose state was saved.</summary>
    /// <returns>False when there is no such profile any more, or its evidence is made otherwise: the asset will start anew.</returns>
    /// <exception cref="InvalidDataException">When the bytes are damaged.</exception>
    public bool TryRestore(AssetKey key, SourcePartition home, ReadOnlySpan<byte> state)
    {
        if (!TryProfile(key.Profile, out var profile)) return false;
        if (!state.IsEmpty && state[0] == LiveComposite.StateVersion) return TryRestoreComposite(profile, key, state);
        if (LiveAsset.Load(key.Asset, profile.Evidence, profile.Model, state) is not { } live) return false;
        if (_slots.Remove(key, out var old)) old.IsGone = true;
        var slot = Add(profile, new LiveSlot(key, live, home) { HeardTicks = _time.GetUtcNow().UtcTicks });
        if (live.FrameCount > 0) Board.Put(Shown(profile, slot, live.State));
        return true;
    }

    private bool TryRestoreComposite(LiveProfile profile, AssetKey key, ReadOnlySpan<byte> state)
    {
        if (!profile.Profile.Composite || _slots.ContainsKey(key)) return false;
        if (LiveComposite.Load(key.Asset, profile.Evidence, profile.Model, state) is not { } live) return false;
        _composites.Restore(key, live);
        return true;
    }

    /// <summary>Shows what the restored composites last said, once their members are back.</summary>
    public void ShowRestored()
    {
        foreach (var slot in _composites.Slots)
            if (slot.Ticks != long.MinValue && TryProfile(slot.Key.Profile, out var profile)) Board.Put(Shown(profile, slot, slot.State));
    }

    /// <summary>Puts an asset into the fleet whose saved state cannot be used, with the last rows of its history.</summary>
    public void Warm(AssetKey key, SourcePartition home, IReadOnlyList<AssetRows> tail)
    {
        if (_slots.ContainsKey(key) || tail.Count == 0 || !TryProfile(key.Profile, out var profile)) return;
        var live = LiveAsset.FromHistory(key.Asset, profile.Evidence, profile.Model, tail, profile.TimelineOf(key.Asset), null);
        var slot = Add(profile, new LiveSlot(key, live, home) { IsChanged = true, HeardTicks = _time.GetUtcNow().UtcTicks });
        if (live.FrameCount > 0) Board.Put(Shown(profile, slot, live.State));
    }

    /// <summary>Takes an asset out: it is retired, or its partition goes elsewhere.</summary>
    /// <returns>The composites that have no member left and are out too.</returns>
    public IReadOnlyList<AssetKey> Remove(LiveSlot slot)
    {
        slot.IsGone = true;
        _slots.Remove(slot.Key);
        Board.Remove(slot.Key);
        var gone = _composites.Leave(slot);
        foreach (var composite in gone) Board.Remove(composite);
        return gone;
    }

    /// <summary>Shows assets without samples for longer than their profile allows as stale, and takes out those without for longer still.</summary>
    /// <param name="isCaughtUp">True when nothing waits to be read: the last steps of assets that fell silent are then closed.</param>
    /// <returns>The assets taken out, and the composites that went with them.</returns>
    public List<AssetKey> Sweep(TimeSpan retireAfter, bool isCaughtUp = false)
    {
        var now = _time.GetUtcNow().UtcTicks;
        var retired = new List<LiveSlot>();
        foreach (var slot in _slots.Values)
        {
            if (slot.Live.NewestTicks == long.MinValue) continue;
            var silence = now - slot.Live.NewestTicks;
            var profile = ProfileOf(slot.Key.Profile);
            if (slot.Live.HasClosedStep) Close(slot);
            if (isCaughtUp && SilentSteps.CloseUntil(slot, profile.Profile, now) is { } end) (slot.CloseUntil, slot.IsChanged) = (end, true);
            // A backlog comes long after its time: an asset that was heard of lately is not gone, however old its newest sample.
            if (Math.Min(silence, now - (slot.HeardTicks - _bounds.Ahead.Ticks)) > retireAfter.Ticks) retired.Add(slot);
            else if (!slot.IsStale && silence > profile.Profile.StaleAfter.Ticks && slot.Live.FrameCount > 0)
            {
                slot.IsStale = true;
                Board.Put(Shown(profile, slot, PredictionState.Stale));
            }
        }
        SweepComposites(now, isCaughtUp);
        return retired.SelectMany(s => Remove(s).Prepend(s.Key)).ToList();
    }

    /// <summary>Keeps what the metrics were like where they are read as before.</summary>
    private void Follow(LiveProfile profile)
    {
        if (RecentOf(profile.Name)?.IsOf(profile.Profile) != true) _recent[profile.Name] = new RecentDistributions(profile.Profile, RecentSeed);
    }

    private void SweepComposites(long now, bool isCaughtUp)
    {
        foreach (var slot in _composites.Slots)
        {
            var profile = ProfileOf(slot.Key.Profile);
            if (slot.Live.WaitsUntil() is { } end)
            {
                Close(profile, slot);
                // The members' last steps were closed by the clock; what they left of the composite's own is closed with a save too.
                if (isCaughtUp && slot.Live.WaitsUntil() is not null && now - profile.Profile.Lateness.Ticks >= end) (slot.CloseUntil, slot.IsChanged) = (end, true);
            }
            if (slot.IsStale || slot.Ticks == long.MinValue || now - slot.Live.NewestTicks <= profile.Profile.StaleAfter.Ticks) continue;
            slot.IsStale = true;
            Board.Put(Shown(profile, slot, PredictionState.Stale));
        }
    }

    private LiveSlot Add(LiveProfile profile, LiveSlot slot, IReadOnlyDictionary<string, AssetGrid>? grids = null)
    {
        slot.Recent = RecentOf(slot.Key.Profile);
        _slots.Add(slot.Key, slot);
        if (!profile.Profile.Composite) return slot;
        // A path with samples of its own is an asset, not a composite.
        _composites.Remove(slot.Key, _slots.Values);
        _composites.Join(profile, slot, _slots.ContainsKey, grids);
        return slot;
    }

    private void Publish(LiveProfile profile, LiveSlot slot)
    {
        Failures.Look(slot);
        var (shown, detail) = Show(profile, slot);
        Outbox.Add(profile, slot, shown, detail);
    }

    private void Publish(LiveProfile profile, CompositeSlot slot)
    {
        var (shown, detail) = Show(profile, slot);
        Outbox.Add(profile, shown, detail);
    }

    /// <summary>Puts what the newest step says on the board.</summary>
    /// <returns>The same, and the reasons for the log: null when nothing is logged.</returns>
    private (AssetPrediction Shown, string? Detail) Show(LiveProfile profile, FleetSlot slot)
    {
        Counts.CloseStep();
        slot.IsStale = false;
        var shown = Shown(profile, slot, slot.State);
        Board.Put(shown);
        return (shown, profile.Model is null || shown.Time < LogFrom ? null : Reasons(profile, slot, shown));
    }

    private static string Reasons(LiveProfile profile, FleetSlot slot, AssetPrediction shown)
    {
        var isMove = IsMove(slot.ExplainedLogOdds, slot.LongestBaseProbability(profile), shown, out var explained);
        slot.ExplainedLogOdds = explained;
        return isMove && shown.Drivers is { IsEmpty: false } drivers ? JsonSerializer.Serialize(drivers) : "";
    }

    /// <summary>
    /// Whether the log gets the reasons too: the risk is above the base rate, and its odds have changed by half since the log last got reasons.
    /// </summary>
    /// <param name="before">Log-odds when the log last got reasons; NaN before.</param>
    /// <param name="explained">Those to keep.</param>
    private static bool IsMove(double before, double baseProbability, AssetPrediction shown, out double explained)
    {
        explained = double.NaN;
        if (shown.State != PredictionState.Ready || !(shown.LongestProbability > baseProbability)) return false;
        var odds = LogOdds.Of(shown.LongestProbability);
        explained = before;
        if (Math.Abs(odds - before) < LeastMove) return false;
        explained = odds;
        return true;
    }

    private AssetPrediction Shown(LiveProfile profile, FleetSlot slot, PredictionState state)
    {
        var isReady = state == PredictionState.Ready;
        var probability = slot.Probability;
        var probabilities = new HorizonProbability[isReady ? probability.Length : 0];
        for (var h = 0; h < probabilities.Length; h++) probabilities[h] = new HorizonProbability(profile.Profile.Horizons[h].Span, probability[h]);
        return new AssetPrediction
        {
            Key = slot.Key,
            IsComposite = slot is CompositeSlot,
            Time = new DateTimeOffset(slot.Ticks, TimeSpan.Zero),
            Given = _time.GetUtcNow(),
            State = state,
            Basis = slot.Basis,
            Probabilities = ImmutableCollectionsMarshal.AsImmutableArray(probabilities),
            Explainer = isReady ? slot : null,
            ModelId = profile.ModelId,
            EvidenceDigest = EvidenceDigest.Of(slot.Evidence),
        };
    }

    private LiveProfile ProfileOf(string name) => TryProfile(name, out var profile) ? profile : throw new InvalidOperationException($"no profile '{name}'");

    private bool TryProfile(string name, [NotNullWhen(true)] out LiveProfile? profile)
    {
        foreach (var candidate in _profiles)
            if (candidate.Name == name)
            {
                profile = candidate;
                return true;
            }
        profile = null;
        return false;
    }
}
