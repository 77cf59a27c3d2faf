using System.Collections.Immutable;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>The place of one composite in a <see cref="LiveFleet"/>. Lives as long as it has members here.</summary>
/// <remarks>For the thread that scores, but for <see cref="Explain"/>.</remarks>
internal sealed class CompositeSlot(AssetKey key, LiveComposite live) : IExplains
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, LiveSlot> _members = new(StringComparer.Ordinal);
    private ImmutableArray<Driver> _drivers = [];
    private bool _isExplained;

    public AssetKey Key { get; } = key;

    public LiveComposite Live { get; private set; } = live;

    /// <summary>The partition of its first member: its state goes where that goes. Null without members.</summary>
    public SourcePartition? Home => _members.Count > 0 ? _members.First().Value.Home : null;

    /// <summary>True when it changed since the state was last saved.</summary>
    public bool IsChanged { get; set; }

    /// <summary>True when the board shows it as stale.</summary>
    public bool IsStale { get; set; }

    /// <summary>True while its steps are being closed.</summary>
    public bool IsClosing { get; set; }

    /// <inheritdoc cref="LiveSlot.CloseUntil"/>
    public long? CloseUntil { get; set; }

    /// <inheritdoc cref="LiveSlot.ExplainedLogOdds"/>
    public double ExplainedLogOdds { get; set; } = double.NaN;

    public void Join(LiveSlot member)
    {
        lock (_gate)
        {
            _members[member.Key.Asset] = member;
            Live.Join(member.Live);
        }
    }

    /// <returns>False when that was the last member.</returns>
    public bool Leave(LiveSlot member)
    {
        lock (_gate)
        {
            _members.Remove(member.Key.Asset);
            Live.Leave(member.Key.Asset);
            return _members.Count > 0;
        }
    }

    /// <summary>Goes on with a state that was saved.</summary>
    public void Restore(LiveComposite saved)
    {
        lock (_gate)
        {
            foreach (var (_, member) in _members) saved.Join(member.Live);
            Live = saved;
            _isExplained = false;
        }
    }

    /// <summary>As <see cref="LiveComposite.TryAdvance"/>.</summary>
    public bool TryAdvance(Timeline? timeline)
    {
        lock (_gate)
        {
            if (!Live.TryAdvance(timeline)) return false;
            _isExplained = false;
            return true;
        }
    }

    /// <summary>As <see cref="LiveComposite.UseModel"/>.</summary>
    public void UseModel(ScoringModel? model)
    {
        lock (_gate)
        {
            // What the old model said is explained by the old model.
            ExplainNow();
            Live.UseModel(model);
            ExplainedLogOdds = double.NaN;
        }
    }

    public ImmutableArray<Driver> Explain()
    {
        lock (_gate)
        {
            ExplainNow();
            return _drivers;
        }
    }

    private void ExplainNow()
    {
        if (_isExplained) return;
        _drivers = [.. CompositeReason.Tell(Live.Path, Live.Scorer.Explain(), (member, reason) => _members.GetValueOrDefault(member)?.Word(reason))];
        _isExplained = true;
    }
}
