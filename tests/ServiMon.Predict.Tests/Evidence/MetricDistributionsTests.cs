using System.IO.Compression;
using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Tests.Evidence;

public class MetricDistributionsTests(ITestOutputHelper output)
{
    [Fact]
    public void Missing_values_count_for_their_metric_alone()
    {
        var distributions = new MetricDistributions(["a", "b"]);
        distributions.Add([1, double.NaN]);
        distributions.Add([3, 5], weight: 2);
        Assert.Equal((3, 3, 2), (distributions.StepCount, distributions[0].Count, distributions[1].Count));
        Assert.Equal(3, distributions[0].Quantile(0.5), 0.03);
        Assert.Throws<ArgumentException>(() => distributions.Add([1]));
        distributions.Clear();
        Assert.Equal((0, 0), (distributions.StepCount, distributions[0].Count));
    }

    [Fact]
    public void Those_of_other_metrics_are_not_merged() =>
        Assert.Throws<ArgumentException>(() => new MetricDistributions(["a"]).Merge(new MetricDistributions(["b"])));

    /// <summary>Gauges over two decades, rates over five, shares, counts that are mostly zero: a million steps.</summary>
    [Theory]
    [InlineData(20, 40_000, 15_000)]
    [InlineData(100, 200_000, 75_000)]
    public void A_bundles_entry_is_small_and_survives_as_bytes(int metrics, int mostBytes, int mostPacked)
    {
        var random = new Random(1);
        var distributions = new MetricDistributions([.. Enumerable.Range(0, metrics).Select(m => $"some_metric_of_a_usual_length_{m}_seconds")]);
        var values = new double[metrics];
        for (var step = 0; step < 1_000_000 / metrics; step++)
        {
            for (var m = 0; m < metrics; m++)
                values[m] = (m % 4) switch
                {
                    0 => Math.Exp(Normal()),
                    1 => 1e6 * Math.Exp(2 * Normal()),
                    2 => random.NextDouble(),
                    _ => random.Next(100) == 0 ? random.Next(1, 50) : 0,
                };
            distributions.Add(values, weight: metrics);
        }
        var writer = new StateWriter();
        distributions.Save(writer);
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(writer.Written.Span);
        output.WriteLine($"{metrics} metrics: {writer.Written.Length} bytes, {packed.Length} deflated");
        Assert.InRange(writer.Written.Length, 1, mostBytes);
        Assert.InRange(packed.Length, 1, mostPacked);

        var reader = new StateReader(writer.Written.Span);
        var loaded = MetricDistributions.Load(ref reader);
        Assert.True(reader.AtEnd);
        var again = new StateWriter();
        loaded.Save(again);
        Assert.Equal(writer.Written.ToArray(), again.Written.ToArray());
        for (var length = 0; length < writer.Written.Length; length += 1 + length / 50)
        {
            var cut = writer.Written[..length];
            Assert.Throws<InvalidDataException>(() =>
            {
                var damaged = new StateReader(cut.Span);
                MetricDistributions.Load(ref damaged);
            });
        }

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
