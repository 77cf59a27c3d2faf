using System.Runtime.CompilerServices;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// How unusual each functional group is: the mean of the two largest deviations from the asset's own baseline among the group's
/// metrics; and over all, the root mean square of the groups. A group tells of trouble only when two of its metrics agree.
/// </summary>
internal static class AnomalyLevel
{
    private const int MostGroups = 64;

    /// <summary>Deviations are clipped to this many spreads here, so that one wild metric cannot drown the others.</summary>
    private const float Cap = 10;

    [SkipLocalsInit]
    public static void Write(EvidenceModel model, LaneState state)
    {
        var groupCount = model.Profile.Groups.Length;
        Span<TopTwo> tops = stackalloc TopTwo[MostGroups];
        tops.Clear();
        var deviation = state.Row(LaneRow.BaselineDeviation);
        var weight = state.Row(LaneRow.WeightFast);
        var groups = model.GroupOfLane.AsSpan();
        for (var lane = 0; lane < model.TrackedCount; lane++)
            if (weight[lane] != 0) tops[groups[lane]].Add(MathF.Min(MathF.Abs(deviation[lane]), Cap));

        var current = state.Row(LaneRow.Current);
        float sum = 0;
        var known = 0;
        for (var g = 0; g < groupCount; g++)
        {
            var level = tops[g].Mean;
            current[model.GroupStart + g] = level;
            if (float.IsNaN(level)) continue;
            sum += level * level;
            known++;
        }
        current[model.OverallLane] = known == 0 ? float.NaN : MathF.Sqrt(sum / known);
    }
}
