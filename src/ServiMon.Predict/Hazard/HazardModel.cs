using System.Collections.Immutable;

namespace ServiMon.Predict.Hazard;

/// <summary>
/// Discrete-time survival over the buckets (0, h1], (h1, h2], ... between the horizons: F(h_j) = 1 - product over i &lt;= j of
/// (1 - hazard_i), so that F never falls with the horizon (Singer and Willett, 1993, "It's about time", equation 2).
/// </summary>
public sealed class HazardModel
{
    // Above this many columns the occluded copy of the evidence comes from the array pool instead of the stack (4 KB).
    private const int StackColumns = 1024;

    /// <param name="horizons">Ascending.</param>
    /// <param name="buckets">One for each horizon: the bucket that ends there.</param>
    /// <param name="columnGroup">For each evidence column the index of its functional group in <paramref name="groups"/>.</param>
    /// <exception cref="ArgumentException">When these do not fit together.</exception>
    public HazardModel(
        ImmutableArray<TimeSpan> horizons, ImmutableArray<BucketHazard> buckets, ImmutableArray<string> groups, ImmutableArray<int> columnGroup)
    {
        if (horizons.Length == 0 || horizons.Length != buckets.Length)
            throw new ArgumentException($"{horizons.Length} horizons and {buckets.Length} buckets, expected as many and at least one");
        for (var j = 0; j < horizons.Length; j++)
        {
            var bucket = buckets[j];
            if (horizons[j] <= (j == 0 ? TimeSpan.Zero : horizons[j - 1]))
                throw new ArgumentException($"horizon {j} is {horizons[j]}, expected ascending and above zero");
            if (!(bucket.Base is > 0 and < 1)) throw new ArgumentException($"bucket {j} has base hazard {bucket.Base}, expected between 0 and 1");
            if (!(bucket.LearnedWeight is >= 0 and <= 1))
                throw new ArgumentException($"bucket {j} has learned weight {bucket.LearnedWeight}, expected 0 to 1");
            if (bucket.Components.Length > 0 && bucket.Calibration is null) throw new ArgumentException($"bucket {j} has no calibration");
            if (bucket.Width > columnGroup.Length)
                throw new ArgumentException($"bucket {j} reads {bucket.Width} columns, the evidence has {columnGroup.Length}");
        }
        foreach (var group in columnGroup)
            if (group < 0 || group >= groups.Length) throw new ArgumentException($"a column belongs to group {group}, expected 0 to {groups.Length - 1}");
        (Horizons, Buckets, Groups, ColumnGroup) = (horizons, buckets, groups, columnGroup);
        Basis = buckets.Max(b => b.Basis);
    }

    public ImmutableArray<TimeSpan> Horizons { get; }

    public ImmutableArray<BucketHazard> Buckets { get; }

    /// <summary>The functional groups, in the order of the shares of <see cref="GroupContributions"/>.</summary>
    public ImmutableArray<string> Groups { get; }

    public ImmutableArray<int> ColumnGroup { get; }

    /// <summary>Entries of the evidence vector.</summary>
    public int Width => ColumnGroup.Length;

    /// <summary>What the model rests on: the most that one of its buckets does.</summary>
    public PredictionBasis Basis { get; }

    /// <summary>The probability of failing within each horizon before any evidence is seen.</summary>
    public void PredictBase(Span<double> probabilities)
    {
        CheckOutput(probabilities);
        var survival = 1.0;
        for (var j = 0; j < Buckets.Length; j++)
        {
            survival *= 1 - Buckets[j].Base;
            probabilities[j] = LogOdds.Clip(1 - survival);
        }
    }

    /// <summary>The probability of failing within each horizon. Pure; allocates nothing.</summary>
    /// <param name="evidence"><see cref="Width"/> entries, NaN for missing.</param>
    /// <param name="probabilities">One for each horizon: non-decreasing, in [<see cref="LogOdds.Margin"/>, 1 - <see cref="LogOdds.Margin"/>].</param>
    public void Predict(ReadOnlySpan<float> evidence, Span<double> probabilities)
    {
        CheckEvidence(evidence, nameof(evidence));
        CheckOutput(probabilities);
        var survival = 1.0;
        for (var j = 0; j < Buckets.Length; j++)
        {
            survival *= 1 - Buckets[j].Hazard(evidence);
            probabilities[j] = LogOdds.Clip(1 - survival);
        }
    }

    /// <summary>Which functional groups raise the risk: <see cref="Contributions"/> of <see cref="Groups"/>.</summary>
    /// <param name="shares">One for each of <see cref="Groups"/>.</param>
    public void GroupContributions(ReadOnlySpan<float> evidence, ReadOnlySpan<float> neutral, Span<double> shares)
    {
        if (shares.Length != Groups.Length) throw new ArgumentException($"{shares.Length} shares, expected {Groups.Length} groups", nameof(shares));
        Contributions(evidence, neutral, ColumnGroup.AsSpan(), shares);
    }

    /// <summary>
    /// Which parts of the evidence raise the risk: the fall of the log-odds of F at the last horizon when a part's columns are replaced by the
    /// neutral values (occlusion), if it falls, divided by the sum over parts.
    /// </summary>
    /// <param name="evidence"><see cref="Width"/> entries.</param>
    /// <param name="neutral"><see cref="Width"/> entries: the median of healthy training rows.</param>
    /// <param name="partOf"><see cref="Width"/> entries: the part that each column belongs to, an index of <paramref name="shares"/>.</param>
    /// <param name="shares">One for each part; they sum to 1, or are all 0 when no part raises the risk.</param>
    public void Contributions(ReadOnlySpan<float> evidence, ReadOnlySpan<float> neutral, ReadOnlySpan<int> partOf, Span<double> shares)
    {
        CheckEvidence(evidence, nameof(evidence));
        CheckEvidence(neutral, nameof(neutral));
        if (partOf.Length != Width) throw new ArgumentException($"{partOf.Length} parts of columns, expected {Width}", nameof(partOf));
        float[]? rented = null;
        var occluded = Width <= StackColumns
            ? stackalloc float[Width]
            : (rented = System.Buffers.ArrayPool<float>.Shared.Rent(Width)).AsSpan(0, Width);
        var full = FinalLogOdds(evidence);
        var total = 0.0;
        for (var g = 0; g < shares.Length; g++)
        {
            var isSame = true;
            for (var c = 0; c < Width; c++)
            {
                occluded[c] = partOf[c] == g ? neutral[c] : evidence[c];
                isSame &= occluded[c].Equals(evidence[c]);
            }
            shares[g] = isSame ? 0 : Math.Max(0, full - FinalLogOdds(occluded));
            total += shares[g];
        }
        for (var g = 0; g < shares.Length; g++) shares[g] = total > 0 ? shares[g] / total : 0;
        if (rented is not null) System.Buffers.ArrayPool<float>.Shared.Return(rented);
    }

    private double FinalLogOdds(ReadOnlySpan<float> evidence)
    {
        var survival = 1.0;
        foreach (var bucket in Buckets) survival *= 1 - bucket.Hazard(evidence);
        return LogOdds.Of(1 - survival);
    }

    private void CheckEvidence(ReadOnlySpan<float> evidence, string name)
    {
        if (evidence.Length != Width) throw new ArgumentException($"{evidence.Length} entries of evidence, expected {Width}", name);
    }

    private void CheckOutput(ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != Horizons.Length)
            throw new ArgumentException($"{probabilities.Length} probabilities, expected {Horizons.Length} horizons", nameof(probabilities));
    }
}
