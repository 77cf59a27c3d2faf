using System.Runtime.Intrinsics;

namespace ServiMon.Predict.Detection;

/// <summary>Signals about a metric's samples rather than its values, after its last step.</summary>
/// <param name="UnchangedSteps">Values in a row, up to the last one, that equal their predecessor.</param>
/// <param name="LongestUnchanged">The longest such run that ended before: a series that often stands still is not stuck when it does.</param>
/// <param name="MissingRun">Steps in a row without a value, up to the last one.</param>
/// <param name="MissingShare">Exponentially weighted share of steps without a value, half-life 60 steps.</param>
/// <param name="DriftUp">Cumulative sum of the block means upwards, in their deviations, 0 to 100; 8 and above is a drift.</param>
/// <param name="DriftDown">Likewise downwards.</param>
public readonly record struct LaneHealth(
    float UnchangedSteps, float LongestUnchanged, float MissingRun, float MissingShare, float DriftUp, float DriftDown)
{
    /// <summary>Runs shorter than this are never called stuck.</summary>
    private const float LeastStuck = 16;

    /// <summary>How much longer than any before a run must be.</summary>
    private const float StuckFactor = 4;

    private const float DriftBar = 8;

    private static readonly float ShareRate = (float)(1 - Math.Pow(2, -1.0 / 60));

    /// <summary>The metric repeats one value for far longer than it ever did.</summary>
    public bool IsStuck => UnchangedSteps >= LeastStuck && UnchangedSteps > StuckFactor * LongestUnchanged;

    /// <summary>The metric's level has moved slowly away from its past.</summary>
    public bool IsDrifting => Math.Max(DriftUp, DriftDown) >= DriftBar;

    internal static LaneHealth Of(DetectorState state, int lane) => new(
        state[DetectorRow.UnchangedSteps, lane], state[DetectorRow.LongestUnchanged, lane], state[DetectorRow.MissingRun, lane],
        state[DetectorRow.MissingShare, lane], state[DetectorRow.DriftUp, lane], state[DetectorRow.DriftDown, lane]);

    /// <summary>Takes four lanes' values, before they are learned; NaN for missing.</summary>
    internal static void Advance(DetectorState state, int lane, Vector128<float> x)
    {
        var one = Vector128<float>.One;
        var present = Vector128.Equals(x, x);
        var seen = Vector128.GreaterThan(state.Load(DetectorRow.Count, lane), Vector128<float>.Zero);
        var same = present & seen & Vector128.Equals(x, state.Load(DetectorRow.Last, lane));
        var run = state.Load(DetectorRow.UnchangedSteps, lane);
        var longest = state.Load(DetectorRow.LongestUnchanged, lane);
        var ends = Vector128.AndNot(present, same);
        state.Store(DetectorRow.LongestUnchanged, lane, Vector128.ConditionalSelect(ends, Vector128.Max(longest, run), longest));
        run = Vector128.ConditionalSelect(same, run + one, run);
        state.Store(DetectorRow.UnchangedSteps, lane, Vector128.AndNot(run, ends));
        var unchanged = state.Load(DetectorRow.UnchangedShare, lane);
        state.Store(DetectorRow.UnchangedShare, lane, Vector128.ConditionalSelect(present, unchanged + ShareRate * ((same & one) - unchanged), unchanged));
        state.Store(DetectorRow.MissingRun, lane, Vector128.AndNot(state.Load(DetectorRow.MissingRun, lane) + one, present));
        var share = state.Load(DetectorRow.MissingShare, lane);
        state.Store(DetectorRow.MissingShare, lane, share + ShareRate * (Vector128.AndNot(one, present) - share));
    }
}
