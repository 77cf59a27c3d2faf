using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class QuantileSketchTests
{
    private static readonly Gen<double> Value = Gen.OneOf(Gen.Double[-6, 6].Select(v => Math.Pow(10, v)), Gen.Double[-6, 6].Select(v => -Math.Pow(10, v)), Gen.Const(0.0));

    private static readonly double[] Levels = [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1];

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    public void Every_quantile_is_within_the_promised_share_of_the_exact_one(double accuracy) =>
        Value.Array[1, 500].Sample(values =>
        {
            var sketch = Of(values, accuracy);
            Assert.Equal(0, sketch.CollapsedCount);
            AssertExact(values, sketch);
        }, seed: "0000KOXqXEe9", iter: 300, threads: 1);

    [Fact]
    public void Merging_gives_the_same_bytes_as_one_sketch_of_all() =>
        Gen.Select(Value.Array[0, 200], Value.Array[0, 200]).Sample((left, right) =>
        {
            var merged = Of(left, 0.02);
            merged.Merge(Of(right, 0.02));
            Assert.Equal(Levels.Select(Of([.. left, .. right], 0.02).Quantile), Levels.Select(merged.Quantile));
            Assert.Equal(left.Length + right.Length, merged.Count);
        }, seed: "0000KOXqXEe9", iter: 200, threads: 1);

    [Fact]
    public void Saved_and_loaded_it_goes_on_alike()
    {
        var random = new Random(3);
        var sketch = new QuantileSketch(0.01, 64);
        for (var i = 0; i < 5000; i++) sketch.Add(Math.Exp(3 * random.NextDouble()) * (random.Next(3) - 1));
        var writer = new StateWriter();
        sketch.Save(writer);
        var reader = new StateReader(writer.Written.Span);
        var loaded = QuantileSketch.Load(ref reader);
        Assert.True(reader.AtEnd);
        sketch.Add(1e5);
        loaded.Add(1e5);
        Assert.Equal(Levels.Select(sketch.Quantile), Levels.Select(loaded.Quantile));
        Assert.Equal((sketch.Count, sketch.CollapsedCount, sketch.Min, sketch.Max), (loaded.Count, loaded.CollapsedCount, loaded.Min, loaded.Max));
        for (var length = 0; length < writer.Written.Length; length += 7)
        {
            var cut = writer.Written[..length];
            Assert.Throws<InvalidDataException>(() =>
            {
                var damaged = new StateReader(cut.Span);
                QuantileSketch.Load(ref damaged);
            });
        }
    }

    [Fact]
    public void Beyond_its_bound_only_the_lowest_lose_the_promise()
    {
        // 32 buckets at 5 % span a factor of about 25 below the largest.
        double[] values = [.. Enumerable.Range(0, 2000).Select(i => Math.Pow(10, -6 + i * 0.005))];
        foreach (var order in new[] { values, [.. values.Reverse()] })
        {
            var sketch = new QuantileSketch(0.05, 32);
            foreach (var value in order) sketch.Add(value);
            Assert.InRange(sketch.CollapsedCount, 1, 1999);
            var sorted = values;
            for (var rank = (int)sketch.CollapsedCount; rank < 2000; rank++)
                Assert.Equal(sorted[rank], sketch.Quantile((rank + 0.5) / 1999 > 1 ? 1 : (rank + 0.5) / 1999), 0.0501 * sorted[rank]);
        }
    }

    [Fact]
    public void Shares_count_what_lies_below()
    {
        var sketch = Of([-3, -2, -1, 0, 1, 2, 3, 4], 0.01);
        Assert.Equal([0, 0.375, 0.5, 0.625, 1], new[] { -4, -0.5, 0, 1.5, 5 }.Select(sketch.ShareUpTo));
        Assert.Equal((-3.0, 4.0), (sketch.Min, sketch.Max));
    }

    [Fact]
    public void What_is_not_finite_is_passed_over_and_what_cannot_be_is_refused()
    {
        var sketch = new QuantileSketch();
        Assert.False(sketch.Add(double.NaN));
        Assert.False(sketch.Add(double.PositiveInfinity));
        Assert.True(double.IsNaN(sketch.Quantile(0.5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => sketch.Quantile(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileSketch(0));
        Assert.Throws<ArgumentException>(() => sketch.Merge(new QuantileSketch(0.05)));
    }

    private static QuantileSketch Of(double[] values, double accuracy)
    {
        var sketch = new QuantileSketch(accuracy);
        foreach (var value in values) sketch.Add(value);
        return sketch;
    }

    private static void AssertExact(double[] values, QuantileSketch sketch)
    {
        var sorted = values.Order().ToArray();
        foreach (var q in Levels)
        {
            var exact = sorted[(int)Math.Floor(q * (sorted.Length - 1))];
            // Rounding of logarithms at a bucket's edge: far below the share promised.
            Assert.Equal(exact, sketch.Quantile(q), (sketch.Accuracy + 1e-9) * Math.Abs(exact) + double.Epsilon);
        }
    }
}
