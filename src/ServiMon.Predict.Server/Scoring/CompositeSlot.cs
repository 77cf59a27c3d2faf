using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>The place of one composite in a <see cref="LiveFleet"/>. Lives as long as it has members here.</summary>
internal sealed class CompositeSlot(AssetKey key, LiveComposite live) : FleetSlot(key)
{
    private readonly SortedDictionary<string, LiveSlot> _members = new(StringComparer.Ordinal);

    public LiveComposite Live { get; private set; } = live;

    /// <summary>True while its steps are being closed.</summary>
    public bool IsClosing { get; set; }

    /// <summary>That of its first member.</summary>
    public override SourcePartition? SavedWith => _members.Count > 0 ? _members.First().Value.Home : null;

    public override long Ticks => Live.Ticks;

    public override PredictionState State => Live.Scorer.State;

    public override PredictionBasis Basis => Live.Scorer.Basis;

    public override ReadOnlySpan<double> Probability => Live.Scorer.Probability;

    public override ReadOnlySpan<float> Evidence => Live.Scorer.Evidence;

    public override double LongestBaseProbability(LiveProfile profile) => profile.LongestCompositeBaseProbability;

    public override void Save(StateWriter writer) => Live.Save(writer);

    public void Join(LiveSlot member)
    {
        lock (Gate)
        {
            _members[member.Key.Asset] = member;
            Live.Join(member.Live);
        }
    }

    /// <returns>False when that was the last member.</returns>
    public bool Leave(LiveSlot member)
    {
        lock (Gate)
        {
            _members.Remove(member.Key.Asset);
            Live.Leave(member.Key.Asset);
            return _members.Count > 0;
        }
    }

    /// <summary>Goes on with a state that was saved.</summary>
    public void Restore(LiveComposite saved)
    {
        lock (Gate)
        {
            foreach (var (_, member) in _members) saved.Join(member.Live);
            Live = saved;
            ForgetReasons();
        }
    }

    private protected override bool Advance(Timeline? timeline) => Live.TryAdvance(timeline);

    private protected override void Exchange(ScoringModel? model) => Live.UseModel(model);

    private protected override void CloseSteps(long ticks) => Live.CloseUntil(ticks);

    private protected override IEnumerable<Driver> Reasons() =>
        CompositeReason.Tell(Live.Path, Live.Scorer.Explain(), (member, reason) => _members.GetValueOrDefault(member)?.Word(reason));
}
