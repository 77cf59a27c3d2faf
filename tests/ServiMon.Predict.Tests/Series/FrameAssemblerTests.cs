using System.Globalization;
using CsCheck;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Series;

public sealed class FrameAssemblerTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private static readonly Profile Profile = TestProfiles.Of(
        new MetricSpec { Name = "last", Group = "latency" },
        new MetricSpec { Name = "mean", Group = "latency", Aggregation = Aggregation.Mean },
        new MetricSpec { Name = "max", Group = "latency", Aggregation = Aggregation.Max });

    /// <summary>Samples at a random spacing, with repeated times and several to a step.</summary>
    private static readonly Gen<(int Metric, long Ticks, double Value)[]> Streams =
        Gen.Select(Gen.Int[0, 2], Gen.Long[0, 40], Gen.Double[-5, 5]).Select((m, t, v) => (m, t * Second, v)).Array[1, 120];

    [Fact]
    public void Any_order_within_the_lateness_bound_gives_the_same_frames() =>
        Gen.Select(Streams, Gen.Int[0, 10], Gen.Int).Sample((samples, delay, seed) =>
        {
            var inOrder = samples.OrderBy(s => s.Ticks).ToArray();
            // Every sample is held back by up to `delay` seconds, the lateness bound being ten.
            var random = new Random(seed);
            var shuffled = inOrder.OrderBy(s => s.Ticks + random.NextInt64(0, delay * Second + 1)).ToArray();
            Assert.Equal(Frames(inOrder), Frames(shuffled));
        });

    [Fact]
    public void Every_sample_has_one_outcome() =>
        Streams.Sample(samples =>
        {
            var assembler = new FrameAssembler(Profile);
            foreach (var (metric, ticks, value) in samples) assembler.Offer(metric, ticks, value);
            Assert.Equal(samples.Length, Enum.GetValues<SampleOutcome>().Sum(assembler.Count));
        });

    [Fact]
    public void A_step_closes_when_the_watermark_passes_it_and_what_comes_after_is_late()
    {
        var assembler = new FrameAssembler(Profile);
        Assert.Equal(SampleOutcome.Accepted, assembler.Offer(0, 0, 1));
        Assert.False(assembler.TryTake(false, out _));
        Assert.Equal(SampleOutcome.Accepted, assembler.Offer(0, 11 * Second, 2));
        Assert.True(assembler.TryTake(false, out var frame));
        Assert.Equal(0, frame.Step);
        Assert.Equal(1, frame.Values[0]);
        Assert.Equal(SampleOutcome.Late, assembler.Offer(0, Second / 2, 3));
        Assert.Equal(SampleOutcome.OutOfOrder, assembler.Offer(0, 9 * Second, 4));
        Assert.Equal(SampleOutcome.NotFinite, assembler.Offer(0, 12 * Second, double.PositiveInfinity));
    }

    [Fact]
    public void Of_two_samples_of_one_time_the_same_one_is_kept_whichever_comes_first()
    {
        foreach (var values in new[] { new[] { 1.0, 2.0 }, [2.0, 1.0] })
        {
            var assembler = new FrameAssembler(Profile);
            assembler.Offer(0, 0, values[0]);
            Assert.Equal(SampleOutcome.Duplicate, assembler.Offer(0, 0, values[1]));
            Assert.True(assembler.TryTake(true, out var frame));
            Assert.Equal(2.0, frame.Values[0]);
        }
    }

    [Fact]
    public void A_missing_step_has_no_frame_and_moves_no_other()
    {
        var assembler = new FrameAssembler(Profile);
        foreach (var step in new[] { 0, 1, 2, 5, 6 }) assembler.Offer(0, step * 2 * Second, step);
        var steps = new List<long>();
        while (assembler.TryTake(true, out var frame)) steps.Add(frame.Step);
        Assert.Equal([0, 1, 2, 5, 6], steps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crowded_step_keeps_little_and_closes_alike_in_any_order_and_after_any_restart(int seed)
    {
        // The grid is anchored; then come 30,000 samples of one metric and 9,000 of another in one step, some of them twice.
        var random = new Random(seed);
        var crowd = new List<(int Metric, long Ticks, double Value)>();
        for (var i = 0; i < 30_000; i++) crowd.Add((1, 11 * Second + random.NextInt64(2 * Second), random.NextDouble()));
        for (var i = 0; i < 9_000; i++) crowd.Add((2, 11 * Second + random.NextInt64(2 * Second), random.NextDouble()));
        for (var i = 0; i < 500; i++) crowd.Add(crowd[random.Next(crowd.Count)] with { Value = random.NextDouble() });
        (int Metric, long Ticks, double Value)[] Around(IEnumerable<(int, long, double)> middle) => [(1, 0, 5), (0, 10 * Second, 1), .. middle, (0, 14 * Second, 2)];
        var inOrder = crowd.OrderBy(s => s.Ticks).ToArray();
        var expected = Frames(Around(inOrder));

        Assert.Equal(4, expected.Count);
        Assert.Equal(expected, Frames(Around(inOrder.Reverse())));
        random.Shuffle(inOrder);
        Assert.Equal(expected, Frames(Around(inOrder)));
        Assert.Equal(expected, Frames(Around(inOrder), saveEvery: 5_000));
        var mean = BitConverter.Int64BitsToDouble(long.Parse(expected[2].Split(' ')[3], CultureInfo.InvariantCulture));
        Assert.Equal(0.5, mean, 0.03);
    }

    [Fact]
    public void However_many_samples_come_little_of_them_is_kept()
    {
        var assembler = new FrameAssembler(Profile);
        var writer = new StateWriter();
        // All of them within the lateness bound: first without a grid, then, after one that is newer, on it.
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 100_000; i++) assembler.Offer(1, 10 * Second * round + i * 500L, i);
            writer.Clear();
            assembler.Save(writer);
            Assert.InRange(writer.Written.Length, 100_000, 3 * 8192 * 20 + 1000);
            Assert.InRange(assembler.Count(SampleOutcome.Crowded), 55_000 * (round + 1), 100_000 * (round + 1));
        }
        Assert.Equal(200_000, Enum.GetValues<SampleOutcome>().Sum(assembler.Count));
    }

    private static List<string> Frames((int Metric, long Ticks, double Value)[] samples, int saveEvery = int.MaxValue)
    {
        var assembler = new FrameAssembler(Profile);
        var frames = new List<string>();
        var untilSave = saveEvery;
        foreach (var (metric, ticks, value) in samples)
        {
            if (--untilSave == 0)
            {
                untilSave = saveEvery;
                var writer = new StateWriter();
                assembler.Save(writer);
                assembler = new FrameAssembler(Profile);
                var reader = new StateReader(writer.Written.Span);
                assembler.Load(ref reader);
                Assert.True(reader.AtEnd);
            }
            Assert.NotEqual(SampleOutcome.Late, assembler.Offer(metric, ticks, value));
            while (assembler.TryTake(false, out var frame)) frames.Add(Text(frame));
        }
        while (assembler.TryTake(true, out var frame)) frames.Add(Text(frame));
        return frames;

        static string Text(in Frame frame) =>
            $"{frame.Step} {frame.Ticks} {string.Join(' ', frame.Values.ToArray().Select(v => BitConverter.DoubleToInt64Bits(v)))}";
    }
}
