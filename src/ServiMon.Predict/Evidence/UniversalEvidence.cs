namespace ServiMon.Predict.Evidence;

/// <summary>
/// The part of the evidence that means the same for every kind of asset: how near the limits and how fast toward them, probes, errors,
/// saturation, missing metrics, and how unusual the asset is against its own baseline. A column is NaN where the profile has nothing
/// of the kind.
/// </summary>
internal static class UniversalEvidence
{
    /// <summary>Room that is always left, so that the time to a limit never becomes zero.</summary>
    private const float LeastRoom = 0.02f;

    /// <summary>Urgency is clipped to this: the limit is reached within a twentieth of the horizon.</summary>
    private const float UrgencyCap = 20;

    /// <summary>Latencies beyond this many timeouts are not told apart.</summary>
    private const float TimeoutCap = 4;

    /// <summary>Fewer values than this make no slope.</summary>
    private const float LeastSlopeValues = 4;

    private static readonly string[] Names =
    [
        "limit_ratio", "limit_ratio_second", "limit_ratio_slow", "limit_room_log", "limit_rise",
        "urgency_fast", "urgency_slow",
        "probe_failed", "probe_failed_slow", "probe_failed_run", "probe_latency_rise", "probe_latency_rise_slow", "probe_latency_share",
        "error_share", "error_share_slow", "request_drop",
        "saturation", "saturation_slow", "saturation_rise",
        "missing", "missing_slow", "missing_run",
        "anomaly", "anomaly_rise", "anomaly_group", "anomaly_trend", "spike", "cusum", "stuck_share",
    ];

    /// <summary>Column by which unusual evidence is ranked where no failure has been learned from.</summary>
    public const string AnomalyColumn = "anomaly";

    public static int Count => Names.Length;

    public static IEnumerable<EvidenceColumn> Columns(EvidenceModel model)
    {
        var profile = model.Profile;
        string GroupOf(IReadOnlyList<int> metrics, string otherwise) => metrics.Count > 0 ? profile.Metrics[metrics[0]].Group : otherwise;
        string Or(string wanted) => profile.Groups.Contains(wanted) ? wanted : profile.Groups[0];
        foreach (var name in Names)
        {
            var group = name[..(name.IndexOf('_') is > 0 and var cut ? cut : name.Length)] switch
            {
                "limit" or "urgency" => model.Limits.Length > 0 ? profile.Metrics[model.Limits[0].Metric].Group : Or("pressure"),
                "probe" => GroupOf(name.Contains("latency", StringComparison.Ordinal) ? model.ProbeLatencies : model.ProbeUps, Or("latency")),
                "error" => GroupOf(model.Errors, Or("structural_state")),
                "request" => GroupOf(model.Requests, Or("throughput")),
                "saturation" => GroupOf(model.Saturations, Or("pressure")),
                _ => Or("structural_state"),
            };
            yield return new(name, EvidencePart.Universal, group, -1);
        }
    }

    public static void Write(EvidenceModel model, LaneState state, Span<float> target)
    {
        var next = new Cursor(target);
        WriteLimits(model, state, ref next);
        WriteProbes(model, state, ref next);
        next.Add(LaneEvidence.Known(state, LaneRow.MeanFast, model.ErrorLane));
        next.Add(LaneEvidence.Known(state, LaneRow.MeanMiddle, model.ErrorLane));
        next.Add(-Rise(state, LaneRow.MeanFast, model.RequestLane));
        WriteSaturation(model, state, ref next);
        next.Add(state.Row(LaneRow.MeanFast)[model.MissingLane]);
        next.Add(state.Row(LaneRow.MeanMiddle)[model.MissingLane]);
        next.Add(MathF.Log(1 + MissingRun(model, state)));
        WriteAnomaly(model, state, ref next);
    }

