using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
        // From the last vector to the first: what one writes beyond its feature's last lane, those before it overwrite with their own.
        var metrics = target[at..];
        for (var lane = LaneState.Padded(model.TrackedCount) - LaneState.Padding; lane >= 0; lane -= LaneState.Padding)
        {
            var rows = new LaneVectors(state, lane);
            WriteVector(rows, new FeatureWriter(metrics, lane, model.TrackedCount, rows));
        }
        at += Features.Length * model.TrackedCount;
        foreach (var lane in model.LevelOnlyLanes)
            target[at++] = state[LaneRow.Current, lane] + state[LaneRow.Offset, lane];
        if (model.AgeFromFirstRow) target[at] = state.Step - state.BirthStep;
    }

    /// <summary>All features of the lanes of one vector, in the order of <see cref="Features"/>.</summary>
    private static void WriteVector(LaneVectors rows, FeatureWriter next)
    {
        var (fast, middle, slow) = (rows[LaneRow.MeanFast], rows[LaneRow.MeanMiddle], rows[LaneRow.MeanSlow]);
        var offset = rows[LaneRow.Offset];
        next.Add(rows[LaneRow.Current] + offset);
        next.Add(fast + offset);
        next.Add(middle + offset);
        next.Add(slow + offset);
        next.Add(Vector256.Sqrt(rows[LaneRow.VarianceFast]));
        next.Add(Vector256.Sqrt(rows[LaneRow.VarianceMiddle]));
        next.Add(Vector256.Sqrt(rows[LaneRow.VarianceSlow]));
        next.Add(fast - slow);
        next.Add(middle - rows[LaneRow.BaselineMean]);
        next.Add(rows[LaneRow.BaselineDeviation]);
        next.Add(rows[LaneRow.Spike]);
        next.Add(rows[LaneRow.CusumUp] - rows[LaneRow.CusumDown]);
        next.Add(Vector256.Log(Vector256<float>.One + rows[LaneRow.SinceChange]));
        next.Add(rows[LaneRow.MissingShare]);
    }

    /// <summary>The value of a lane that has been seen, else NaN.</summary>
    public static float Known(LaneState state, LaneRow row, int lane) =>
        state[LaneRow.WeightFast, lane] == 0 ? float.NaN : state[row, lane];

    /// <summary>Writes feature after feature of the lanes of one vector, NaN for lanes that were never seen.</summary>
    private ref struct FeatureWriter(Span<float> target, int lane, int laneCount, LaneVectors rows)
    {
        private readonly Span<float> _target = target;
        private readonly Vector256<float> _unseen = Vector256.Equals(rows[LaneRow.WeightFast], Vector256<float>.Zero);
        private readonly int _laneCount = laneCount;
        private readonly int _here = Math.Min(laneCount - lane, LaneState.Padding);
        private int _at = lane;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<float> feature)
        {
            var value = Vector256.ConditionalSelect(_unseen, Vector256.Create(float.NaN), feature);
            if (_at + LaneState.Padding <= _target.Length) value.CopyTo(_target[_at..]);
            else AddRest(value);
            _at += _laneCount;
        }

        /// <summary>Near the end of the target there is no room for a whole vector.</summary>
        private readonly void AddRest(Vector256<float> value)
        {
            Span<float> whole = stackalloc float[LaneState.Padding];
            value.CopyTo(whole);
            whole[.._here].CopyTo(_target[_at..]);
        }
    }
}
