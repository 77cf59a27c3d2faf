using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>A partition of a topic.</summary>
public readonly record struct SourcePartition(string Topic, int Partition);

/// <summary>The place of one asset in a <see cref="LiveFleet"/>. Lives until the asset is retired or its partition goes elsewhere.</summary>
internal sealed class LiveSlot(AssetKey key, LiveAsset live, SourcePartition home) : FleetSlot(key)
{
    /// <summary>To be changed by <see cref="FleetSlot.TryAdvance"/> and <see cref="FleetSlot.UseModel"/> only, where it changes what is said.</summary>
    public LiveAsset Live { get; } = live;

    /// <summary>The partition that brought the asset's first sample: its state goes where that goes.</summary>
    public SourcePartition Home { get; } = home;

    /// <summary>The composites that it is a member of, the nearest first.</summary>
    public IReadOnlyList<CompositeSlot> Composites { get; set; } = [];

    /// <summary>Series that were told apart so far.</summary>
    public int SeriesCount { get; set; }

    /// <summary>True when samples came from another partition too.</summary>
    public bool IsScattered { get; set; }

    /// <summary>UTC ticks of the service's clock when its newest samples came, and what they may be ahead.</summary>
    public long HeardTicks { get; set; }

    /// <summary>Start of the failure that rules have seen and that was told to the store, or null.</summary>
    public long? ToldFailure { get; set; }

    /// <summary>True when it left the fleet: whoever holds it must look again.</summary>
    public bool IsGone { get; set; }

    /// <summary>What takes values of its steps.</summary>
    public RecentDistributions? Recent { get; set; }

    public override SourcePartition? SavedWith => Home;

    public override long Ticks => Live.Ticks;

    public override PredictionState State => Live.State;

    public override PredictionBasis Basis => Live.Basis;

    public override ReadOnlySpan<double> Probability => Live.Probability;

    public override ReadOnlySpan<float> Evidence => Live.Evidence;

    public override double LongestBaseProbability(LiveProfile profile) => profile.LongestBaseProbability;

    public override void Save(StateWriter writer) => Live.Save(writer);

    /// <summary>As <see cref="LiveAsset.Word"/>. From any thread.</summary>
    public Driver? Word(CompositeReason reason)
    {
        lock (Gate) return Live.Word(reason);
    }

    private protected override bool Advance(Timeline? timeline) => Live.TryAdvance(timeline, recent: Recent);

    private protected override void Exchange(ScoringModel? model) => Live.UseModel(model);

    private protected override void CloseSteps(long ticks) => Live.CloseUntil(ticks);

    private protected override IEnumerable<Driver> Reasons() => Live.Explain();
}

/// <summary>Where a series leads: the metric of an asset, or why it leads nowhere.</summary>
internal readonly record struct SeriesTarget(LiveSlot? Slot, int Metric, Ingest.DropReason Drop);
