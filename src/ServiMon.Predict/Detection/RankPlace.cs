using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>Where deviations lie in the histograms of <see cref="RankBins"/>, and what p-value they have by that.</summary>
/// <param name="Position">Half octaves, from where the histogram begins.</param>
/// <param name="Bin">The bin, 0 for a deviation of 0.</param>
/// <param name="Above">Lanes whose deviation is above 0.</param>
/// <param name="Most">The last bin.</param>
internal readonly record struct RankPlace<TVector>(TVector Position, TVector Bin, TVector Above, TVector Most) where TVector : struct, ILaneVector<TVector>
{
    /// <summary>Places deviations, 0 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RankPlace<TVector> Of(TVector deviation, TVector offset, TVector most)
    {
        var above = TVector.GreaterThan(deviation, TVector.Zero);
        var position = RankBins.BinsPerOctave * TVector.Log2(deviation) + offset;
        return new(position, above & TVector.MinNative(TVector.MaxNative(TVector.Floor(position), TVector.One), most), above, most);
    }

    /// <summary>log2 of the p-values, 0 or less; and the lanes beyond everything seen, bit by bit.</summary>
    /// <param name="at">How many lay in the bin or above; where the bin is 0, all did.</param>
    /// <param name="next">How many lay above the bin.</param>
    /// <param name="seen">How many there were.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (TVector Log, uint Beyond) LogP(TVector at, TVector next, TVector present, TVector seen)
    {
        var one = TVector.One;
        at = TVector.ConditionalSelect(Above, at, seen);
        var between = Above & TVector.LessThan(Bin, Most);
        var share = TVector.ConditionalSelect(
            between, one - TVector.MinNative(TVector.MaxNative(Position - Bin, TVector.Zero), one), TVector.Create(0.5f));
        var own = TVector.Create(RankBins.OwnCount);
        var p = (next + share * (at - next) + own) / (seen + TVector.Create(0.5f) + own);
        var log = TVector.Log2(TVector.MinNative(p, one));
        var ranked = present & TVector.GreaterThanOrEqual(seen, TVector.Create(RankBins.WarmUpCount));
        return (ranked & log, (ranked & Above & TVector.Equals(at, TVector.Zero)).ExtractMostSignificantBits());
    }
}
