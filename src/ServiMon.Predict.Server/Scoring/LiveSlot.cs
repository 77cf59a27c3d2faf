using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>A partition of a topic.</summary>
public readonly record struct SourcePartition(string Topic, int Partition);

/// <summary>The place of one asset in a <see cref="LiveFleet"/>. Lives until the asset is retired or its partition goes elsewhere.</summary>
internal sealed class LiveSlot(AssetKey key, LiveAsset live, SourcePartition home)
{
    public AssetKey Key { get; } = key;

    public LiveAsset Live { get; set; } = live;

    /// <summary>The partition that brought the asset's first sample: its state goes where that goes.</summary>
    public SourcePartition Home { get; } = home;

    /// <summary>Series that were told apart so far.</summary>
    public int SeriesCount { get; set; }

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
}

/// <summary>Where a series leads: the metric of an asset, or why it leads nowhere.</summary>
internal readonly record struct SeriesTarget(LiveSlot? Slot, int Metric, Ingest.DropReason Drop);
