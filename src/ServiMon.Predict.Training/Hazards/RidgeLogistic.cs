using System.Numerics.Tensors;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// Solves a <see cref="LogisticProblem"/>: by Newton's method (iteratively reweighted least squares) when it is narrow, by limited-memory
/// BFGS (Nocedal and Wright, 2006, "Numerical optimization", algorithm 7.5) when it is wide. Used where cross-validation needs
/// hundreds of fits; the final fit is ML.NET's.
/// </summary>
internal static class RidgeLogistic
{
    // Newton costs width^2 a row and step, L-BFGS about 40 times width: they meet near here.
    private const int NewtonWidth = 64;

    private const int NewtonSteps = 30;

    private const int WideSteps = 60;

    // Pairs that L-BFGS remembers: Nocedal and Wright find 3 to 20 enough.
    private const int Memory = 8;

    /// <summary>Weights then bias.</summary>
    /// <param name="start">Where to start: the solution for a nearby strength.</param>
    public static double[] Solve(LogisticProblem problem, double ridge, double[] start) =>
        problem.Size <= NewtonWidth ? Newton(problem, ridge, start) : Wide(problem, ridge, start);

    private static double[] Newton(LogisticProblem problem, double ridge, double[] start)
    {
        var (n, stride) = (problem.Size, problem.Stride);
        var at = (double[])start.Clone();
        var (gradient, step, next, unused) = (new double[n], new double[n], new double[n], new double[n]);
        var hessian = new double[n * stride];
        for (var k = 0; k < NewtonSteps; k++)
        {
            var value = problem.Evaluate(at, ridge, gradient, hessian, stride);
            Cholesky(hessian, n, stride);
            gradient.CopyTo(step, 0);
            SolveCholesky(hessian, n, stride, step);
            var decrement = TensorPrimitives.Dot<double>(gradient, step);
            if (decrement < 1e-9 * (1 + value)) break;
            var length = 1.0;
            for (var halving = 0; halving < 20; halving++, length /= 2)
            {
                for (var i = 0; i < n; i++) next[i] = at[i] - length * step[i];
                if (problem.Evaluate(next, ridge, unused) <= value - 1e-4 * length * decrement) break;
            }
            next.CopyTo(at, 0);
        }
        return at;
    }

    private static double[] Wide(LogisticProblem problem, double ridge, double[] start)
    {
        var n = problem.Size;
        var at = (double[])start.Clone();
        var gradient = new double[n];
        var value = problem.Evaluate(at, ridge, gradient);
        var history = new List<(double[] Step, double[] Change, double Inverse)>();
        for (var k = 0; k < WideSteps; k++)
        {
            var direction = Direction(gradient, history);
            var slope = TensorPrimitives.Dot<double>(gradient, direction);
            if (-slope < 1e-6 * (1 + value)) break;
            var length = history.Count == 0 ? Math.Min(1, 1 / TensorPrimitives.Norm<double>(gradient)) : 1.0;
            var (next, nextGradient, nextValue) = (new double[n], new double[n], value);
            var halving = 0;
            for (; halving < 20; halving++, length /= 2)
            {
                for (var i = 0; i < n; i++) next[i] = at[i] + length * direction[i];
                nextValue = problem.Evaluate(next, ridge, nextGradient);
                if (nextValue <= value + 1e-4 * length * slope) break;
            }
            if (halving == 20) break;
            var (moved, change) = (new double[n], new double[n]);
            for (var i = 0; i < n; i++) (moved[i], change[i]) = (next[i] - at[i], nextGradient[i] - gradient[i]);
            var curvature = TensorPrimitives.Dot<double>(moved, change);
            if (curvature > 0)
            {
                if (history.Count == Memory) history.RemoveAt(0);
                history.Add((moved, change, 1 / curvature));
            }
            (at, gradient, value) = (next, nextGradient, nextValue);
        }
        return at;
    }

    private static double[] Direction(double[] gradient, List<(double[] Step, double[] Change, double Inverse)> history)
    {
        var q = (double[])gradient.Clone();
        var alpha = new double[history.Count];
        for (var i = history.Count - 1; i >= 0; i--)
        {
            alpha[i] = history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Step, q);
            TensorPrimitives.MultiplyAdd(history[i].Change, -alpha[i], q, q);
        }
        if (history.Count > 0)
        {
            var (_, change, inverse) = history[^1];
            TensorPrimitives.Multiply(q, 1 / (inverse * TensorPrimitives.Dot<double>(change, change)), q);
        }
        for (var i = 0; i < history.Count; i++)
        {
            var beta = history[i].Inverse * TensorPrimitives.Dot<double>(history[i].Change, q);
            TensorPrimitives.MultiplyAdd(history[i].Step, alpha[i] - beta, q, q);
        }
        TensorPrimitives.Negate(q, q);
        return q;
    }

    /// <summary>Replaces the lower half of a positive definite matrix by its Cholesky factor.</summary>
    private static void Cholesky(double[] a, int n, int stride)
    {
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i * stride + j] - TensorPrimitives.Dot<double>(a.AsSpan(i * stride, j), a.AsSpan(j * stride, j));
                // A bias without curvature (all rows sure) would divide by zero; the floor only shortens that step.
                a[i * stride + j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / a[j * stride + j];
            }
        }
    }

    private static void SolveCholesky(double[] l, int n, int stride, double[] b)
    {
        for (var i = 0; i < n; i++)
            b[i] = (b[i] - TensorPrimitives.Dot<double>(l.AsSpan(i * stride, i), b.AsSpan(0, i))) / l[i * stride + i];
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) b[i] -= l[k * stride + i] * b[k];
            b[i] /= l[i * stride + i];
        }
    }
}
