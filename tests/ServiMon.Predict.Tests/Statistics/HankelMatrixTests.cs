using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

/// <summary>Products by transform against sums over every entry.</summary>
public class HankelMatrixTests
{
    [Fact]
    public void Products_are_those_of_the_dense_matrix() => Gen.Select(Gen.Int[1, 400], Gen.Double[0, 1], Gen.Int[1, 40], Gen.Int[0, 999]).Sample(
        (count, share, vectorCount, seed) =>
        {
            var rows = Math.Clamp((int)Math.Ceiling(share * share * count), 1, count);
            var series = Noise(count, seed);
            var matrix = new HankelMatrix(series, rows);
            double[][] vectors = [.. Enumerable.Range(1, vectorCount).Select(v => Noise(rows, seed + v))];
            double[][] images = [.. vectors.Select(v => new double[rows])];
            matrix.MultiplyGram(vectors, images);
            Assert.Equal(count - rows + 1, matrix.Columns);
            for (var v = 0; v < vectorCount; v++)
            {
                var columns = Columns(series, vectors[v]);
                for (var i = 0; i < rows; i++)
                {
                    var expected = Enumerable.Range(0, matrix.Columns).Sum(j => series[i + j] * columns[j]);
                    // Rounding of sums of up to 200 x 200 products of order 1, the transform's log factor included.
                    Assert.Equal(expected, images[v][i], 1e-10);
                }
            }
        }, iter: 60);

    [Fact]
    public void Reconstruction_is_the_diagonal_average_of_the_projection() => Gen.Select(Gen.Int[2, 300], Gen.Double[0, 1], Gen.Int[1, 20], Gen.Int[0, 999]).Sample(
        (count, share, vectorCount, seed) =>
        {
            var rows = Math.Clamp((int)Math.Ceiling(share * share * count), 1, count);
            var series = Noise(count, seed);
            double[][] vectors = [.. Enumerable.Range(1, vectorCount).Select(v => Noise(rows, seed + v))];
            var expected = new double[count];
            var counts = new int[count];
            foreach (var u in vectors)
            {
                var columns = Columns(series, u);
                for (var i = 0; i < rows; i++)
                    for (var j = 0; j < columns.Length; j++)
                    {
                        expected[i + j] += u[i] * columns[j];
                        counts[i + j]++;
                    }
            }

            var matrix = new HankelMatrix(series, rows);
            var found = matrix.Reconstruct(vectors);
            for (var t = 0; t < count; t++)
            {
                Assert.Equal(counts[t] / vectorCount, matrix.Weight(t));
                Assert.Equal(expected[t] / matrix.Weight(t), found[t], 1e-10);
            }
        }, iter: 60);

    [Fact]
    public void Its_norm_counts_every_entry()
    {
        var series = Noise(50, 3);
        var expected = Enumerable.Range(0, 12).Sum(i => Enumerable.Range(0, 39).Sum(j => series[i + j] * series[i + j]));
        Assert.Equal(expected, new HankelMatrix(series, 12).SquaredNorm, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void Rows_beyond_the_series_are_refused(int rows) => Assert.Throws<ArgumentOutOfRangeException>(() => new HankelMatrix(new double[10], rows));

    private static double[] Columns(double[] series, double[] vector) =>
        [.. Enumerable.Range(0, series.Length - vector.Length + 1).Select(j => vector.Select((u, i) => u * series[i + j]).Sum())];

    private static double[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
