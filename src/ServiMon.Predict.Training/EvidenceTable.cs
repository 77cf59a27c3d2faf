using ServiMon.Predict.Evidence;
using ServiMon.Predict.Training.Reading;

namespace ServiMon.Predict.Training;

/// <summary>
/// Evidence of one fleet with what followed, one row for each asset-step that may be trained on (never a row inside an incident,
/// in maintenance or in warm-up). Missing evidence is NaN.
/// </summary>
public sealed record EvidenceTable
{
    /// <summary>Columns of <see cref="Values"/>: the width of the layout.</summary>
    public required int Width { get; init; }

    /// <summary>Rows x <see cref="Width"/>, row-major.</summary>
    public required float[] Values { get; init; }

    /// <summary>The asset of each row, 0 to <see cref="AssetCount"/>: rows of one asset never stand on both sides of a split.</summary>
    public required int[] Asset { get; init; }

    public required int AssetCount { get; init; }

    /// <summary>UTC ticks (100 ns) of each row.</summary>
    public required long[] Ticks { get; init; }

    /// <summary>Seconds to the start of the asset's next incident, +Infinity when none is known.</summary>
    public required double[] SecondsToIncident { get; init; }

    /// <summary>Seconds for which the outcome after the row is known; +Infinity when the asset's data end in an incident.</summary>
    /// <remarks>A row counts for horizon h only if this is at least h, for positives and negatives alike.</remarks>
    public required double[] SecondsObserved { get; init; }

    /// <summary>The incident that follows, 0 to <see cref="IncidentCount"/>, or -1.</summary>
    public required int[] Incident { get; init; }

    public required int IncidentCount { get; init; }

    /// <summary>Inverse of the probability with which the row was sampled, at least 1.</summary>
    public required float[] Weight { get; init; }

    /// <summary>True for a pooled table whose assets are numbered as those of the own one: its rows are never trained on where their asset is tested.</summary>
    public bool SharesAssets { get; init; }

    /// <summary>Of composites: the number in <see cref="Asset"/> by path; null for a table of assets.</summary>
    internal IReadOnlyDictionary<string, int>? Groups { get; init; }

    /// <summary>What it was read from; null for a table made otherwise.</summary>
    public ReadingReport? Reading { get; init; }

    /// <summary>How the metrics' values are distributed over the fleet's healthy steps; null for a table made otherwise.</summary>
    public MetricDistributions? Distributions { get; init; }

    public int Count => Asset.Length;

    public ReadOnlySpan<float> Row(int index) => Values.AsSpan(index * Width, Width);
}
