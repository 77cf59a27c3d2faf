using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

public sealed class AssetMonitorTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private static readonly EvidenceModel Model = new(TestProfiles.OfBroker());

    /// <summary>A broker under load, rows of two seconds, with missing cells and missing rows.</summary>
    private static AssetRows Rows(int seed, int count, double missing = 0.05)
    {
        var random = new Random(seed);
        var names = Model.Profile.Metrics.Select(m => m.Name).ToArray();
        var ticks = new List<long>();
        var values = new List<double>();
        double requests = 1e9, errors = 0, gc = 5;
        for (var i = 0; i < count; i++)
        {
            requests += random.Next(50, 150);
            errors += random.Next(0, 2);
            gc += random.NextDouble() * 0.1;
            if (random.NextDouble() < missing) continue;
            double[] row = [requests, errors, 100 + i + random.Next(10), 1000, 900 - i, random.NextDouble() < 0.02 ? 0 : 1, 0.01 * (1 + random.NextDouble()), gc];
            ticks.Add(i * 2 * Second);
            values.AddRange(row.Select(v => random.NextDouble() < missing ? double.NaN : v));
        }
        return new AssetRows("broker-1", names, [.. ticks], [.. values]);
    }

    private static List<float[]> Replay(AssetRows rows)
    {
        var replay = new AssetReplay(Model, rows);
        var all = new List<float[]>();
        for (var i = 0; i < rows.Count; i++)
        {
            var evidence = new float[Model.Layout.Width];
            replay.Advance(AssetCondition.Normal, evidence);
            all.Add(evidence);
        }
        return all;
    }

    [Fact]
    public void Truncating_the_future_changes_no_earlier_evidence()
    {
        var rows = Rows(1, 300);
        var whole = Replay(rows);
        foreach (var cut in new[] { 1, 2, 57, 150 })
        {
            var part = Replay(new AssetRows(rows.Asset, rows.Metrics, rows.Ticks[..cut], rows.Values[..(cut * rows.Metrics.Count)]));
            for (var i = 0; i < cut; i++) Assert.Equal(Bits(whole[i]), Bits(part[i]));
        }
    }

    [Fact]
    public void Streamed_samples_in_another_order_give_the_bits_of_the_replay() =>
        Gen.Int[0, 1000].Sample(seed =>
        {
            var rows = Rows(seed, 80);
            var expected = Replay(rows);
            var random = new Random(seed);
            var samples = new List<(long Arrival, int Metric, long Ticks, double Value)>();
            for (var i = 0; i < rows.Count; i++)
                for (var m = 0; m < rows.Metrics.Count; m++)
                    if (!double.IsNaN(rows.Row(i)[m]))
                        samples.Add((rows.Ticks[i] + random.NextInt64(0, 9 * Second), m, rows.Ticks[i], rows.Row(i)[m]));

            var assembler = new FrameAssembler(Model.Profile);
            var monitor = new AssetMonitor(Model);
            var actual = new Dictionary<long, float[]>();
            foreach (var (_, metric, ticks, value) in samples.OrderBy(s => s.Arrival))
            {
                assembler.Offer(metric, ticks, value);
                Drain(all: false);
            }
            Drain(all: true);
            for (var i = 0; i < rows.Count; i++)
                if (actual.TryGetValue(rows.Ticks[i], out var evidence)) Assert.Equal(Bits(expected[i]), Bits(evidence));
            Assert.True(actual.Count >= rows.Count - 2);

            void Drain(bool all)
            {
                while (assembler.TryTake(all, out var frame))
                {
                    var evidence = new float[Model.Layout.Width];
                    monitor.Advance(frame, evidence);
                    actual[frame.Ticks] = evidence;
                }
            }
        }, iter: 40);

    [Fact]
    public void Evidence_is_finite_or_missing_whatever_the_values() =>
        Gen.OneOf(Gen.Const(double.NaN), Gen.Const(0.0), Gen.Const(1e9), Gen.Const(-1e300), Gen.Const(double.MaxValue), Gen.Const(1e-300), Gen.Double[-10, 10])
            .Array[8 * 30].Sample(values =>
            {
                var rows = new AssetRows("a", [.. Model.Profile.Metrics.Select(m => m.Name)], [.. Enumerable.Range(0, 30).Select(i => i * 2 * Second)], values);
                foreach (var evidence in Replay(rows))
                    foreach (var value in evidence) Assert.False(float.IsInfinity(value));
            });

    [Fact]
    public void A_counter_reset_looks_like_the_traffic_since_not_like_a_fall()
    {
        var names = Model.Profile.Metrics.Select(m => m.Name).ToArray();
        var values = new List<double>();
        double total = 1e6;
        for (var i = 0; i < 100; i++)
        {
            total = i == 50 ? 200 : total + 200;
            values.AddRange([total, 0, 1, 10, 900, 1, 0.01, 0]);
        }
        var evidence = Replay(new AssetRows("a", names, [.. Enumerable.Range(0, 100).Select(i => i * 2 * Second)], [.. values]));
        var level = Column("requests|level");
        for (var i = 1; i < 100; i++) Assert.Equal(Math.Log(101), evidence[i][level], 5);
    }

    [Fact]
    public void The_ratio_to_the_limit_is_that_of_the_fullest_resource()
    {
        var names = Model.Profile.Metrics.Select(m => m.Name).ToArray();
        var values = Enumerable.Range(0, 60).SelectMany(_ => new[] { 0.0, 0, 300, 1000, 100, 1, 0.01, 0 }).ToArray();
        var evidence = Replay(new AssetRows("a", names, [.. Enumerable.Range(0, 60).Select(i => i * 2 * Second)], values));
        Assert.Equal(0.9f, evidence[^1][Column("limit_ratio")], 5);
        Assert.Equal(0.3f, evidence[^1][Column("limit_ratio_second")], 5);
        Assert.Equal(0f, evidence[^1][Column("urgency")], 5);
    }

    [Fact]
    public void Urgency_tells_the_time_to_the_limit_of_a_steady_rise()
    {
        // 10 of 1000 a step, at 600 after 60 steps: the limit is 40 steps away; urgency counts in 2.5 longest horizons, 150 steps.
        var names = Model.Profile.Metrics.Select(m => m.Name).ToArray();
        var values = Enumerable.Range(0, 61).SelectMany(i => new[] { 0.0, 0, 10.0 * i, 1000, 900, 1, 0.01, 0 }).ToArray();
        var evidence = Replay(new AssetRows("a", names, [.. Enumerable.Range(0, 61).Select(i => i * 2 * Second)], values));
        var timeToLimit = 150 / (Math.Exp(evidence[^1][Column("urgency")]) - 1);
        Assert.InRange(timeToLimit, 40, 43); // the ridge takes a twentieth off a slope of half-life 3 steps
    }

    [Fact]
    public void A_silence_longer_than_stale_after_begins_a_new_life()
    {
        var rows = Rows(3, 100, missing: 0);
        var shifted = rows.Ticks.Select((t, i) => i < 50 ? t : t + 100 * Second).ToArray();
        var whole = Replay(new AssetRows("a", rows.Metrics, shifted, rows.Values));
        var second = Replay(new AssetRows("a", rows.Metrics, rows.Ticks[50..], rows.Values[(50 * rows.Metrics.Count)..]));
        for (var i = 0; i < 50; i++) Assert.Equal(Bits(second[i]), Bits(whole[50 + i]));
    }

    [Fact]
    public void Several_rows_in_a_step_are_each_answered_and_the_step_counts_once()
    {
        var rows = Rows(5, 60, missing: 0);
        var doubled = rows.Ticks.SelectMany(t => new[] { t, t + Second / 2 }).ToArray();
        var values = Enumerable.Range(0, rows.Count).SelectMany(i => rows.Row(i).ToArray().Concat(rows.Row(i).ToArray())).ToArray();
        var evidence = Replay(new AssetRows("a", rows.Metrics, doubled, values));
        Assert.Equal(120, evidence.Count);
        var fds = Column("fds|mean_slow");
        var plain = Replay(rows);
        for (var i = 0; i < 60; i++) Assert.Equal(plain[i][fds], evidence[2 * i + 1][fds], 5);
    }

    [Fact]
    public void Limits_and_start_times_are_no_evidence_by_themselves() =>
        Assert.DoesNotContain(Model.Layout.Columns, c => c.Name.StartsWith("max_fds|", StringComparison.Ordinal));

    [Fact]
    public void Frames_that_go_back_are_refused()
    {
        var monitor = new AssetMonitor(Model);
        var values = new double[Model.Profile.Metrics.Length];
        monitor.Advance(new Frame(3, 0, values), []);
        Assert.Throws<ArgumentException>(() => monitor.Advance(new Frame(3, 0, values), []));
    }

    private static int Column(string name) => Model.Layout.Columns.Select(c => c.Name).ToList().IndexOf(name);

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
