using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

/// <summary>Lanes are advanced and written by whole vectors: where a metric stands, and beside how many others, must not change a bit of it.</summary>
public sealed class LaneOrderTests
{
    private const int StepCount = 60;

    [Fact]
    public void A_metric_has_the_same_evidence_alone_and_anywhere_among_others() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[0, 1000]).Sample((metricCount, seed) =>
        {
            var random = new Random(seed);
            var all = ModelOf(Enumerable.Range(0, metricCount));
            var values = Enumerable.Range(0, StepCount * metricCount)
                .Select(_ => random.Next(10) switch { 0 => double.NaN, 1 => 0, var digit => digit * Math.Exp(random.Next(-5, 12)) }).ToArray();
            var together = Advance(all, values);
            for (var m = 0; m < metricCount; m++)
            {
                var one = ModelOf([m]);
                var alone = Advance(one, [.. Enumerable.Range(0, StepCount).Select(s => values[s * metricCount + m])]);
                foreach (var column in one.Layout.Columns.Where(c => c.Part == EvidencePart.Metric))
                    Assert.Equal(Bits(alone, one, column.Name), Bits(together, all, column.Name));
            }
        }, iter: 30);

    [Fact]
    public void Every_entry_of_the_evidence_is_written()
    {
        foreach (var metricCount in Enumerable.Range(1, 20))
        {
            var model = ModelOf(Enumerable.Range(0, metricCount));
            var (first, second) = (new float[model.Layout.Width], new float[model.Layout.Width]);
            Array.Fill(first, 1e30f);
            Array.Fill(second, -1e30f);
            foreach (var target in new[] { first, second })
                new AssetMonitor(model).Advance(new Frame(0, 0, [.. Enumerable.Range(0, metricCount).Select(m => (double)m)]), target);
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void The_signed_logarithm_is_that_of_the_library_to_two_units_in_the_last_place() =>
        Gen.OneOf(Gen.Double[-10, 10], Gen.Double[-1e9, 1e9], Gen.Double).Sample(x =>
        {
            var expected = Math.CopySign(Math.Log(1 + Math.Min(Math.Abs(x), double.MaxValue)), x);
            var actual = EvidenceModel.Transform(x);
            if (double.IsNaN(expected)) Assert.True(double.IsNaN(actual));
            else Assert.Equal(expected, actual, 2 * (Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected)));
        });

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(double.PositiveInfinity, 709.782712893384)]
    [InlineData(double.NegativeInfinity, -709.782712893384)]
    public void The_signed_logarithm_is_exact_at_zero_and_bounded(double x, double expected) => Assert.Equal(expected, EvidenceModel.Transform(x), 1e-12);

    private static EvidenceModel ModelOf(IEnumerable<int> metrics) =>
        new(TestProfiles.Of([.. metrics.Select(m => new MetricSpec { Name = $"metric_{m}", Group = m % 2 == 0 ? "latency" : "pressure" })]));

    private static float[] Advance(EvidenceModel model, double[] values)
    {
        var count = model.Profile.Metrics.Length;
        var evidence = new float[model.Layout.Width];
        var monitor = new AssetMonitor(model);
        for (var s = 0; s < StepCount; s++)
            monitor.Advance(new Frame(s, s * model.Profile.Step.Ticks, values.AsSpan(s * count, count)), evidence);
        return evidence;
    }

    private static int Bits(float[] evidence, EvidenceModel model, string column) =>
        BitConverter.SingleToInt32Bits(evidence[model.Layout.Columns.Select(c => c.Name).ToList().IndexOf(column)]);
}
