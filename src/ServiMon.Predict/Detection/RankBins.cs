namespace ServiMon.Predict.Detection;

/// <summary>
/// Ranks deviations among all that a lane has seen: for each channel a histogram of 16-bit counts in half-octave bins, bin 0 for a
/// deviation of 0. Counts are halved when their number reaches 65,535, so what was learned long ago fades.
/// </summary>
/// <remarks>
/// A rank p-value cannot fall much below 1/n: that is a property of ranks. Beyond everything seen it falls on with the distance from the
/// largest, as slowly as 2^(-0.14) an octave: enough to tell records apart, too little to make a number of it.
/// </remarks>
internal static class RankBins
{
    /// <summary>Bins of each channel. Ranges are compared over 2^-7.5 to 2^3.5, deviations in their own scale over 2^-3.5 to 2^5.5.</summary>
    public static ReadOnlySpan<int> Counts => [24, 20, 20, 20];

    public static ReadOnlySpan<int> Offsets => [16, 8, 8, 8];

    public static ReadOnlySpan<int> Starts => [0, 24, 44, 64];

    public const int Total = 84;

    private const float BinsPerOctave = 2;

    /// <summary>Below this many deviations a rank says nothing, and the p-value is 1.</summary>
    private const int WarmUpCount = 20;

    /// <summary>What the new value itself counts for in its own rank.</summary>
    private const float OwnCount = 0.28f;

    private const float BeyondSlope = 0.14f;

    /// <summary>The p-value of a deviation among those before it, in (0, 1]; then learns it.</summary>
    /// <param name="ranks">All channels of a lane.</param>
    /// <param name="octaves">log2 of the deviation; -infinity for 0.</param>
    /// <param name="seen">Deviations learned before.</param>
    public static float Rank(Span<ushort> ranks, int channel, float octaves, float seen)
    {
        var counts = ranks.Slice(Starts[channel], Counts[channel]);
        var position = BinsPerOctave * octaves + Offsets[channel];
        var bin = float.IsNegativeInfinity(octaves) ? 0 : (int)Math.Clamp(MathF.Floor(position), 1, counts.Length - 1);
        var p = 1f;
        if (seen >= WarmUpCount)
        {
            var above = 0;
            foreach (var count in counts[(bin + 1)..]) above += count;
            var inside = bin > 0 && bin < counts.Length - 1 ? 1 - Math.Clamp(position - bin, 0, 1) : 0.5f;
            p = (above + inside * counts[bin] + OwnCount) / (seen + 0.5f + OwnCount);
            if (bin > 0 && above == 0 && counts[bin] == 0)
            {
                var largest = counts[..bin].LastIndexOfAnyExcept((ushort)0);
                p *= float.Exp2(-BeyondSlope * (bin - Math.Max(largest, 0)) / BinsPerOctave);
            }
        }

        counts[bin]++;
        return Math.Min(p, 1);
    }

    /// <summary>Halves all counts; returns how many deviations of each channel are left, rounding made good in bin 0.</summary>
    public static float Halve(Span<ushort> ranks, float seen)
    {
        var left = (int)seen / 2;
        for (var channel = 0; channel < Counts.Length; channel++)
        {
            var counts = ranks.Slice(Starts[channel], Counts[channel]);
            var sum = 0;
            foreach (ref var count in counts) sum += count >>= 1;
            counts[0] += (ushort)(left - sum);
        }

        return left;
    }
}
