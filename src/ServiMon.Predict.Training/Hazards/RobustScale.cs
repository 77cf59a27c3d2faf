namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Center and scale of each column: the weighted median, and the weighted mean absolute deviation from it times 1.2533 (the standard
/// deviation of a Gaussian is sqrt(pi / 2) mean absolute deviations). Unlike the interquartile range it is not zero for a column of rare events.
/// </summary>
internal sealed class RobustScale
{
    private const double GaussianRatio = 1.2533141373155;

    public required float[] Center { get; init; }

    /// <summary>One over the scale; 0 for a column that does not vary.</summary>
    public required float[] InverseScale { get; init; }

    public static RobustScale Fit(float[] values, int stride, int width, float[] weight)
    {
        var (center, inverse) = (new float[width], new float[width]);
        var rows = weight.Length;
        var (column, share) = (new float[rows], new float[rows]);
        for (var c = 0; c < width; c++)
        {
            var n = 0;
            for (var r = 0; r < rows; r++)
            {
                var x = values[(long)r * stride + c];
                if (float.IsFinite(x)) (column[n], share[n++]) = (x, weight[r]);
            }
            if (n == 0) continue;
            center[c] = Median(column.AsSpan(0, n), share.AsSpan(0, n));
            double deviation = 0, total = 0;
            for (var i = 0; i < n; i++)
            {
                deviation += share[i] * Math.Abs((double)column[i] - center[c]);
                total += share[i];
            }
            var scale = GaussianRatio * deviation / total;
            // Below the rounding of the column's own level there is no variation to speak of (float has 24 bits).
            if (scale > Math.Abs(center[c]) * 1e-6 && float.IsFinite((float)(1 / scale))) inverse[c] = (float)(1 / scale);
        }
        return new RobustScale { Center = center, InverseScale = inverse };
    }

    /// <summary>The weighted median: the smallest value with at least half the weight at or below it. Sorts both spans.</summary>
    public static float Median(Span<float> values, Span<float> weights)
    {
        values.Sort(weights);
        var total = 0.0;
        foreach (var w in weights) total += w;
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            sum += weights[i];
            if (sum >= total / 2) return values[i];
        }
        return values[^1];
    }

    /// <summary>The standardised, winsorised matrix, rows x width.</summary>
    public float[] Apply(float[] values, int stride, int rows, float clip)
    {
        var width = Center.Length;
        var result = new float[(long)rows * width];
        for (var r = 0; r < rows; r++)
            for (var c = 0; c < width; c++)
                result[r * width + c] = Hazard.LinearModel.Standardise(values[r * stride + c], Center[c], InverseScale[c], clip);
        return result;
    }
}
