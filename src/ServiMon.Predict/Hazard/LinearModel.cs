using System.Collections.Immutable;

namespace ServiMon.Predict.Hazard;

/// <summary>
/// Logistic regression on standardised, winsorised evidence: score = bias + sum of weight[c] * clip((x[c] - center[c]) * inverse[c]).
/// Missing evidence stands at the center, so it contributes nothing.
/// </summary>
public sealed class LinearModel : IRiskScore
{
    private readonly float[] _center;
    private readonly float[] _inverseScale;
    private readonly double[] _weight;

    /// <param name="clip">Standardised values are kept within plus and minus this.</param>
    /// <exception cref="ArgumentException">When the three spans differ in length or an entry is not finite.</exception>
    public LinearModel(ReadOnlySpan<float> center, ReadOnlySpan<float> inverseScale, ReadOnlySpan<double> weight, double bias, float clip)
    {
        if (center.Length != weight.Length || inverseScale.Length != weight.Length)
            throw new ArgumentException($"{center.Length} centers, {inverseScale.Length} scales, {weight.Length} weights: expected as many of each");
        if (!(clip > 0) || !double.IsFinite(bias))
            throw new ArgumentException($"clip {clip} and bias {bias}, expected clip > 0 and a finite bias");
        for (var c = 0; c < weight.Length; c++)
            if (!float.IsFinite(center[c]) || !float.IsFinite(inverseScale[c]) || !double.IsFinite(weight[c]))
                throw new ArgumentException($"column {c}: center {center[c]}, inverse scale {inverseScale[c]}, weight {weight[c]}, expected finite");
        (_center, _inverseScale, _weight, Bias, Clip) = (center.ToArray(), inverseScale.ToArray(), weight.ToArray(), bias, clip);
    }

    public int Width => _weight.Length;

    public double Bias { get; }

    public float Clip { get; }

    public ReadOnlySpan<float> Center => _center;

    public ReadOnlySpan<float> InverseScale => _inverseScale;

    public ReadOnlySpan<double> Weight => _weight;

    /// <summary>The standardised, winsorised value of one entry; 0 for NaN.</summary>
    public static float Standardise(float value, float center, float inverseScale, float clip)
    {
        var z = (value - center) * inverseScale;
        return float.IsNaN(z) ? 0 : Math.Clamp(z, -clip, clip);
    }

    public double Score(ReadOnlySpan<float> evidence)
    {
        var sum = Bias;
        for (var c = 0; c < _weight.Length; c++)
            sum += _weight[c] * Standardise(evidence[c], _center[c], _inverseScale[c], Clip);
        return sum;
    }
}
