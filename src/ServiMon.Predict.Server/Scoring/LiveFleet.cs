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

    /// <summary>Where a series leads; makes its asset when it is new.</summary>
    public SeriesTarget Resolve(SeriesIdentity? series, string? onlyProfile, SourcePartition source)
    {
        var drop = _resolver.Resolve(series, _profiles, onlyProfile, out var profile, out var asset, out var metric);
        if (drop != DropReason.None) return new SeriesTarget(null, -1, drop);
        var key = new AssetKey(profile!.Name, asset);
        if (!_slots.TryGetValue(key, out var slot))
        {
            if (_slots.Count >= _bounds.Assets) return new SeriesTarget(null, -1, DropReason.TooManyAssets);
            slot = Add(new LiveSlot(key, new LiveAsset(asset, profile.Evidence, profile.Model), source));
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
        var timeline = profile.Timelines.Count == 0 ? null : profile.Timelines.GetValueOrDefault(slot.Key.Asset);
        var began = _time.GetTimestamp();
        while (slot.TryAdvance(timeline))
        {
            Publish(profile, slot);
            var ended = _time.GetTimestamp();
            Counts.Duration?.Observe(_time.GetElapsedTime(began, ended).TotalSeconds);
            began = ended;
        }
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
        _profiles = _profiles.SetItem(index, profile);
        foreach (var slot in _slots.Values.Where(s => s.Key.Profile == profile.Name).ToList())
        {
            if (isSameEvidence)
            {
                slot.UseModel(profile.Model);
                continue;
            }
            slot.IsGone = true;
            _slots.Remove(slot.Key);
            var timeline = profile.Timelines.GetValueOrDefault(slot.Key.Asset);
            var tail = tails?.GetValueOrDefault(slot.Key.Asset) ?? [];
            var live = LiveAsset.FromHistory(slot.Key.Asset, profile.Evidence, profile.Model, tail, timeline, slot.Live);
            var next = Add(new LiveSlot(slot.Key, live, slot.Home) { IsChanged = true, HeardTicks = slot.HeardTicks, ToldFailure = live.Failure?.Start });
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
        if (LiveAsset.Load(key.Asset, profile.Evidence, profile.Model, state) is not { } live) return false;
        if (_slots.Remove(key, out var old)) old.IsGone = true;
        var slot = Add(new LiveSlot(key, live, home) { HeardTicks = _time.GetUtcNow().UtcTicks });
        if (live.FrameCount > 0) Board.Put(Shown(profile, slot, live.State));
        return true;
    }

    /// <summary>Puts an asset into the fleet whose saved state cannot be used, with the last rows of its history.</summary>
    public void Warm(AssetKey key, SourcePartition home, IReadOnlyList<AssetRows> tail)
    {
        if (_slots.ContainsKey(key) || tail.Count == 0 || !TryProfile(key.Profile, out var profile)) return;
        var live = LiveAsset.FromHistory(key.Asset, profile.Evidence, profile.Model, tail, profile.Timelines.GetValueOrDefault(key.Asset), null);
        var slot = Add(new LiveSlot(key, live, home) { IsChanged = true, HeardTicks = _time.GetUtcNow().UtcTicks });
        if (live.FrameCount > 0) Board.Put(Shown(profile, slot, live.State));
    }

    /// <summary>Takes an asset out: it is retired, or its partition goes elsewhere.</summary>
    public void Remove(LiveSlot slot)
    {
        slot.IsGone = true;
        _slots.Remove(slot.Key);
        Board.Remove(slot.Key);
    }

    /// <summary>Shows assets without samples for longer than their profile allows as stale, and takes out those without for longer still.</summary>
    /// <param name="isCaughtUp">True when nothing waits to be read: the last steps of assets that fell silent are then closed.</param>
    /// <returns>The assets taken out.</returns>
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
        foreach (var slot in retired) Remove(slot);
        return [.. retired.Select(s => s.Key)];
    }

    /// <summary>Keeps what the metrics were like where they are read as before.</summary>
    private void Follow(LiveProfile profile)
    {
        if (RecentOf(profile.Name)?.IsOf(profile.Profile) != true) _recent[profile.Name] = new RecentDistributions(profile.Profile, RecentSeed);
    }

    private LiveSlot Add(LiveSlot slot)
    {
        slot.Recent = RecentOf(slot.Key.Profile);
        _slots.Add(slot.Key, slot);
        return slot;
    }

    private void Publish(LiveProfile profile, LiveSlot slot)
    {
        Counts.CloseStep();
        Failures.Look(slot);
        slot.IsStale = false;
        var shown = Shown(profile, slot, slot.Live.State);
        Board.Put(shown);
        Outbox.Add(profile, slot, shown, profile.Model is null || shown.Time < LogFrom ? null : Reasons(profile, slot, shown));
    }

    private static string Reasons(LiveProfile profile, LiveSlot slot, AssetPrediction shown) =>
        IsMove(profile, slot, shown) && shown.Drivers is { IsEmpty: false } drivers ? JsonSerializer.Serialize(drivers) : "";

    /// <summary>
    /// Whether the log gets the reasons too: the risk is above the base rate, and its odds have changed by half since the log last got reasons.
    /// </summary>
    private static bool IsMove(LiveProfile profile, LiveSlot slot, AssetPrediction shown)
    {
        if (shown.State != PredictionState.Ready || !(shown.LongestProbability > profile.LongestBaseProbability))
        {
            slot.ExplainedLogOdds = double.NaN;
            return false;
        }
        var odds = LogOdds.Of(shown.LongestProbability);
        if (Math.Abs(odds - slot.ExplainedLogOdds) < LeastMove) return false;
        slot.ExplainedLogOdds = odds;
        return true;
    }

    private AssetPrediction Shown(LiveProfile profile, LiveSlot slot, PredictionState state)
    {
        var live = slot.Live;
        var isReady = state == PredictionState.Ready;
        var probability = live.Probability;
        var probabilities = new HorizonProbability[isReady ? probability.Length : 0];
        for (var h = 0; h < probabilities.Length; h++) probabilities[h] = new HorizonProbability(profile.Profile.Horizons[h].Span, probability[h]);
        return new AssetPrediction
        {
            Key = slot.Key,
            Time = new DateTimeOffset(live.Ticks, TimeSpan.Zero),
            Given = _time.GetUtcNow(),
            State = state,
            Basis = live.Basis,
            Probabilities = ImmutableCollectionsMarshal.AsImmutableArray(probabilities),
            Explainer = isReady ? slot : null,
            ModelId = profile.ModelId,
            EvidenceDigest = EvidenceDigest.Of(live.Evidence),
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
