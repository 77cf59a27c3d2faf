using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class SymmetricEigenTests
{
    [Fact]
    public void Vectors_are_orthonormal_and_the_matrix_is_their_sum() => Gen.Select(Gen.Int[1, 24], Gen.Int[0, 999]).Sample((n, seed) =>
    {
        var random = new Random(seed);
        var matrix = new double[n * n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.NextDouble() - 0.5;
        var (values, vectors) = SymmetricEigen.Decompose([.. matrix], n);
        Assert.Equal(values.OrderDescending(), values);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                Assert.Equal(matrix[i * n + j], Enumerable.Range(0, n).Sum(k => values[k] * vectors[k * n + i] * vectors[k * n + j]), 1e-12);
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, n).Sum(k => vectors[i * n + k] * vectors[j * n + k]), 1e-12);
            }
    });

    [Fact]
    public void A_matrix_of_zeros_has_none_but_zero() => Assert.All(SymmetricEigen.Decompose(new double[9], 3).Values, value => Assert.Equal(0, value));

    [Fact]
    public void A_wrong_size_is_refused() => Assert.Throws<ArgumentException>(() => SymmetricEigen.Decompose(new double[5], 2));
}
