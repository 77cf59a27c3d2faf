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

    internal static LaneHealth Of(in Lane lane) => new(
        lane[DetectorRow.UnchangedSteps], lane[DetectorRow.LongestUnchanged], lane[DetectorRow.MissingRun],
        lane[DetectorRow.MissingShare], lane[DetectorRow.DriftUp], lane[DetectorRow.DriftDown]);

    /// <summary>Takes the values of a block of lanes, before they are learned; NaN for missing.</summary>
    internal static void Advance<TWidth>(LaneBlock<TWidth> rows, Vector512<float> x) where TWidth : struct, ILaneWidth
    {
        var one = Vector512<float>.One;
        var present = Vector512.Equals(x, x);
        var seen = Vector512.GreaterThan(rows[DetectorRow.Count], Vector512<float>.Zero);
        var same = present & seen & Vector512.Equals(x, rows[DetectorRow.Last]);
        var run = rows[DetectorRow.UnchangedSteps];
        var longest = rows[DetectorRow.LongestUnchanged];
        var ends = Vector512.AndNot(present, same);
        rows.Keep(DetectorRow.LongestUnchanged, ends, Vector512.MaxNative(longest, run), longest);
        run = Vector512.ConditionalSelect(same, run + one, run);
        rows[DetectorRow.UnchangedSteps] = Vector512.AndNot(run, ends);
        var unchanged = rows[DetectorRow.UnchangedShare];
        rows.Keep(DetectorRow.UnchangedShare, present, unchanged + ShareRate * ((same & one) - unchanged), unchanged);
        rows[DetectorRow.MissingRun] = Vector512.AndNot(rows[DetectorRow.MissingRun] + one, present);
        var share = rows[DetectorRow.MissingShare];
        rows[DetectorRow.MissingShare] = share + ShareRate * (Vector512.AndNot(one, present) - share);
    }
}
