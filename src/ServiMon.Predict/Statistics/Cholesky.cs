namespace ServiMon.Predict.Statistics;

/// <summary>Cholesky factorisation of symmetric positive definite matrices and the solving of A x = b with it (Golub and Van Loan, 4.2).</summary>
public static class Cholesky
{
    /// <summary>A pivot below this share of its diagonal entry counts as zero: the row is dependent on those before it.</summary>
    private const double PivotShare = 1e-13;

    /// <summary>Replaces the lower triangle of <paramref name="matrix"/> by L with L L' = matrix.</summary>
    /// <param name="matrix">n x n, row-major, symmetric; only the lower triangle is read and written.</param>
    /// <param name="n">Rows.</param>
    /// <returns>False when the matrix is not positive definite; its content is then undefined.</returns>
    public static bool TryFactor(Span<double> matrix, int n)
    {
        if (matrix.Length < n * n) throw new ArgumentException($"{matrix.Length} entries for a {n} x {n} matrix", nameof(matrix));
        for (var j = 0; j < n; j++)
        {
            var rowJ = matrix.Slice(j * n, n);
            var diagonal = rowJ[j];
            var pivot = diagonal;
            for (var k = 0; k < j; k++) pivot -= rowJ[k] * rowJ[k];
            if (!(pivot > PivotShare * Math.Abs(diagonal)) || !double.IsFinite(pivot)) return false;
            pivot = Math.Sqrt(pivot);
            rowJ[j] = pivot;
            for (var i = j + 1; i < n; i++)
            {
                var rowI = matrix.Slice(i * n, n);
                var entry = rowI[j];
                for (var k = 0; k < j; k++) entry -= rowI[k] * rowJ[k];
                rowI[j] = entry / pivot;
            }
        }

        return true;
    }

    /// <summary>Replaces <paramref name="x"/>, holding b, by the solution of L L' x = b.</summary>
    /// <param name="factor">L as <see cref="TryFactor"/> leaves it, n x n row-major.</param>
    /// <param name="x">n entries.</param>
    public static void Solve(ReadOnlySpan<double> factor, Span<double> x)
    {
        var n = x.Length;
        if (factor.Length < n * n) throw new ArgumentException($"{factor.Length} entries for a {n} x {n} factor", nameof(factor));
        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++) x[i] -= factor[i * n + k] * x[k];
            x[i] /= factor[i * n + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= factor[k * n + i] * x[k];
            x[i] /= factor[i * n + i];
        }
    }
}
