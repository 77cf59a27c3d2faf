using System.Numerics;
using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// The part of the evidence that means the same for every kind of asset: how near the limits and how fast toward them, probes, errors,
/// saturation, missing metrics, and how unusual the asset is against its own baseline. A column is NaN where the profile has nothing
/// of the kind.
/// </summary>
internal static class UniversalEvidence
{
    /// <summary>Urgency counts time in this many of the longest horizon: well before the limit it is felt already.</summary>
    public const float UrgencyHorizons = 2.5f;

    /// <summary>A metric that has not changed for this many middle half-lives, and had been changing, is stuck.</summary>
    private const float StuckHalfLives = 3;

    /// <summary>Columns of urgency and reach.</summary>
    private const int UrgencyCount = 6;

    private static readonly string[] Mechanisms =
    [
        "urgency", "urgency_sustained", "reach_short", "reach_long", "reach_short_slow", "reach_long_slow",
        "probe_failed", "probe_failed_slow", "probe_failed_run", "probe_latency_share", "probe_latency_share_slow",
        "missing", "missing_slow", "missing_slowest", "missing_run",
        "pause", "pause_slow", "saturation", "saturation_slow",
    ];

    private static readonly string[] Others =
    [
        "limit_ratio", "limit_ratio_second", "limit_ratio_slow", "limit_rise",
        "probe_latency_rise", "probe_latency_rise_slow",
        "error_share", "error_share_slow", "request_drop", "saturation_rise",
        "anomaly", "anomaly_rise", "anomaly_group", "anomaly_trend", "spike", "cusum", "stuck_share",
    ];

    /// <summary>Column by which unusual evidence is ranked where no failure has been learned from.</summary>
    public const string AnomalyColumn = "anomaly";

    public static int Count => Mechanisms.Length + Others.Length;

    public static IEnumerable<EvidenceColumn> Columns(EvidenceModel model)
    {
        var profile = model.Profile;
        string GroupOf(IReadOnlyList<int> metrics, string otherwise) => metrics.Count > 0 ? profile.Metrics[metrics[0]].Group : otherwise;
        string Or(string wanted) => profile.Groups.Contains(wanted) ? wanted : profile.Groups[0];
        foreach (var name in Mechanisms.Concat(Others))
        {
            var group = name[..(name.IndexOf('_') is > 0 and var cut ? cut : name.Length)] switch
            {
                "limit" or "urgency" or "reach" => model.Limits.Length > 0 ? profile.Metrics[model.Limits[0].Metric].Group : Or("pressure"),
                "probe" => GroupOf(name.Contains("latency", StringComparison.Ordinal) ? model.ProbeLatencies : model.ProbeUps, Or("latency")),
                "pause" => GroupOf(model.Pauses, Or("pressure")),
                "error" => GroupOf(model.Errors, Or("structural_state")),
                "request" => GroupOf(model.Requests, Or("throughput")),
                "saturation" => GroupOf(model.Saturations, Or("pressure")),
                _ => Or("structural_state"),
            };
            yield return new(name, Mechanisms.Contains(name) ? EvidencePart.Mechanism : EvidencePart.Universal, group, -1);
        }
    }

    public static void Write(EvidenceModel model, LaneState state, in LaneScratch scratch, Span<float> target)
    {
        var next = new Cursor(target);
        WriteUrgency(model, state, ref next);
        WriteProbes(model, state, ref next);
        next.Add(state[LaneRow.MeanFast, model.MissingLane]);
        next.Add(state[LaneRow.MeanMiddle, model.MissingLane]);
        next.Add(state[LaneRow.MeanSlow, model.MissingLane]);
        next.Add(MathF.Log(1 + MissingRun(model, state)));
        next.Add(LaneEvidence.Known(state, LaneRow.MeanFast, model.PauseLane));
        next.Add(LaneEvidence.Known(state, LaneRow.MeanMiddle, model.PauseLane));
        next.Add(Largest(state, LaneRow.MeanFast, model.SaturationStart, model.Saturations.Length));
        next.Add(Largest(state, LaneRow.MeanMiddle, model.SaturationStart, model.Saturations.Length));

        WriteLimits(model, state, ref next);
        next.Add(LargestRise(state, LaneRow.MeanFast, model.ProbeLatencyStart, model.ProbeLatencies.Length));
        next.Add(LargestRise(state, LaneRow.MeanMiddle, model.ProbeLatencyStart, model.ProbeLatencies.Length));
        next.Add(LaneEvidence.Known(state, LaneRow.MeanFast, model.ErrorLane));
        next.Add(LaneEvidence.Known(state, LaneRow.MeanMiddle, model.ErrorLane));
        next.Add(-Rise(state, LaneRow.MeanFast, model.RequestLane));
        next.Add(LargestRise(state, LaneRow.MeanFast, model.SaturationStart, model.Saturations.Length));
        WriteAnomaly(model, state, scratch, ref next);
    }

