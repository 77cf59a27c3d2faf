namespace ServiMon.Predict.Statistics;

/// <summary>Eigenvalues and vectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5): accurate to a few units of rounding.</summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 40;

    /// <summary>Off-diagonal share of the whole, squared, at which the rotations stop: below rounding.</summary>
    private const double Enough = 1e-30;

    /// <param name="matrix">n x n, row-major, symmetric; destroyed.</param>
    /// <param name="n">Rows.</param>
    /// <returns>The eigenvalues from the largest down, and the vectors: entry i of vector k at [k * n + i].</returns>
    public static (double[] Values, double[] Vectors) Decompose(double[] matrix, int n)
    {
        if (matrix.Length != n * n) throw new ArgumentException($"{matrix.Length} entries for a {n} x {n} matrix", nameof(matrix));
        var vectors = new double[n * n];
        for (var i = 0; i < n; i++) vectors[i * n + i] = 1;
        for (var sweep = 0; sweep < MaxSweeps; sweep++)
        {
            double off = 0, whole = 0;
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                {
                    var square = matrix[i * n + j] * matrix[i * n + j];
                    whole += square;
                    if (i != j) off += square;
                }

            if (!(off > Enough * whole)) break;
            for (var p = 0; p < n; p++)
                for (var q = p + 1; q < n; q++) Rotate(matrix, vectors, n, p, q);
        }

        var order = Enumerable.Range(0, n).OrderByDescending(i => matrix[i * n + i]).ToArray();
        var sorted = new double[n * n];
        for (var k = 0; k < n; k++) vectors.AsSpan(order[k] * n, n).CopyTo(sorted.AsSpan(k * n));
        return ([.. order.Select(i => matrix[i * n + i])], sorted);
    }

    private static void Rotate(double[] a, double[] vectors, int n, int p, int q)
    {
        var apq = a[p * n + q];
        if (apq == 0) return;
        var theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        var c = 1 / Math.Sqrt(t * t + 1);
        var s = t * c;
        for (var k = 0; k < n; k++)
        {
            var (kp, kq) = (a[k * n + p], a[k * n + q]);
            a[k * n + p] = c * kp - s * kq;
            a[k * n + q] = s * kp + c * kq;
        }

        Turn(a, n, p, q, c, s);
        Turn(vectors, n, p, q, c, s);
        a[p * n + q] = a[q * n + p] = 0;
    }

    /// <summary>Rows p and q.</summary>
    private static void Turn(double[] rows, int n, int p, int q, double c, double s)
    {
        Span<double> first = rows.AsSpan(p * n, n), second = rows.AsSpan(q * n, n);
        for (var k = 0; k < n; k++) (first[k], second[k]) = (c * first[k] - s * second[k], s * first[k] + c * second[k]);
    }
}
