namespace ServiMon.Predict.Evidence;

/// <summary>
/// How unusual each functional group is: the mean of the two largest deviations from the asset's own baseline among the group's
/// metrics; and over all, the root mean square of the groups. A group tells of trouble only when two of its metrics agree.
/// </summary>
internal static class AnomalyLevel
{
    /// <summary>Deviations are clipped to this many spreads here, so that one wild metric cannot drown the others.</summary>
    private const float Cap = 10;

    public static void Write(EvidenceModel model, in LaneScratch scratch)
    {
        var deviation = scratch.BaselineDeviation;
        var levels = scratch.Current;
        float sum = 0;
        var known = 0;
        foreach (ref readonly var group in model.TrackedGroups.AsSpan())
        {
            var top = default(TopTwo);
            foreach (var lane in group.Metrics)
                if (!float.IsNaN(deviation[lane])) top.Add(float.MinNative(MathF.Abs(deviation[lane]), Cap));
            levels[group.Lane] = top.Mean;
            if (float.IsNaN(top.Mean)) continue;
            sum += top.Mean * top.Mean;
            known++;
        }

        // The root mean square of one group is its level, in whose lane it stands.
        if (model.HasOverallLane) levels[model.OverallLane] = known == 0 ? float.NaN : MathF.Sqrt(sum / known);
    }
}