    /// <summary>
    /// How soon the first limit is reached: log(1 + longest horizons until then), with the quick slope and with what all slopes agree on,
    /// and exp(-time to limit / horizon), which is near zero until the limit comes into reach.
    /// </summary>
    private static void WriteUrgency(EvidenceModel model, LaneState state, ref Cursor next)
    {
        if (model.Limits.IsEmpty)
        {
            for (var i = 0; i < UrgencyCount; i++) next.Add(float.NaN);
            return;
        }
        float fast = float.NaN, middle = float.NaN, sustained = float.NaN;
        for (var lane = 0; lane < model.Limits.Length; lane++)
        {
            var pace = SlopeTracker.Pace(model, state, lane);
            fast = Larger(fast, pace[0]);
            middle = Larger(middle, pace[1]);
            sustained = Larger(sustained, MathF.Min(MathF.Min(pace[0], pace[1]), pace[2]));
        }
        next.Add(MathF.Log(1 + UrgencyHorizons * model.LastHorizon * fast));
        next.Add(MathF.Log(1 + UrgencyHorizons * model.LastHorizon * sustained));
        next.Add(Reach(fast, model.ShortHorizon));
        next.Add(Reach(fast, model.LongHorizon));
        next.Add(Reach(middle, model.ShortHorizon));
        next.Add(Reach(middle, model.LongHorizon));
    }

    private static float Reach(float pace, float horizon) => pace == 0 ? 0 : MathF.Exp(-1 / (pace * horizon));

    private static void WriteProbes(EvidenceModel model, LaneState state, ref Cursor next)
    {
        var run = float.NaN;
        for (var lane = model.ProbeUpStart; lane < model.ProbeUpStart + model.ProbeUps.Length; lane++)
            if (LaneEvidence.Known(state, LaneRow.Last, lane) is var last && !float.IsNaN(last))
                run = Larger(run, last > 0 ? MathF.Log(2 + state[LaneRow.SinceChange, lane]) : 0);
        next.Add(Largest(state, LaneRow.MeanFast, model.ProbeUpStart, model.ProbeUps.Length));
        next.Add(Largest(state, LaneRow.MeanMiddle, model.ProbeUpStart, model.ProbeUps.Length));
        next.Add(run);
        next.Add(Largest(state, LaneRow.MeanFast, model.ProbeShareStart, model.ProbeLatencies.Length));
        next.Add(Largest(state, LaneRow.MeanMiddle, model.ProbeShareStart, model.ProbeLatencies.Length));
    }

    private static void WriteLimits(EvidenceModel model, LaneState state, ref Cursor next)
    {
        float first = float.NaN, second = float.NaN;
        for (var lane = model.LimitStart; lane < model.LimitStart + model.Limits.Length; lane++)
        {
            var ratio = LaneEvidence.Known(state, LaneRow.MeanFast, lane);
            if (float.IsNaN(ratio)) continue;
            if (!(ratio <= first))
            {
                second = first;
                first = ratio;
            }
            else second = Larger(second, ratio);
        }
        next.Add(first);
        next.Add(second);
        next.Add(Largest(state, LaneRow.MeanSlow, model.LimitStart, model.Limits.Length));
        next.Add(LargestRise(state, LaneRow.MeanFast, model.LimitStart, model.Limits.Length));
    }

    private static float Largest(LaneState state, LaneRow row, int from, int count)
    {
        var largest = float.NaN;
        for (var lane = from; lane < from + count; lane++) largest = Larger(largest, LaneEvidence.Known(state, row, lane));
        return largest;
    }

