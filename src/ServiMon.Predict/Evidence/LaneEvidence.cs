using System.Runtime.CompilerServices;
using ServiMon.Predict.Lanes;

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

    public static void Write(EvidenceModel model, LaneState state, in LaneScratch scratch, Span<float> target)
    {
        var at = 0;
        foreach (var lane in model.GroupLanes)
        {
            target[at++] = Known(state, LaneRow.MeanFast, lane);
            target[at++] = Known(state, LaneRow.MeanMiddle, lane);
        }

        var features = new FeatureWriter(model, state, scratch, target[at..]);
        LaneBlocks.Each(model.TrackedCount, LaneLayout.BlockWidth, ref features);
        at += Features.Length * model.TrackedCount;
        foreach (var lane in model.LevelOnlyLanes) target[at++] = scratch.Current[lane] + scratch.Offset[lane];
        if (model.AgeFromFirstRow) target[at] = state.Step - state.BirthStep;
    }

    /// <summary>The value of a lane that has been seen, else NaN.</summary>
    public static float Known(LaneState state, LaneRow row, int lane) =>
        state[LaneRow.WeightFast, lane] == 0 ? float.NaN : state[row, lane];

    /// <summary>Writes the features of tracked metrics block by block, in the order of <see cref="Features"/>; NaN for metrics that were never seen.</summary>
    private readonly ref struct FeatureWriter(EvidenceModel model, LaneState state, LaneScratch scratch, Span<float> target) : IBlockVisitor
    {
        private readonly LaneScratch _scratch = scratch;
        private readonly Span<float> _target = target[..(Features.Length * model.TrackedCount)];

        public void Visit<TWidth, TVector>(int lane) where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
        {
            var rows = LaneRows<TWidth, TVector, MetricKindOfLane>.Of(state, model.Lanes.Metrics, lane);
            var next = new BlockWriter<TWidth, TVector>(_target, lane, model.TrackedCount, TVector.Equals(rows[LaneRow.WeightFast], TVector.Zero));
            var (fast, middle, slow) = (rows[LaneRow.MeanFast], rows[LaneRow.MeanMiddle], rows[LaneRow.MeanSlow]);
            var offset = Of<TWidth, TVector>(_scratch.Offset, lane);
            next.Add(Of<TWidth, TVector>(_scratch.Current, lane) + offset);
            next.Add(fast + offset);
            next.Add(middle + offset);
            next.Add(slow + offset);
            next.Add(TVector.Sqrt(rows[LaneRow.VarianceFast]));
            next.Add(TVector.Sqrt(rows[LaneRow.VarianceMiddle]));
            next.Add(TVector.Sqrt(rows[LaneRow.VarianceSlow]));
            next.Add(fast - slow);
            next.Add(middle - rows[LaneRow.BaselineMean]);
            next.Add(Of<TWidth, TVector>(_scratch.BaselineDeviation, lane));
            next.Add(Of<TWidth, TVector>(_scratch.Spike, lane));
            next.Add(rows[LaneRow.CusumUp] - rows[LaneRow.CusumDown]);
            next.Add(TVector.Log(TVector.One + rows[LaneRow.SinceChange]));
            next.Add(rows[LaneRow.MissingShare]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TVector Of<TWidth, TVector>(Span<float> row, int lane)
            where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector> =>
            TWidth.Load(ref row.Slice(lane, TWidth.Count)[0]);
    }

    /// <summary>Writes feature after feature of the lanes of a block.</summary>
    private ref struct BlockWriter<TWidth, TVector>(Span<float> target, int lane, int laneCount, TVector unseen)
        where TWidth : struct, ILaneWidth<TVector> where TVector : struct, ILaneVector<TVector>
    {
        private readonly Span<float> _target = target;
        private readonly TVector _unseen = unseen;
        private readonly int _laneCount = laneCount;
        private int _at = lane;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(TVector feature)
        {
            TWidth.Store(TVector.ConditionalSelect(_unseen, TVector.Create(float.NaN), feature), ref _target.Slice(_at, TWidth.Count)[0]);
            _at += _laneCount;
        }
    }
}