    /// <summary>
    /// Mean age in steps of the values in an exponential average of weight <paramref name="weight"/> (1 for a long one):
    /// (1-a)/a - n (1-a)^n / (1-(1-a)^n), where (1-a)^n = 1 - weight.
    /// </summary>
    internal static float MeanAge(float rate, float weight)
    {
        if (weight >= 1 - 1e-6f) return (1 - rate) / rate;
        var count = MathF.Log(1 - weight) / MathF.Log(1 - rate);
        return (1 - rate) / rate - count * (1 - weight) / weight;
    }

    /// <summary>Slope per step between two averages of different age; NaN until there are a few values.</summary>
    internal static float Slope(LaneState state, int lane, LaneRow quick, float quickRate, LaneRow lagging, float laggingRate)
    {
        if (state.Row(LaneRow.BaselineCount)[lane] < LeastSlopeValues) return float.NaN;
        var toWeight = LaneRow.WeightFast - LaneRow.MeanFast;
        var quickAge = MeanAge(quickRate, state.Row(quick + toWeight)[lane]);
        var laggingAge = MeanAge(laggingRate, state.Row(lagging + toWeight)[lane]);
        return (state.Row(quick)[lane] - state.Row(lagging)[lane]) / MathF.Max(laggingAge - quickAge, 0.25f);
    }

    private static void WriteLimits(EvidenceModel model, LaneState state, ref Cursor next)
    {
        float first = float.NaN, second = float.NaN, slow = float.NaN, rise = float.NaN, fastUrgency = float.NaN, slowUrgency = float.NaN;
        for (var lane = model.LimitStart; lane < model.ProbeUpStart; lane++)
        {
            var ratio = LaneEvidence.Known(state, LaneRow.MeanFast, lane);
            if (float.IsNaN(ratio)) continue;
            if (!(ratio <= first))
            {
                second = first;
                first = ratio;
            }
            else second = Larger(second, ratio);
            slow = Larger(slow, state.Row(LaneRow.MeanSlow)[lane]);
            rise = Larger(rise, Rise(state, LaneRow.MeanFast, lane));
            var room = MathF.Max(1 - ratio, 0) + LeastRoom;
            fastUrgency = Larger(fastUrgency, Urgency(model, Slope(state, lane, LaneRow.MeanFast, model.Rates.Fast, LaneRow.MeanMiddle, model.Rates.Middle), room));
            slowUrgency = Larger(slowUrgency, Urgency(model, Slope(state, lane, LaneRow.MeanMiddle, model.Rates.Middle, LaneRow.MeanSlow, model.Rates.Slow), room));
        }
        next.Add(first);
        next.Add(second);
        next.Add(slow);
        next.Add(-MathF.Log(MathF.Max(1 - first, 0) + LeastRoom));
        next.Add(rise);
        next.Add(fastUrgency);
        next.Add(slowUrgency);
    }

    /// <summary>log(1 + horizon / time to the limit) at the present slope; 0 when moving away from it.</summary>
    private static float Urgency(EvidenceModel model, float slope, float room) =>
        float.IsNaN(slope) ? float.NaN : MathF.Log(1 + Math.Clamp(slope * (float)model.HorizonSteps / room, 0, UrgencyCap));

    private static void WriteProbes(EvidenceModel model, LaneState state, ref Cursor next)
    {
        float failed = float.NaN, failedSlow = float.NaN, run = float.NaN, rise = float.NaN, riseSlow = float.NaN, share = float.NaN;
        for (var lane = model.ProbeUpStart; lane < model.ProbeLatencyStart; lane++)
        {
            failed = Larger(failed, LaneEvidence.Known(state, LaneRow.MeanFast, lane));
            failedSlow = Larger(failedSlow, LaneEvidence.Known(state, LaneRow.MeanMiddle, lane));
            if (LaneEvidence.Known(state, LaneRow.Last, lane) is var last && !float.IsNaN(last))
                run = Larger(run, last > 0 ? MathF.Log(2 + state.Row(LaneRow.SinceChange)[lane]) : 0);
        }
        for (var i = 0; i < model.ProbeLatencies.Length; i++)
        {
            var lane = model.ProbeLatencyStart + i;
            rise = Larger(rise, Rise(state, LaneRow.MeanFast, lane));
            riseSlow = Larger(riseSlow, Rise(state, LaneRow.MeanMiddle, lane));
            if (model.Profile.Metrics[model.ProbeLatencies[i]].Limit?.Constant is { } timeout)
                share = Larger(share, MathF.Min(MathF.Exp(LaneEvidence.Known(state, LaneRow.MeanFast, lane)) / (float)timeout, TimeoutCap));
        }
        next.Add(failed);
        next.Add(failedSlow);
        next.Add(run);
        next.Add(rise);
        next.Add(riseSlow);
        next.Add(share);
    }

