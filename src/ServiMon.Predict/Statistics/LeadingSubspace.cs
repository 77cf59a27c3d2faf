using System.Numerics.Tensors;

namespace ServiMon.Predict.Statistics;

/// <summary>
/// The leading left singular vectors of a Hankel matrix by randomised subspace iteration (Halko, Martinsson and Tropp 2011, algorithm 4.4)
/// on X X', with the values taken from the projected matrix (Rayleigh and Ritz): no decomposition of anything larger than the block.
/// </summary>
/// <param name="Values">Squared singular values, from the largest down.</param>
/// <param name="Vectors">One for each value, orthonormal, of L entries.</param>
/// <param name="Missed">
/// Estimate of the squared norm of X that the best subspace of as many dimensions holds beyond this one: the last gains, continued as a
/// geometric series, or what the residuals of the vectors show, whichever is more. From half of it to all of it on what was measured beside all eigenvalues.
/// </param>
/// <param name="Passes">Products with X X' it took.</param>
internal sealed record LeadingSubspace(double[] Values, double[][] Vectors, double Missed, int Passes)
{
    /// <summary>Dimensions beyond those asked for, at least.</summary>
    private const int Oversampling = 8;

    private const int LeastPasses = 4;

    private const int MostPasses = 12;

    /// <summary>A gain below this share of the whole is rounding.</summary>
    private const double Rounding = 1e-13;

    /// <summary>A column shorter than this beside its former length depends on those before it.</summary>
    private const double Dependent = 1e-10;

    /// <param name="matrix">X.</param>
    /// <param name="rank">1 to the smaller side of X.</param>
    /// <param name="enough">A gain below this share of the squared norm left out ends the iteration.</param>
    /// <param name="seed">Of the random start.</param>
    public static LeadingSubspace Find(HankelMatrix matrix, int rank, double enough, int seed)
    {
        var most = Math.Min(matrix.Rows, matrix.Columns);
        if (rank < 1 || rank > most) throw new ArgumentOutOfRangeException(nameof(rank), rank, $"rank must be from 1 to {most}");
        // Vectors up to the next whole group cost nothing.
        var size = Math.Min(most, (rank + Oversampling + HankelMatrix.GroupCount - 1) / HankelMatrix.GroupCount * HankelMatrix.GroupCount);
        var random = new Random(seed);
        var basis = new double[size][];
        for (var v = 0; v < size; v++)
        {
            basis[v] = new double[matrix.Rows];
            for (var i = 0; i < basis[v].Length; i++) basis[v][i] = random.NextDouble() - 0.5;
        }

        Orthonormalise(basis);
        double[][] image = [.. basis.Select(v => new double[v.Length])];
        double held = 0, gain = double.PositiveInfinity;
        for (var pass = 1; ; pass++)
        {
            matrix.MultiplyGram(basis, image);
            if (pass < LeastPasses - 2)
            {
                (basis, image) = (image, basis);
                Orthonormalise(basis);
                continue;
            }

            var (values, turns) = Ritz(basis, image);
            var now = values.AsSpan(0, rank).ToArray().Sum();
            var (before, last) = (held, gain);
            (held, gain) = (now, now - before);
            var done = gain <= Rounding * matrix.SquaredNorm || gain <= enough * (matrix.SquaredNorm - held);
            if (pass >= MostPasses || (pass >= LeastPasses && done))
            {
                var vectors = Turned(basis, turns, rank);
                var ratio = Math.Clamp(gain / last, 0, 0.9);
                var missed = Math.Max(Math.Max(0, gain) * ratio / (1 - ratio), BeyondBy(values, vectors, Turned(image, turns, rank)));
                return new LeadingSubspace(values[..rank], vectors, missed, pass);
            }

            (basis, image) = (image, basis);
            Orthonormalise(basis);
        }
    }

    private static (double[] Values, double[] Turns) Ritz(double[][] basis, double[][] image)
    {
        var size = basis.Length;
        var projected = new double[size * size];
        for (var i = 0; i < size; i++)
            for (var j = 0; j <= i; j++)
                projected[i * size + j] = projected[j * size + i] = (TensorPrimitives.Dot<double>(basis[i], image[j]) + TensorPrimitives.Dot<double>(basis[j], image[i])) / 2;
        return SymmetricEigen.Decompose(projected, size);
    }

    /// <summary>
    /// What each vector alone would gain by its residual r = X X' v - theta v: the larger eigenvalue of [theta, |r|; |r|, rho] less theta, where rho, the value of the residual's
    /// direction, is taken to be as large as the least that the block holds beyond the rank.
    /// </summary>
    private static double BeyondBy(double[] values, double[][] vectors, double[][] images)
    {
        double sum = 0;
        var rest = new double[vectors[0].Length];
        for (var k = 0; k < vectors.Length; k++)
        {
            TensorPrimitives.MultiplyAdd<double>(vectors[k], -values[k], images[k], rest);
            var size = TensorPrimitives.Norm<double>(rest);
            var apart = values[k] - values[^1];
            if (size > 0) sum += 0.5 * (Math.Sqrt(apart * apart + 4 * size * size) - apart);
        }

        return sum;
    }

    private static double[][] Turned(double[][] basis, double[] turns, int rank)
    {
        var vectors = new double[rank][];
        for (var k = 0; k < rank; k++)
        {
            vectors[k] = new double[basis[0].Length];
            for (var v = 0; v < basis.Length; v++)
                TensorPrimitives.MultiplyAdd<double>(basis[v], turns[k * basis.Length + v], vectors[k], vectors[k]);
        }

        return vectors;
    }

    /// <summary>Gram and Schmidt, modified, each column twice (Giraud, Langou and Rozloznik 2005); dependent columns become zero.</summary>
    private static void Orthonormalise(double[][] columns)
    {
        for (var k = 0; k < columns.Length; k++)
        {
            var length = TensorPrimitives.Norm<double>(columns[k]);
            for (var round = 0; round < 2; round++)
                for (var j = 0; j < k; j++)
                    TensorPrimitives.MultiplyAdd<double>(columns[j], -TensorPrimitives.Dot<double>(columns[j], columns[k]), columns[k], columns[k]);
            var rest = TensorPrimitives.Norm<double>(columns[k]);
            if (rest > Dependent * length) TensorPrimitives.Divide<double>(columns[k], rest, columns[k]);
            else Array.Clear(columns[k]);
        }
    }
}
