using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// Exponentially weighted least-squares slopes of the used / limit lanes at the three half-lives, and how fast each resource runs out.
/// </summary>
/// <remarks>
/// The time origin moves with the newest step, so the sums never grow. A ridge of one squared unit of weight keeps the slope of a few
/// values near zero. A missing value ages the sums and adds nothing.
/// </remarks>
internal static class SlopeTracker
{
    private const int SumCount = 5;

    /// <summary>Half-lives tracked: fast, middle, slow.</summary>
    public const int HalfLifeCount = 3;

    /// <summary>Doubles of state for each lane: a vector for each sum, whose last entry is not used.</summary>
    public const int StateSize = SumCount * (HalfLifeCount + 1);

    /// <summary>Room that is always left: a resource that is full runs out in a hundredth of the time it took to fill.</summary>
    private const float LeastRoom = 0.01f;

    public static void Advance(EvidenceModel model, LaneState state, in LaneScratch scratch)
    {
        var current = scratch.Current.Slice(model.LimitStart, model.Limits.Length);
        var all = MemoryMarshal.Cast<double, Vector256<double>>(state.Slopes);
        var keep = model.SlopeKeep;
        for (var lane = 0; lane < current.Length; lane++)
        {
            var sums = all.Slice(lane * SumCount, SumCount);
            var (w, t, x, tt, tx) = (sums[0], sums[1], sums[2], sums[3], sums[4]);
            var seen = !float.IsNaN(current[lane]);
            sums[0] = keep * w + Vector256.Create(seen ? 1.0 : 0);
            sums[1] = keep * (t - w);
            sums[2] = keep * x + Vector256.Create(seen ? current[lane] : 0.0);
            sums[3] = keep * (tt - 2 * t + w);
            sums[4] = keep * (tx - x);
        }
    }

    /// <summary>
    /// One over the steps until the lane reaches its limit at its present slope, by fast, middle and slow; 0 when moving away from it,
    /// NaN when never seen. The fourth entry means nothing.
    /// </summary>
    public static Vector128<float> Pace(EvidenceModel model, LaneState state, int lane)
    {
        var sums = MemoryMarshal.Cast<double, Vector256<double>>(state.Slopes).Slice(lane * SumCount, SumCount);
        var (w, t, x, tt, tx) = (sums[0], sums[1], sums[2], sums[3], sums[4]);
        var slope = (w * tx - t * x) / (w * tt - t * t + w * w);
        slope = Vector256.ConditionalSelect(Vector256.Equals(w, Vector256<double>.Zero), Vector256.Create(double.NaN), slope);
        var room = MathF.Max(1 - state[LaneRow.Last, model.LimitStart + lane], LeastRoom);
        return Vector128.Max(Vector256.Narrow(slope, slope).GetLower(), Vector128<float>.Zero) / Vector128.Create(room);
    }
}
