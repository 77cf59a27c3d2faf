using System.Collections.Immutable;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>A partition of a topic.</summary>
public readonly record struct SourcePartition(string Topic, int Partition);

/// <summary>The place of one asset in a <see cref="LiveFleet"/>. Lives until the asset is retired or its partition goes elsewhere.</summary>
/// <remarks>For the thread that scores, but for <see cref="Explain"/>.</remarks>
internal sealed class LiveSlot(AssetKey key, LiveAsset live, SourcePartition home) : IExplains
{
    private readonly Lock _gate = new();
    private ImmutableArray<Driver> _drivers = [];
    private bool _isExplained;

    public AssetKey Key { get; } = key;

    /// <summary>To be changed by <see cref="TryAdvance"/> and <see cref="UseModel"/> only, where it changes what is said.</summary>
    public LiveAsset Live { get; } = live;

    /// <summary>Log-odds at the longest horizon when the log was last given reasons; NaN before.</summary>
    public double ExplainedLogOdds { get; set; } = double.NaN;

    /// <summary>The partition that brought the asset's first sample: its state goes where that goes.</summary>
    public SourcePartition Home { get; } = home;

    /// <summary>The composites that it is a member of, the nearest first.</summary>
    public IReadOnlyList<CompositeSlot> Composites { get; set; } = [];

    /// <summary>Series that were told apart so far.</summary>
    public int SeriesCount { get; set; }

    /// <summary>True when samples came from another partition too.</summary>
    public bool IsScattered { get; set; }

    /// <summary>True when samples came since the state was last saved.</summary>
    public bool IsChanged { get; set; }

    /// <summary>True when the board shows it as stale.</summary>
    public bool IsStale { get; set; }

    /// <summary>UTC ticks of the service's clock when its newest samples came, and what they may be ahead.</summary>
    public long HeardTicks { get; set; }

    /// <summary>The time until which its steps are to be closed with the next save, or null.</summary>
    public long? CloseUntil { get; set; }

    /// <summary>Start of the failure that rules have seen and that was told to the store, or null.</summary>
    public long? ToldFailure { get; set; }

    /// <summary>True when it left the fleet: whoever holds it must look again.</summary>
    public bool IsGone { get; set; }

    /// <summary>What takes values of its steps.</summary>
    public RecentDistributions? Recent { get; set; }

    /// <summary>As <see cref="LiveAsset.TryAdvance"/>.</summary>
    public bool TryAdvance(Timeline? timeline)
    {
        lock (_gate)
        {
            if (!Live.TryAdvance(timeline, recent: Recent)) return false;
            _isExplained = false;
            return true;
        }
    }

    /// <summary>As <see cref="LiveAsset.UseModel"/>.</summary>
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

    /// <summary>As <see cref="LiveAsset.Word"/>. From any thread.</summary>
    public Driver? Word(CompositeReason reason)
    {
        lock (_gate) return Live.Word(reason);
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
        _drivers = [.. Live.Explain()];
        _isExplained = true;
    }
}

/// <summary>Where a series leads: the metric of an asset, or why it leads nowhere.</summary>
internal readonly record struct SeriesTarget(LiveSlot? Slot, int Metric, Ingest.DropReason Drop);
