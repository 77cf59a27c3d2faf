namespace ServiMon.Predict.Statistics;

/// <summary>
/// Linear regression, robust to outliers and drawn to a prior: minimises sum of Huber(y - X b) + lambda n v |b - prior|^2, v the mean
/// variance of the columns, by iteratively reweighted least squares (Huber 1981, 7.8). Columns and target are centred; the intercept is free.
/// </summary>
public static class HuberRidge
{
    /// <summary>Huber's constant: 95 % efficiency where errors are Gaussian.</summary>
    private const double Tuning = 1.345;

    /// <summary>Scale of Gaussian errors from their median absolute value: 1 / 0.6745.</summary>
    private const double MedianToSigma = 1.4826;

    private const int Iterations = 4;

    /// <summary>Fits the coefficients and the intercept.</summary>
    /// <param name="rows">n x k, row-major.</param>
    /// <param name="targets">n entries.</param>
    /// <param name="prior">k entries: what the coefficients are drawn to.</param>
    /// <param name="lambda">Strength of the prior, relative to the columns' variance; above 0.</param>
    /// <param name="coefficients">Receives k entries.</param>
    /// <returns>The intercept, or null when there is nothing to fit (too few rows, constant columns).</returns>
    public static double? Fit(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> targets, ReadOnlySpan<double> prior, double lambda, Span<double> coefficients)
    {
        int n = targets.Length, k = prior.Length;
        if (rows.Length != n * k) throw new ArgumentException($"{rows.Length} entries for {n} x {k}", nameof(rows));
        if (coefficients.Length != k) throw new ArgumentException($"room for {coefficients.Length} of {k} coefficients", nameof(coefficients));
        if (!(lambda > 0)) throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "lambda must be above 0");
        if (n < k + 2) return null;

        var weights = new double[n];
        Array.Fill(weights, 1);
        var residuals = new double[n];
        var scratch = new double[n];
        var means = new double[k];
        var normal = new double[k * k];
        var solution = new double[k];
        double? intercept = null;
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var targetMean = WeightedMeans(rows, targets, weights, means);
            Accumulate(rows, targets, weights, means, targetMean, prior, normal, solution);
            double trace = 0;
            for (var j = 0; j < k; j++) trace += normal[j * k + j];
            if (!(trace > 0)) return null;
            for (var j = 0; j < k; j++) normal[j * k + j] += lambda * trace / k;
            if (!Cholesky.TryFactor(normal, k)) return intercept;
            Cholesky.Solve(normal, solution);

            var constant = targetMean;
            for (var j = 0; j < k; j++)
            {
                coefficients[j] = prior[j] + solution[j];
                constant -= coefficients[j] * means[j];
            }

            intercept = constant;
            if (iteration == Iterations - 1 || !Reweight(rows, targets, coefficients, constant, residuals, scratch, weights)) break;
        }

        return intercept;
    }

    private static double WeightedMeans(ReadOnlySpan<double> rows, ReadOnlySpan<double> targets, double[] weights, double[] means)
    {
        var k = means.Length;
        Array.Clear(means);
        double total = 0, target = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            var row = rows.Slice(i * k, k);
            total += weights[i];
            target += weights[i] * targets[i];
            for (var j = 0; j < k; j++) means[j] += weights[i] * row[j];
        }

        for (var j = 0; j < k; j++) means[j] /= total;
        return target / total;
    }

    private static void Accumulate(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> targets, double[] weights, double[] means, double targetMean,
        ReadOnlySpan<double> prior, double[] normal, double[] right)
    {
        var k = means.Length;
        Array.Clear(normal);
        Array.Clear(right);
        Span<double> centred = stackalloc double[k];
        for (var i = 0; i < targets.Length; i++)
        {
            var row = rows.Slice(i * k, k);
            var beyondPrior = targets[i] - targetMean;
            for (var j = 0; j < k; j++)
            {
                centred[j] = row[j] - means[j];
                beyondPrior -= prior[j] * centred[j];
            }

            for (var j = 0; j < k; j++)
            {
                var weighted = weights[i] * centred[j];
                right[j] += weighted * beyondPrior;
                var line = normal.AsSpan(j * k, j + 1);
                for (var m = 0; m <= j; m++) line[m] += weighted * centred[m];
            }
        }
    }

    private static bool Reweight(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> targets, ReadOnlySpan<double> coefficients, double intercept,
        double[] residuals, double[] scratch, double[] weights)
    {
        var k = coefficients.Length;
        for (var i = 0; i < targets.Length; i++)
        {
            var row = rows.Slice(i * k, k);
            var fitted = intercept;
            for (var j = 0; j < k; j++) fitted += coefficients[j] * row[j];
            residuals[i] = Math.Abs(targets[i] - fitted);
        }

        residuals.CopyTo(scratch, 0);
        Array.Sort(scratch);
        var limit = Tuning * MedianToSigma * scratch[scratch.Length / 2];
        if (!(limit > 0)) return false;
        for (var i = 0; i < weights.Length; i++) weights[i] = residuals[i] <= limit ? 1 : limit / residuals[i];
        return true;
    }
}
