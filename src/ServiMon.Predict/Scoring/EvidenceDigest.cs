namespace ServiMon.Predict.Scoring;

/// <summary>Tells whether two evidence vectors are the same to the bit: what a logged prediction keeps of its evidence.</summary>
public static class EvidenceDigest
{
    /// <summary>FNV-1a (Fowler, Noll, Vo 1991; 64 bits) over the entries as 32-bit words; every NaN counts as the same one.</summary>
    public static ulong Of(ReadOnlySpan<float> evidence)
    {
        const ulong offset = 0xcbf29ce484222325, prime = 0x100000001b3;
        var hash = offset;
        foreach (var value in evidence)
            hash = (hash ^ BitConverter.SingleToUInt32Bits(float.IsNaN(value) ? float.NaN : value)) * prime;
        return hash;
    }
}
