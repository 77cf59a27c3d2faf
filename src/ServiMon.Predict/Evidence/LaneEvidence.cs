namespace ServiMon.Predict.Evidence;

/// <summary>The evidence of single metrics and of functional groups, read off the lanes.</summary>
/// <remarks>
/// Metric columns stand feature by feature, so that each is a copy of one row of the state. Levels and means are in signed-logarithm
/// units (standardised by regime where there are regimes), not centred, so that assets can be compared.
/// </remarks>
internal static class LaneEvidence
{
    /// <summary>End of the name of the columns that tell how far a metric is from its own baseline.</summary>
    public const string BaselineScore = "|baseline_score";

    private static readonly string[] Features =
    [
        "level", "mean_fast", "mean_middle", "mean_slow", "deviation_fast", "deviation_middle", "deviation_slow",
        "trend", "from_baseline", "baseline_score", "spike", "cusum", "since_change", "missing",
    ];

    public static IEnumerable<EvidenceColumn> Columns(EvidenceModel model)
    {
        foreach (var group in model.Profile.Groups)
        {
            yield return new($"{group}|anomaly", EvidencePart.Group, group, -1);
            yield return new($"{group}|anomaly_middle", EvidencePart.Group, group, -1);
        }
        foreach (var feature in Features)
            for (var lane = 0; lane < model.TrackedCount; lane++)
                yield return Column(lane, feature);
        foreach (var lane in model.LevelOnlyLanes) yield return Column(lane, "level");
        if (model.AgeFromFirstRow) yield return new("age", EvidencePart.Group, model.Profile.Groups[^1], -1);

        EvidenceColumn Column(int lane, string feature)
        {
            var metric = model.Profile.Metrics[model.LaneMetrics[lane]];
            return new($"{metric.Name}|{feature}", EvidencePart.Metric, metric.Group, model.LaneMetrics[lane]);
        }
    }

    public static void Write(EvidenceModel model, LaneState state, Span<float> target)
    {
        var at = 0;
        for (var g = 0; g < model.Profile.Groups.Length; g++)
        {
            target[at++] = Known(state, LaneRow.MeanFast, model.GroupStart + g);
            target[at++] = Known(state, LaneRow.MeanMiddle, model.GroupStart + g);
        }
        var n = model.TrackedCount;
        var weight = state.Row(LaneRow.WeightFast)[..n];
        var centre = state.Centre;
        var fast = state.Row(LaneRow.MeanFast)[..n];
        var middle = state.Row(LaneRow.MeanMiddle)[..n];
        var slow = state.Row(LaneRow.MeanSlow)[..n];
        var baseline = state.Row(LaneRow.BaselineMean)[..n];
        var current = state.Row(LaneRow.Current)[..n];
        var v0 = state.Row(LaneRow.VarianceFast)[..n];
        var v1 = state.Row(LaneRow.VarianceMiddle)[..n];
        var v2 = state.Row(LaneRow.VarianceSlow)[..n];
        var score = state.Row(LaneRow.BaselineDeviation)[..n];
        var spike = state.Row(LaneRow.Spike)[..n];
        var up = state.Row(LaneRow.CusumUp)[..n];
        var down = state.Row(LaneRow.CusumDown)[..n];
        var since = state.Row(LaneRow.SinceChange)[..n];
        var missing = state.Row(LaneRow.MissingShare)[..n];
        for (var lane = 0; lane < n; lane++)
        {
            var offset = (float)centre[model.LaneMetrics[lane]];
            if (weight[lane] == 0)
            {
                for (var f = 0; f < Features.Length; f++) target[at + f * n + lane] = float.NaN;
                continue;
            }
            var t = at + lane;
            target[t] = current[lane] + offset;
            target[t += n] = fast[lane] + offset;
            target[t += n] = middle[lane] + offset;
            target[t += n] = slow[lane] + offset;
            target[t += n] = MathF.Sqrt(v0[lane]);
            target[t += n] = MathF.Sqrt(v1[lane]);
            target[t += n] = MathF.Sqrt(v2[lane]);
            target[t += n] = fast[lane] - slow[lane];
            target[t += n] = middle[lane] - baseline[lane];
            target[t += n] = score[lane];
            target[t += n] = spike[lane];
            target[t += n] = up[lane] - down[lane];
            target[t += n] = MathF.Log(1 + since[lane]);
            target[t += n] = missing[lane];
        }
        at += Features.Length * n;
        foreach (var lane in model.LevelOnlyLanes)
            target[at++] = state.Row(LaneRow.Current)[lane] + (float)centre[model.LaneMetrics[lane]];
        if (model.AgeFromFirstRow) target[at] = state.Step - state.BirthStep;
    }

    /// <summary>The value of a lane that has been seen, else NaN.</summary>
    public static float Known(LaneState state, LaneRow row, int lane) =>
        state.Row(LaneRow.WeightFast)[lane] == 0 ? float.NaN : state.Row(row)[lane];
}
