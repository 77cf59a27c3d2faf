namespace ServiMon.Predict.Evidence;

/// <summary>What is known of an asset's lanes at the present step alone: from the frame until the evidence is written.</summary>
internal readonly ref struct LaneScratch
{
    public LaneScratch(EvidenceModel model, Span<float> memory)
    {
        var tracked = model.TrackedCount;
        Current = memory[..model.Lanes.LaneCount];
        memory = memory[Current.Length..];
        Offset = memory[..model.MetricLanes.Length];
        memory = memory[Offset.Length..];
        Spike = memory[..tracked];
        BaselineDeviation = memory.Slice(tracked, tracked);
    }

    /// <summary>For each lane the current value, centred; NaN when missing.</summary>
    public Span<float> Current { get; }

    /// <summary>For each metric's lane its centre in single precision: what evidence adds to a centred value.</summary>
    public Span<float> Offset { get; }

    /// <summary>For each tracked metric the deviation of the newest value from the slow mean in units of its spread.</summary>
    public Span<float> Spike { get; }

    /// <summary>For each tracked metric the deviation of the fast mean from the baseline in units of the baseline's spread; NaN for one never seen.</summary>
    public Span<float> BaselineDeviation { get; }

    public static int SizeOf(EvidenceModel model) => model.Lanes.LaneCount + model.MetricLanes.Length + 2 * model.TrackedCount;
}
