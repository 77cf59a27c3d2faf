using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Lanes;

/// <summary>Vectors of few lanes side by side in one, and back.</summary>
internal static class SideBySide
{
    /// <param name="a">Of up to four lanes, as are the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Four<TVector>(TVector a, TVector b, TVector c, TVector d) where TVector : struct, ILaneVector<TVector> =>
        new(Vector512.Create(Vector256.Create(Narrow(a), Narrow(b)), Vector256.Create(Narrow(c), Narrow(d))));

    /// <summary>One of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OfFour<TVector>(Floats16 all, int which) where TVector : struct, ILaneVector<TVector>
    {
        var two = which < 2 ? all.Value.GetLower() : all.Value.GetUpper();
        return Unsafe.BitCast<Floats4, TVector>(new(which % 2 == 0 ? two.GetLower() : two.GetUpper()));
    }

    /// <param name="a">Of up to eight lanes, as is the other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Floats16 Two<TVector>(TVector a, TVector b) where TVector : struct, ILaneVector<TVector> =>
        new(Wide(a).WithUpper(Wide(b).GetLower()));

    /// <summary>One of the two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OfTwo<TVector>(Floats16 all, int which) where TVector : struct, ILaneVector<TVector> =>
        Unsafe.BitCast<Floats16, TVector>(new((which == 0 ? all.Value.GetLower() : all.Value.GetUpper()).ToVector512()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Narrow<TVector>(TVector few) where TVector : struct, ILaneVector<TVector> => Unsafe.BitCast<TVector, Floats4>(few).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide<TVector>(TVector few) where TVector : struct, ILaneVector<TVector> => Unsafe.BitCast<TVector, Floats16>(few).Value;
}