    private static void WriteSaturation(EvidenceModel model, LaneState state, ref Cursor next)
    {
        float fast = float.NaN, middle = float.NaN, rise = float.NaN;
        for (var lane = model.SaturationStart; lane < model.ErrorLane; lane++)
        {
            fast = Larger(fast, LaneEvidence.Known(state, LaneRow.MeanFast, lane));
            middle = Larger(middle, LaneEvidence.Known(state, LaneRow.MeanMiddle, lane));
            rise = Larger(rise, Rise(state, LaneRow.MeanFast, lane));
        }
        next.Add(fast);
        next.Add(middle);
        next.Add(rise);
    }

    private static void WriteAnomaly(EvidenceModel model, LaneState state, ref Cursor next)
    {
        var overall = model.OverallLane;
        var level = LaneEvidence.Known(state, LaneRow.MeanFast, overall);
        var baseline = state.Row(LaneRow.BaselineMean)[overall];
        next.Add(MathF.Log(1 + level));
        next.Add(MathF.Log((level + 1) / (baseline + 1)));
        var group = float.NaN;
        for (var lane = model.GroupStart; lane < overall; lane++) group = Larger(group, LaneEvidence.Known(state, LaneRow.MeanFast, lane));
        next.Add(MathF.Log(1 + group));
        next.Add(level - LaneEvidence.Known(state, LaneRow.MeanSlow, overall));

        var spikes = default(TopTwo);
        var cusums = default(TopTwo);
        var stuck = 0;
        var known = 0;
        var weight = state.Row(LaneRow.WeightFast);
        var stuckSteps = LeastSlopeValues / model.Rates.Middle;
        for (var lane = 0; lane < model.TrackedCount; lane++)
        {
            if (weight[lane] == 0) continue;
            known++;
            spikes.Add(MathF.Abs(state.Row(LaneRow.Spike)[lane]));
            cusums.Add(MathF.Max(state.Row(LaneRow.CusumUp)[lane], state.Row(LaneRow.CusumDown)[lane]));
            if (state.Row(LaneRow.SinceChange)[lane] > stuckSteps && state.Row(LaneRow.BaselineVariance)[lane] > 0 && model.EventMask[lane] == 0) stuck++;
        }
        next.Add(MathF.Log(1 + spikes.Mean));
        next.Add(MathF.Log(1 + cusums.Mean));
        next.Add(known == 0 ? float.NaN : (float)stuck / known);
    }

    /// <summary>Steps for which nothing of the asset came.</summary>
    private static float MissingRun(EvidenceModel model, LaneState state) =>
        state.Row(LaneRow.Last)[model.MissingLane] >= 1 ? 1 + state.Row(LaneRow.SinceChange)[model.MissingLane] : 0;

    private static float Rise(LaneState state, LaneRow row, int lane) =>
        LaneEvidence.Known(state, row, lane) - state.Row(LaneRow.BaselineMean)[lane];

    /// <summary>The larger of two, where NaN is less than anything.</summary>
    private static float Larger(float a, float b) => float.IsNaN(a) || b > a ? b : a;

    private ref struct Cursor(Span<float> target)
    {
        private readonly Span<float> _target = target;
        private int _at;

        public void Add(float value) => _target[_at++] = value;
    }
}
