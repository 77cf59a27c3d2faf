using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Detection;

/// <summary>Signals about a metric's samples rather than its values, after its last step.</summary>
/// <param name="UnchangedSteps">Values in a row, up to the last one, that equal their predecessor.</param>
/// <param name="LongestUnchanged">The longest such run that ended before: a series that often stands still is not stuck when it does.</param>
/// <param name="MissingRun">Steps in a row without a value, up to the last one.</param>
/// <param name="MissingShare">Exponentially weighted share of steps without a value, half-life 60 steps.</param>
/// <param name="DriftUp">Cumulative sum of the block means upwards, in their deviations, 0 to 100.</param>
/// <param name="DriftDown">Likewise downwards.</param>
/// <param name="DriftBar">The sum from which on it is a drift: 8, or twice the highest one that the metric has come back from.</param>
public readonly record struct LaneHealth(
    float UnchangedSteps, float LongestUnchanged, float MissingRun, float MissingShare, float DriftUp, float DriftDown, float DriftBar)
{
    /// <summary>Runs shorter than this are never called stuck.</summary>
    private const float LeastStuck = 16;

    /// <summary>How much longer than any before a run must be.</summary>
    private const float StuckFactor = 4;

    private static readonly float ShareRate = (float)(1 - Math.Pow(2, -1.0 / 60));

    /// <summary>The metric repeats one value for far longer than it ever did.</summary>
    public bool IsStuck => UnchangedSteps >= LeastStuck && UnchangedSteps > StuckFactor * LongestUnchanged;

    /// <summary>The metric's level has moved slowly away from its past.</summary>
    public bool IsDrifting => Math.Max(DriftUp, DriftDown) >= DriftBar;

    internal static LaneHealth Of(in Lane lane) => new(
        lane[DetectorRow.UnchangedSteps], lane[DetectorRow.LongestUnchanged], lane[DetectorRow.MissingRun],
        lane[DetectorRow.MissingShare], lane[DetectorRow.DriftUp], lane[DetectorRow.DriftDown], DriftStatistic.Bar(lane));

    /// <summary>Takes the values of a block of lanes, before they are learned; NaN for missing.</summary>
    internal static void Advance<TWidth, TVector>(LaneBlock<TWidth, TVector> rows, TVector x)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        var one = TVector.One;
        var present = TVector.Equals(x, x);
        var seen = TVector.GreaterThan(rows[DetectorRow.Count], TVector.Zero);
        var same = present & seen & TVector.Equals(x, rows[DetectorRow.Last]);
        var run = rows[DetectorRow.UnchangedSteps];
        var longest = rows[DetectorRow.LongestUnchanged];
        var ends = TVector.AndNot(present, same);
        rows.Keep(DetectorRow.LongestUnchanged, ends, TVector.MaxNative(longest, run), longest);
        run = TVector.ConditionalSelect(same, run + one, run);
        rows[DetectorRow.UnchangedSteps] = TVector.AndNot(run, ends);
        var unchanged = rows[DetectorRow.UnchangedShare];
        rows.Keep(DetectorRow.UnchangedShare, present, unchanged + ShareRate * ((same & one) - unchanged), unchanged);
        rows[DetectorRow.MissingRun] = TVector.AndNot(rows[DetectorRow.MissingRun] + one, present);
        var share = rows[DetectorRow.MissingShare];
        rows[DetectorRow.MissingShare] = share + ShareRate * (TVector.AndNot(one, present) - share);
    }
}
