using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class CholeskyTests
{
    [Fact]
    public void Solves_what_multiplication_made()
    {
        var sizes = Gen.Int[1, 8];
        (from n in sizes from entries in Gen.Double[-3, 3].Array[n * n] from x in Gen.Double[-5, 5].Array[n] select (n, entries, x)).Sample(c =>
        {
            var matrix = new double[c.n * c.n];
            for (var i = 0; i < c.n; i++)
                for (var j = 0; j < c.n; j++)
                {
                    for (var k = 0; k < c.n; k++) matrix[i * c.n + j] += c.entries[i * c.n + k] * c.entries[j * c.n + k];
                    if (i == j) matrix[i * c.n + j] += 1;
                }

            var right = new double[c.n];
            for (var i = 0; i < c.n; i++)
                for (var j = 0; j < c.n; j++) right[i] += matrix[i * c.n + j] * c.x[j];
            Assert.True(Cholesky.TryFactor(matrix, c.n));
            Cholesky.Solve(matrix, right);
            for (var i = 0; i < c.n; i++) Assert.Equal(c.x[i], right[i], 1e-8);
        });
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(0, 0, 0)]
    [InlineData(double.NaN, 0, 1)]
    public void Refuses_what_is_not_positive_definite(double a, double b, double d) =>
        Assert.False(Cholesky.TryFactor([a, b, b, d], 2));
}
