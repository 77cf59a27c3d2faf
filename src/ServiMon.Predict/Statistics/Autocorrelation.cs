namespace ServiMon.Predict.Statistics;

/// <summary>The autocorrelation of an evenly spaced series, missing values left out pair by pair.</summary>
public static class Autocorrelation
{
    /// <summary>
    /// r[lag] for lag 0 .. <paramref name="maxLag"/>: the mean of the products of the pairs that are present over the variance.
    /// Direct sums, n x maxLag operations.
    /// </summary>
    /// <param name="values">n entries, NaN for missing; the caller removes a trend.</param>
    /// <param name="maxLag">0 to n - 1.</param>
    /// <returns>maxLag + 1 entries; all 0 (r[0] too) for a constant or empty series.</returns>
    public static double[] Compute(ReadOnlySpan<double> values, int maxLag)
    {
        if (maxLag < 0 || maxLag >= Math.Max(1, values.Length))
            throw new ArgumentOutOfRangeException(nameof(maxLag), maxLag, $"maxLag must be from 0 to {values.Length - 1}");
        var centred = new double[values.Length];
        var present = new double[values.Length];
        var mean = 0.0;
        var count = 0;
        foreach (var value in values)
            if (!double.IsNaN(value)) mean += (value - mean) / ++count;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) continue;
            centred[i] = values[i] - mean;
            present[i] = 1;
        }

        var result = new double[maxLag + 1];
        var variance = Dot(centred, centred) / Math.Max(1, count);
        if (!(variance > 0) || !double.IsFinite(variance)) return result;
        for (var lag = 0; lag <= maxLag; lag++)
        {
            var pairs = Dot(present.AsSpan(lag), present.AsSpan(0, present.Length - lag));
            if (pairs > 0) result[lag] = Dot(centred.AsSpan(lag), centred.AsSpan(0, centred.Length - lag)) / pairs / variance;
        }

        return result;
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right) =>
        System.Numerics.Tensors.TensorPrimitives.Dot(left, right);
}
