using System.Collections.Immutable;

namespace ServiMon.Predict.Evidence;

/// <summary>How far a column of evidence can be shared.</summary>
public enum EvidencePart
{
    /// <summary>
    /// Universal, and a mechanism of failing by itself: room to the limits and the pace toward them, probes, pauses, missing metrics. A linear
    /// model over these alone is the best start with few failures.
    /// </summary>
    Mechanism,

    /// <summary>Means the same for every kind of asset: fleets can be pooled over it.</summary>
    Universal,

    /// <summary>One functional group of one profile.</summary>
    Group,

    /// <summary>One metric of one profile.</summary>
    Metric,
}

/// <summary>One column of evidence.</summary>
/// <param name="Name">Unique in the layout, stable between versions of a profile: part of the bundle.</param>
/// <param name="Group">The functional group it counts for when a prediction is explained.</param>
/// <param name="Metric">The metric's lane for <see cref="EvidencePart.Metric"/>, else -1.</param>
public sealed record EvidenceColumn(string Name, EvidencePart Part, string Group, int Metric);

/// <summary>
/// The fixed layout of one profile's evidence vector: mechanisms and the other universal columns first (the same in every layout), then groups, then metrics.
/// </summary>
public sealed class EvidenceLayout(ImmutableArray<EvidenceColumn> columns)
{
    public ImmutableArray<EvidenceColumn> Columns { get; } = columns;

    /// <summary>Entries of the evidence vector.</summary>
    public int Width => Columns.Length;

    /// <summary>The universal part is columns 0 to this, exclusive.</summary>
    public int UniversalCount { get; } = columns.Count(c => c.Part is EvidencePart.Mechanism or EvidencePart.Universal);

    /// <summary>The mechanisms are columns 0 to this, exclusive.</summary>
    public int MechanismCount { get; } = columns.Count(c => c.Part == EvidencePart.Mechanism);
}