    private static float LargestRise(LaneState state, LaneRow row, int from, int count)
    {
        var largest = float.NaN;
        for (var lane = from; lane < from + count; lane++) largest = Larger(largest, Rise(state, row, lane));
        return largest;
    }

    private static void WriteAnomaly(EvidenceModel model, LaneState state, in LaneScratch scratch, ref Cursor next)
    {
        var overall = model.OverallLane;
        var level = LaneEvidence.Known(state, LaneRow.MeanFast, overall);
        var baseline = state[LaneRow.BaselineMean, overall];
        next.Add(MathF.Log(1 + level));
        next.Add(MathF.Log((level + 1) / (baseline + 1)));
        var group = float.NaN;
        foreach (var lane in model.GroupLanes) group = Larger(group, LaneEvidence.Known(state, LaneRow.MeanFast, lane));
        next.Add(MathF.Log(1 + group));
        next.Add(level - LaneEvidence.Known(state, LaneRow.MeanSlow, overall));

        WriteLargest(model, state, scratch, ref next);
    }

    /// <summary>The largest spikes and cumulative sums, and the share of the metrics that are stuck.</summary>
    private static void WriteLargest(EvidenceModel model, LaneState state, in LaneScratch scratch, ref Cursor next)
    {
        var all = new Extremes(model, state, scratch);
        LaneBlocks.Each(model.TrackedCount, LaneLayout.BlockWidth, ref all);
        next.Add(MathF.Log(1 + all.Spikes.Mean(all.Known)));
        next.Add(MathF.Log(1 + all.Cusums.Mean(all.Known)));
        next.Add(all.Known == 0 ? float.NaN : (float)all.Stuck / all.Known);
    }

    /// <summary>Steps for which nothing of the asset came.</summary>
    public static float MissingRun(EvidenceModel model, LaneState state) =>
        state[LaneRow.Last, model.MissingLane] >= 1 ? 1 + state[LaneRow.SinceChange, model.MissingLane] : 0;

    private static float Rise(LaneState state, LaneRow row, int lane) =>
        LaneEvidence.Known(state, row, lane) - state[LaneRow.BaselineMean, lane];

    /// <summary>The larger of two, where NaN is less than anything.</summary>
    private static float Larger(float a, float b) => float.IsNaN(a) || b > a ? b : a;

    /// <summary>Gathers the largest spikes and sums of the tracked metrics, and how many are known and stuck.</summary>
    private ref struct Extremes(EvidenceModel model, LaneState state, LaneScratch scratch) : IBlockVisitor
    {
        private readonly LaneScratch _scratch = scratch;
        private readonly float _stuckSteps = StuckHalfLives * MathF.Log(2) / model.Rates.Middle;

        public TopTwoVectors Spikes;

        public TopTwoVectors Cusums;

        public int Known;

        public int Stuck;

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
        {
            var rows = LaneRows<TWidth, TVector, MetricKindOfLane>.Of(state, model.Lanes.Metrics, lane);
            var events = TWidth.Load(ref model.EventMask.AsSpan(lane, TWidth.Count)[0]);
            var zero = TVector.Zero;
            var seen = TVector.GreaterThan(rows[LaneRow.WeightFast], zero);
            Spikes.Add(Unsafe.BitCast<TVector, Floats4>(seen & TVector.Abs(TWidth.Load(ref _scratch.Spike.Slice(lane, TWidth.Count)[0]))));
            Cusums.Add(Unsafe.BitCast<TVector, Floats4>(seen & TVector.MaxNative(rows[LaneRow.CusumUp], rows[LaneRow.CusumDown])));
            var isStuck = seen & TVector.GreaterThan(rows[LaneRow.SinceChange], TVector.Create(_stuckSteps))
                & TVector.GreaterThan(rows[LaneRow.BaselineVariance], zero) & TVector.Equals(events, zero);
            Known += BitOperations.PopCount(seen.ExtractMostSignificantBits());
            Stuck += BitOperations.PopCount(isStuck.ExtractMostSignificantBits());
        }
    }

    private ref struct Cursor(Span<float> target)
    {
        private readonly Span<float> _target = target;
        private int _at;

        public void Add(float value) => _target[_at++] = value;
    }
}
