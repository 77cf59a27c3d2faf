using System.Collections.Immutable;
using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class LiveAssetTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private static readonly EvidenceModel Evidence = new(TestProfiles.Of(
        [.. TestProfiles.Broker, new MetricSpec { Name = "restarts", Kind = MetricKind.Event, Group = "structural_state", Aggregation = Aggregation.Sum }]) with
    {
        FailureRules = [new FailureRule("down", "probe_up", "<", 1, TimeSpan.FromSeconds(4))],
    });

    private static readonly ScoringModel Model = ModelOf(Evidence, 1);

    /// <summary>Rows of one asset, one a step, some steps and some cells missing, with jitter; and a seed for the order of arrival.</summary>
    private static readonly Gen<(AssetRows Rows, int Seed)> Histories =
        Gen.Select(Gen.Int[5, 80], Gen.Int).Select((count, seed) => (Rows(count, new Random(seed)), seed));

    [Fact]
    public void Samples_in_any_order_give_the_predictions_of_the_replayed_rows_to_the_bit() =>
        Histories.Sample(h => Assert.Equal(Replayed(h.Rows), Streamed(h.Rows, h.Seed, (_, live) => live)), iter: 60);

    [Fact]
    public void A_restart_at_any_sample_changes_nothing() =>
        Gen.Select(Histories, Gen.Int[1, 12]).Sample((h, every) =>
        {
            var writer = new StateWriter();
            Assert.Equal(Replayed(h.Rows), Streamed(h.Rows, h.Seed, (sample, live) =>
            {
                if (sample % every != 0) return live;
                writer.Clear();
                live.Save(writer);
                return LiveAsset.Load(live.Asset, Evidence, Model, writer.Written.Span)!;
            }));
        }, iter: 40);

    [Fact]
    public void A_state_that_is_cut_off_is_damaged_and_one_of_other_evidence_is_not_read()
    {
        var live = new LiveAsset("a", Evidence, Model);
        for (var i = 0; i < 30; i++)
        {
            live.Offer(i % 5, i * Second, i);
            while (live.TryAdvance(null)) { }
        }
        var writer = new StateWriter();
        live.Save(writer);
        var bytes = writer.Written.ToArray();
        for (var length = 0; length < bytes.Length; length += 7)
            Assert.Throws<InvalidDataException>(() => LiveAsset.Load("a", Evidence, Model, bytes.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => LiveAsset.Load("a", Evidence, Model, [.. bytes, 0]));
        Assert.NotNull(LiveAsset.Load("a", Evidence, null, bytes));
        Assert.Null(LiveAsset.Load("a", new EvidenceModel(Evidence.Profile with { StaleAfter = TimeSpan.FromSeconds(30) }), null, bytes));
        bytes[0]++;
        Assert.Null(LiveAsset.Load("a", Evidence, Model, bytes));
    }

    [Fact]
    public void A_new_model_answers_from_the_next_step_and_only_over_the_same_evidence()
    {
        var live = new LiveAsset("a", Evidence, null);
        for (var i = 0; i < 40; i++) live.Offer(2, i * Second, i);
        Assert.True(live.TryAdvance(null));
        Assert.Equal(PredictionState.NoModel, live.State);
        live.UseModel(ModelOf(new EvidenceModel(Evidence.Profile), 1));
        Assert.True(live.TryAdvance(null));
        Assert.NotEqual(PredictionState.NoModel, live.State);
        var other = new EvidenceModel(Evidence.Profile, ageFromFirstRow: true);
        Assert.Throws<ArgumentException>(() => live.UseModel(ModelOf(other, 1)));
    }

    [Fact]
    public void In_maintenance_and_in_an_incident_there_is_no_probability()
    {
        var start = new DateTimeOffset(20 * Second, TimeSpan.Zero);
        var timeline = new Timeline([new Incident("a", start, start.AddSeconds(6), "")], [new MaintenanceWindow("a", start.AddSeconds(10), start.AddSeconds(14), "")]);
        var live = new LiveAsset("a", new EvidenceModel(TestProfiles.OfBroker()), null);
        live.UseModel(ModelOf(live.EvidenceModel, 1));
        for (var i = 0; i < 30; i++)
            for (var m = 0; m < 8; m++) live.Offer(m, i * 2 * Second, i);
        var states = new List<PredictionState>();
        while (live.TryAdvance(timeline, all: true))
        {
            states.Add(live.State);
            Assert.Equal(live.State != PredictionState.Ready, double.IsNaN(live.Probability[0]));
        }
        Assert.Equal([10, 11, 12, 13], Enumerable.Range(0, 30).Where(i => states[i] == PredictionState.InIncident));
        Assert.Equal([15, 16, 17], Enumerable.Range(0, 30).Where(i => states[i] == PredictionState.Maintenance));
    }

    [Fact]
    public void Steps_that_are_closed_by_the_clock_are_those_of_the_replayed_rows_and_stay_closed() =>
        Histories.Sample(h =>
        {
            var live = new LiveAsset(h.Rows.Asset, Evidence, Model);
            var answers = new List<string>();
            void Take()
            {
                while (live.TryAdvance(null)) answers.Add(Answer(live));
            }

            for (var row = 0; row < h.Rows.Count; row++)
                for (var m = 0; m < h.Rows.Metrics.Count; m++)
                    if (double.IsFinite(h.Rows.Row(row)[m]))
                    {
                        live.Offer(m, h.Rows.Ticks[row], h.Rows.Row(row)[m]);
                        Take();
                    }
            if (live.OpenUntil is not { } end) return;
            live.CloseUntil(end);
            var writer = new StateWriter();
            live.Save(writer);
            live = LiveAsset.Load(live.Asset, Evidence, Model, writer.Written.Span)!;
            // What comes for a closed step is late before it is scored and after.
            Assert.Equal(SampleOutcome.Late, live.Offer(0, end - 1, 1));
            Take();
            Assert.Null(live.OpenUntil);
            Assert.Equal(SampleOutcome.Late, live.Offer(0, end - 1, 1));
            Assert.False(live.HasClosedStep);
            var all = new LiveAsset(h.Rows.Asset, Evidence, Model);
            var expected = new List<string>();
            for (var row = 0; row < h.Rows.Count; row++)
                for (var m = 0; m < h.Rows.Metrics.Count; m++) all.Offer(m, h.Rows.Ticks[row], h.Rows.Row(row)[m]);
            while (all.TryAdvance(null, all: true)) expected.Add(Answer(all));
            Assert.Equal(expected, answers);
        }, iter: 40);

    [Fact]
    public void An_asset_made_from_its_history_is_where_it_would_be()
    {
        var rows = Rows(60, new Random(5));
        var whole = new LiveAsset("a", Evidence, Model);
        for (var row = 0; row < rows.Count; row++)
            for (var m = 0; m < rows.Metrics.Count; m++)
            {
                whole.Offer(m, rows.Ticks[row], rows.Row(row)[m]);
                while (whole.TryAdvance(null)) { }
            }
        // What was scored is history, and what is open goes on.
        var closed = (int)whole.FrameCount;
        Assert.InRange(closed, 20, rows.Count - 1);
        var stored = new AssetRows("a", rows.Metrics, [.. rows.Ticks.Where(t => t <= whole.Ticks)], [.. rows.Values.Take(rows.Ticks.Count(t => t <= whole.Ticks) * rows.Metrics.Count)]);
        var warm = LiveAsset.FromHistory("a", Evidence, Model, [stored], null, whole);
        Assert.Equal(Answer(whole), Answer(warm));
        Assert.Equal(whole.OpenUntil, warm.OpenUntil);
        while (whole.TryAdvance(null, all: true) && warm.TryAdvance(null, all: true)) Assert.Equal(Answer(whole), Answer(warm));

        // Without the asset itself: steps that are history are closed, and the next one counts.
        var anew = LiveAsset.FromHistory("a", Evidence, Model, [stored], null, null);
        Assert.Equal(SampleOutcome.Late, anew.Offer(0, anew.Ticks, 1));
        Assert.Equal(SampleOutcome.Accepted, anew.Offer(0, anew.Ticks + 4 * Second, 1));
        Assert.Equal(0, LiveAsset.FromHistory("a", Evidence, Model, [], null, null).FrameCount);
    }

    [Fact]
    public void A_step_allocates_nothing()
    {
        var live = new LiveAsset("a", Evidence, Model);
        void Run(int from, int to)
        {
            for (var i = from; i < to; i++)
                for (var m = 0; m < 9; m++)
                {
                    live.Offer(m, i * Second, i);
                    while (live.TryAdvance(null)) { }
                }
        }

        Run(0, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(200, 400);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64);
    }

    private static ScoringModel ModelOf(EvidenceModel evidence, double weight)
    {
        var width = evidence.Layout.Width;
        var line = new LinearModel(new float[width], Enumerable.Repeat(1f, width).ToArray(),
            [.. Enumerable.Range(0, width).Select(i => weight / (1 + i % 7))], -3, 5);
        var bucket = new BucketHazard { Base = 0.01, Components = [line], Calibration = new PlattCalibration(1, 0), LearnedWeight = 0.8 };
        var groups = evidence.Profile.Groups;
        var hazard = new HazardModel([.. evidence.Profile.Horizons.Select(h => h.Span)], [bucket, bucket, bucket], groups,
            [.. evidence.Layout.Columns.Select(c => Math.Max(0, groups.IndexOf(c.Group)))]);
        var neutral = ImmutableArray.CreateRange(Enumerable.Repeat(0f, width));
        return new ScoringModel(evidence, hazard, new EvidenceReference(neutral, [.. evidence.Profile.Metrics.Select(_ => true)]));
    }

    private static AssetRows Rows(int count, Random random)
    {
        var metrics = Evidence.Profile.Metrics;
        var ticks = new List<long>();
        var values = new List<double>();
        for (long step = 0; ticks.Count < count; step += random.Next(12) == 0 ? 1 + random.Next(20) : 1)
        {
            ticks.Add(1000 * Second + step * 2 * Second + (step == 0 ? 0 : random.NextInt64(-Second / 2, Second / 2)));
            var there = random.Next(metrics.Length);
            for (var m = 0; m < metrics.Length; m++)
                values.Add(m != there && random.Next(6) == 0 ? double.NaN
                    : metrics[m].Name == "probe_up" ? (random.Next(4) == 0 ? 0 : 1)
                    : metrics[m].Kind == MetricKind.Counter ? step * 10 + random.Next(5)
                    : random.Next(5) * random.NextDouble());
        }
        return new AssetRows("a", [.. metrics.Select(m => m.Name)], [.. ticks], [.. values]);
    }

    private static List<string> Replayed(AssetRows rows)
    {
        var scorer = new AssetScorer(Evidence, Model, rows);
        var lines = new List<string>();
        for (var row = 0; row < rows.Count; row++)
        {
            scorer.Advance(AssetCondition.Normal);
            lines.Add(Line(rows.Ticks[row], scorer.State, scorer.Basis, scorer.Probability, scorer.Evidence));
        }
        return lines;
    }

    private static List<string> Streamed(AssetRows rows, int seed, Func<int, LiveAsset, LiveAsset> restart)
    {
        var random = new Random(seed);
        var samples = new List<(long Due, int Metric, long Ticks, double Value)>();
        for (var row = 0; row < rows.Count; row++)
            for (var m = 0; m < rows.Metrics.Count; m++)
                if (double.IsFinite(rows.Row(row)[m]))
                    samples.Add((rows.Ticks[row] + random.NextInt64(0, 9 * Second), m, rows.Ticks[row], rows.Row(row)[m]));
        samples.Sort();
        var live = new LiveAsset("a", Evidence, Model);
        var lines = new List<string>();
        for (var i = 0; i < samples.Count; i++)
        {
            Assert.NotEqual(SampleOutcome.Late, live.Offer(samples[i].Metric, samples[i].Ticks, samples[i].Value));
            while (live.TryAdvance(null)) Add();
            live = restart(i, live);
        }
        while (live.TryAdvance(null, all: true)) Add();
        return lines;

        void Add() => lines.Add(Line(live.Ticks, live.State, live.Basis, live.Probability, live.Evidence));
    }

    private static string Answer(LiveAsset live) => Line(live.Ticks, live.State, live.Basis, live.Probability, live.Evidence);

    private static string Line(long ticks, PredictionState state, PredictionBasis basis, ReadOnlySpan<double> probability, ReadOnlySpan<float> evidence) =>
        $"{ticks} {state} {basis} {string.Join(' ', probability.ToArray().Select(BitConverter.DoubleToInt64Bits))} {EvidenceDigest.Of(evidence)}";
}
