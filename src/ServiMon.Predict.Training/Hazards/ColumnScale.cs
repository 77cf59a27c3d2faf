namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Center and scale of each column: the weighted mean and standard deviation of the values that are there. Evidence is bounded or
/// logarithmic already; medians and absolute deviations would crush the columns that are zero nearly always and tell most when not.
/// </summary>
internal sealed class ColumnScale
{
    public required float[] Center { get; init; }

    /// <summary>One over the scale; 0 for a column that does not vary.</summary>
    public required float[] InverseScale { get; init; }

    public static ColumnScale Fit(float[] values, int stride, int width, float[] weight)
    {
        var (center, inverse) = (new float[width], new float[width]);
        for (var c = 0; c < width; c++)
        {
            double total = 0, mean = 0, squares = 0;
            for (var r = 0; r < weight.Length; r++)
            {
                var x = (double)values[(long)r * stride + c];
                if (!double.IsFinite(x)) continue;
                // Weighted update of mean and sum of squares (West 1979).
                total += weight[r];
                var delta = x - mean;
                mean += weight[r] / total * delta;
                squares += weight[r] * delta * (x - mean);
            }
            if (total == 0) continue;
            center[c] = (float)mean;
            var scale = Math.Sqrt(squares / total);
            // Below the rounding of the column's own level there is no variation to speak of (float has 24 bits).
            if (scale > Math.Abs(mean) * 1e-6 && float.IsFinite((float)(1 / scale))) inverse[c] = (float)(1 / scale);
        }
        return new ColumnScale { Center = center, InverseScale = inverse };
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
