using ServiMon.Predict.Statistics;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Statistics;

/// <summary>A quantile sketch as its version was first written is read for good.</summary>
public sealed class SketchFixtureTests
{
    /// <summary>What the sketch was made of: both signs, zeros, five decades, so that buckets near zero were joined.</summary>
    internal static IEnumerable<double> Values => Enumerable.Range(0, 1000).Select(i => i % 50 == 0 ? 0 : (i % 3 - 0.5) * Math.Pow(10, i % 97 / 20.0));

    [Fact]
    public void Version_1_is_read_and_written_as_it_was()
    {
        var bytes = File.ReadAllBytes(Path.Combine(TestFiles.RepositoryRoot, "tests", "ServiMon.Predict.Tests", "Statistics", "Fixtures", "quantile-sketch-v1.bin"));
        var reader = new StateReader(bytes);
        var sketch = QuantileSketch.Load(ref reader);
        Assert.True(reader.AtEnd);
        var writer = new StateWriter();
        sketch.Save(writer);
        Assert.Equal(bytes, writer.Written.ToArray());

        var today = new QuantileSketch(0.02, 128);
        foreach (var value in Values) today.Add(value);
        Assert.True(today.CollapsedCount > 0);
        Assert.Equal((today.Count, today.Min, today.Max, today.MaxBuckets, today.Accuracy), (sketch.Count, sketch.Min, sketch.Max, sketch.MaxBuckets, sketch.Accuracy));
        // A value at the very edge of a bucket may fall on either side of it on another machine: one of a thousand.
        foreach (var q in new[] { 0, 0.1, 0.33, 0.5, 0.9, 0.99, 1 }) Assert.Equal(today.Quantile(q), sketch.Quantile(q), 0.05 * Math.Abs(today.Quantile(q)) + 1e-9);
    }
}
