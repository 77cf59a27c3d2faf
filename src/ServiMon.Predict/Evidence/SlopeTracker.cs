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

    /// <summary>Doubles of state for each lane.</summary>
    public const int StateSize = SumCount * HalfLifeCount;

    /// <summary>Room that is always left: a resource that is full runs out in a hundredth of the time it took to fill.</summary>
    private const float LeastRoom = 0.01f;

    public static void Advance(EvidenceModel model, LaneState state)
    {
        var current = state.Row(LaneRow.Current).Slice(model.LimitStart, model.Limits.Length);
        for (var lane = 0; lane < current.Length; lane++)
            for (var h = 0; h < HalfLifeCount; h++)
            {
                var sums = state.Slopes.AsSpan(lane * StateSize + h * SumCount, SumCount);
                var keep = 1.0 - Rate(model, h);
                var (w, t, x, tt, tx) = (sums[0], sums[1], sums[2], sums[3], sums[4]);
                sums[0] = keep * w;
                sums[1] = keep * (t - w);
                sums[2] = keep * x;
                sums[3] = keep * (tt - 2 * t + w);
                sums[4] = keep * (tx - x);
                if (float.IsNaN(current[lane])) continue;
                sums[0] += 1;
                sums[2] += current[lane];
            }
    }

    /// <summary>One over the steps until the lane reaches its limit at its present slope; 0 when moving away from it, NaN when never seen.</summary>
    public static float Pace(EvidenceModel model, LaneState state, int lane, int halfLife)
    {
        var sums = state.Slopes.AsSpan(lane * StateSize + halfLife * SumCount, SumCount);
        if (sums[0] == 0) return float.NaN;
        var slope = (sums[0] * sums[4] - sums[1] * sums[2]) / (sums[0] * sums[3] - sums[1] * sums[1] + sums[0] * sums[0]);
        var room = MathF.Max(1 - state.Row(LaneRow.Last)[model.LimitStart + lane], LeastRoom);
        return MathF.Max((float)slope, 0) / room;
    }

    private static float Rate(EvidenceModel model, int halfLife) => halfLife switch
    {
        0 => model.Rates.Fast,
        1 => model.Rates.Middle,
        _ => model.Rates.Slow,
    };
}
