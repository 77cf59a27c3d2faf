namespace ServiMon.Predict.Evidence;

/// <summary>
/// How unusual each functional group is: the mean of the two largest deviations from the asset's own baseline among the group's
/// metrics; and over all, the root mean square of the groups. A group tells of trouble only when two of its metrics agree.
/// </summary>
internal static class AnomalyLevel
{
    /// <summary>Deviations are clipped to this many spreads here, so that one wild metric cannot drown the others.</summary>
    private const float Cap = 10;

    public static void Write(EvidenceModel model, LaneState state)
    {
        var deviation = state.Row(LaneRow.BaselineDeviation);
        var weight = state.Row(LaneRow.WeightFast);
        var levels = state.Row(LaneRow.Current)[model.GroupStart..];
        var groups = model.LanesByGroup.AsSpan();
        float sum = 0;
        var known = 0;
        for (var g = 0; g < groups.Length; g++)
        {
            var top = default(TopTwo);
            foreach (var lane in groups[g])
                if (weight[lane] != 0) top.Add(float.MinNative(MathF.Abs(deviation[lane]), Cap));
            levels[g] = top.Mean;
            if (float.IsNaN(top.Mean)) continue;
            sum += top.Mean * top.Mean;
            known++;
        }
        levels[groups.Length] = known == 0 ? float.NaN : MathF.Sqrt(sum / known);
    }
}
