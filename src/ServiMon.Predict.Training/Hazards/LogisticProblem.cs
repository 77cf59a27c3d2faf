using System.Numerics;
using System.Numerics.Tensors;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// The sum of weighted log-losses of a logistic regression over chosen rows of a standardised matrix, plus ridge/2 times the squared
/// norm of the weights. The bias, the last parameter, is not penalised. It is the same convex problem that ML.NET's trainer solves.
/// </summary>
internal sealed class LogisticProblem(float[] matrix, int width, int[] rows, bool[] label, float[] weight)
{
    private readonly float[] _slope = new float[width];
    private readonly float[] _sum = new float[width];

    /// <summary>Weights, then the bias.</summary>
    public int Size => width + 1;

    /// <summary>The value at <paramref name="at"/>, and its gradient.</summary>
    public double Evaluate(ReadOnlySpan<double> at, double ridge, Span<double> gradient)
    {
        for (var c = 0; c < width; c++) _slope[c] = (float)at[c];
        gradient.Clear();
        Array.Clear(_sum);
        var (value, bias) = (0.0, at[width]);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = matrix.AsSpan(rows[i] * width, width);
            var score = TensorPrimitives.Dot<float>(row, _slope) + bias;
            value += weight[i] * LogOdds.SoftPlus(label[i] ? -score : score);
            var error = weight[i] * (LogOdds.Probability(score) - (label[i] ? 1 : 0));
            gradient[width] += error;
            TensorPrimitives.MultiplyAdd(row, (float)error, _sum, _sum);
        }
        for (var c = 0; c < width; c++)
        {
            value += ridge / 2 * at[c] * at[c];
            gradient[c] = _sum[c] + ridge * at[c];
        }
        return value;
    }

    /// <summary>The value, the gradient and the lower half of the Hessian (row-major, <paramref name="stride"/> entries a row).</summary>
    public double Evaluate(ReadOnlySpan<double> at, double ridge, Span<double> gradient, double[] hessian, int stride)
    {
        gradient.Clear();
        Array.Clear(hessian);
        Span<double> x = new double[stride];
        x[width] = 1;
        var value = 0.0;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = matrix.AsSpan(rows[i] * width, width);
            for (var c = 0; c < width; c++) x[c] = row[c];
            var score = TensorPrimitives.Dot<double>(x[..Size], at);
            value += weight[i] * LogOdds.SoftPlus(label[i] ? -score : score);
            var p = LogOdds.Probability(score);
            TensorPrimitives.MultiplyAdd(x[..Size], weight[i] * (p - (label[i] ? 1 : 0)), gradient, gradient);
            var curvature = weight[i] * p * (1 - p);
            for (var a = 0; a <= width; a++)
            {
                if (x[a] == 0) continue;
                var factor = new Vector<double>(curvature * x[a]);
                var line = hessian.AsSpan(a * stride, stride);
                for (var b = 0; b <= a; b += Vector<double>.Count)
                    (new Vector<double>(line[b..]) + factor * new Vector<double>(x[b..])).CopyTo(line[b..]);
            }
        }
        for (var c = 0; c < width; c++)
        {
            value += ridge / 2 * at[c] * at[c];
            gradient[c] += ridge * at[c];
            hessian[c * stride + c] += ridge;
        }
        return value;
    }

    /// <summary>Entries of a Hessian row: room for whole vectors.</summary>
    public int Stride => (Size + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
}
