namespace ServiMon.Predict.Training.Reading;

/// <summary>Draws by hashing: the same on every machine and run, in whatever order rows and assets come.</summary>
internal static class RowDraw
{
    /// <summary>What the draws of one asset are mixed with.</summary>
    public static ulong Salt(ulong seed, string asset) => Mix(seed ^ StableHash(asset));

    /// <summary>From 0 up to, but not including, 1.</summary>
    public static double Uniform(ulong salt, long key) => (Mix(salt + (ulong)key) >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// Systematic sampling (Madow and Madow 1944): of numbers 0, 1, 2, … every one has the same probability to be chosen, and any run of n has n
    /// times the share of them, to less than one.
    /// </summary>
    /// <param name="start">From 0 up to, but not including, 1.</param>
    public static bool IsChosen(double start, double share, long number) =>
        Math.Floor(start + (number + 1) * share) > Math.Floor(start + number * share);

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>FNV-1a over the characters.</summary>
    private static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
