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
            Assert.Equal(Bytes(Of([.. left, .. right], 0.02)), Bytes(merged));
            Assert.Equal(left.Length + right.Length, merged.Count);
        }, seed: "0000KOXqXEe9", iter: 200, threads: 1);

    /// <summary>Of few buckets, so that most values are joined: sketches of parts of a stream, merged in any order, are the stream's to the byte.</summary>
    [Fact]
    public void Parts_merged_in_any_order_give_the_same_bytes() =>
        Gen.Select(Value.Array[1, 300], Gen.Int[0, 1_000_000]).Sample((values, draw) =>
        {
            var random = new Random(draw);
            var parts = Enumerable.Range(0, 9).Select(_ => new QuantileSketch(0.02, 16)).ToList();
            foreach (var value in values) parts[random.Next(parts.Count)].Add(value, 1 + random.Next(3));
            random = new Random(draw);
            var whole = new QuantileSketch(0.02, 16);
            foreach (var value in values)
            {
                random.Next(parts.Count);
                whole.Add(value, 1 + random.Next(3));
            }
            while (parts.Count > 1)
            {
                var from = parts[random.Next(parts.Count)];
                parts.Remove(from);
                parts[random.Next(parts.Count)].Merge(from);
            }
            Assert.Equal(Bytes(whole), Bytes(parts[0]));
        }, seed: "0000KOXqXEe9", iter: 500, threads: 1);

    [Fact]
    public void A_value_that_counts_often_is_that_value_so_often()
    {
        var (once, often) = (new QuantileSketch(), new QuantileSketch());
        foreach (var value in new[] { 3.5, -2, 0, 3.5 })
            for (var i = 0; i < 7; i++) once.Add(value);
        foreach (var value in new[] { 3.5, -2, 0, 3.5 }) often.Add(value, 7);
        Assert.Equal(Bytes(once), Bytes(often));
        Assert.Throws<ArgumentOutOfRangeException>(() => often.Add(1, 0));
    }

    [Fact]
    public void A_cleared_sketch_is_as_new_and_allocates_nothing_for_what_it_held_before()
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 4000).Select(_ => Math.Exp(4 * random.NextDouble()) * (random.Next(3) - 1))];
        var sketch = Of(values, 0.01);
        sketch.Clear();
        Assert.Equal((0, true), (sketch.Count, double.IsNaN(sketch.Quantile(0.5))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var value in values) sketch.Add(value);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(Levels.Select(Of(values, 0.01).Quantile), Levels.Select(sketch.Quantile));
        AssertExact(values, sketch);
    }

    /// <summary>The exact distance is not less than that between buckets, nor greater by more than the share of a bucket.</summary>
    [Fact]
    public void The_distance_is_the_exact_one_to_the_share_of_a_bucket() =>
        Gen.Select(Value.Array[1, 200], Value.Array[1, 200]).Sample((left, right) =>
        {
            var (a, b) = (Of(left, 0.02), Of(right, 0.02));
            var exact = left.Concat(right).Max(v => Math.Abs(left.Count(x => x <= v) / (double)left.Length - right.Count(x => x <= v) / (double)right.Length));
            // Values of one bucket are the ones that a factor of (1 + a) / (1 - a) or less lies between.
            bool AreNear(double x, double y) => x == y || (Math.Sign(x) == Math.Sign(y) && Math.Abs(Math.Log(x / y)) < 0.0401);
            double InOneBucket(double[] all) => all.Max(v => all.Count(x => AreNear(x, v))) / (double)all.Length;
            var bucket = Math.Max(InOneBucket(left), InOneBucket(right));
            Assert.InRange(a.DistanceTo(b), exact - bucket - 1e-12, exact + 1e-12);
            Assert.Equal(a.DistanceTo(b), b.DistanceTo(a));
            Assert.Equal(0, a.DistanceTo(a));
        }, seed: "0000KOXqXEe9", iter: 300, threads: 1);

    [Fact]
    public void The_distance_does_not_look_where_values_were_joined()
    {
        // The same values; one sketch has joined the lower decades.
        double[] values = [.. Enumerable.Range(0, 2000).Select(i => Math.Pow(10, -6 + i * 0.005))];
        foreach (var sign in new[] { 1, -1 })
        {
            var (joined, whole) = (new QuantileSketch(0.05, 32), new QuantileSketch(0.05));
            foreach (var value in values) Assert.True(joined.Add(sign * value) && whole.Add(sign * value));
            Assert.InRange(joined.CollapsedCount, 1, 1999);
            Assert.Equal(0, joined.DistanceTo(whole));
            Assert.Equal(0, whole.DistanceTo(joined));
        }
        Assert.True(double.IsNaN(new QuantileSketch().DistanceTo(Of([1], 0.01))));
    }

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
        Assert.Equal([0, 0.125, 0.375, 0.375, 0.5, 0.5, 1], new[] { -3, -2, -0.5, 0, 0.5, 1, 5 }.Select(sketch.ShareBelow));
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

    private static byte[] Bytes(QuantileSketch sketch)
    {
        var writer = new StateWriter();
        sketch.Save(writer);
        return writer.Written.ToArray();
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
