namespace ServiMon.Predict.Forecasting;

/// <summary>The probability that a series passes a limit within some steps, with the standard error of the simulation.</summary>
public readonly record struct BreachEstimate(double Probability, double StandardError)
{
    /// <summary>Simulated paths: a standard error of at most 0.008.</summary>
    public const int PathCount = 4096;

    /// <summary>The central interval whose half width is one standard deviation of a normal error.</summary>
    public const double OneSigmaLevel = 0.682689492137086;

    /// <summary>
    /// Monte Carlo first passage: paths of the forecast's median plus a normal error with the deviation s_h that the forecast gives for each step. What is carried of
    /// the last step's error follows from how they grow: an autoregression's are s_(h+1)² = c² s_h² + s_1², a random walk's with c = 1 and white ones' with c = 0. A path that was within the limit at both ends of a step may still have passed it
    /// between them: not counted, as the metric is looked at once a step.
    /// </summary>
    /// <param name="forecast">With <see cref="Forecast.ErrorDeviations"/>, or else with a first interval of level <see cref="OneSigmaLevel"/>.</param>
    /// <param name="limit">In the series' own unit.</param>
    /// <param name="below">True when at or below the limit is the breach, else at or above.</param>
    /// <param name="steps">Ascending numbers of steps, each from 1 to the forecast's length.</param>
    /// <param name="seed">Of the random paths.</param>
    /// <returns>One for each entry of <paramref name="steps"/>; never falls from one to the next.</returns>
    public static BreachEstimate[] Simulate(Forecast forecast, double limit, bool below, ReadOnlySpan<int> steps, int seed)
    {
        if (forecast.ErrorDeviations is null && (forecast.Intervals.Count == 0 || Math.Abs(forecast.Intervals[0].Level - OneSigmaLevel) > 1e-9))
            throw new ArgumentException($"the first interval must have level {OneSigmaLevel}", nameof(forecast));
        for (var i = 0; i < steps.Length; i++)
            if (steps[i] < 1 || steps[i] > forecast.Median.Length || (i > 0 && steps[i] < steps[i - 1]))
                throw new ArgumentOutOfRangeException(nameof(steps), steps[i], $"steps ascend from 1 to {forecast.Median.Length}");
        var last = steps.Length == 0 ? 0 : steps[^1];
        var (spread, carried) = Steps(forecast, last);
        var random = new Random(seed);
        var passedAt = new int[last + 1];
        for (var path = 0; path < PathCount; path++)
        {
            double error = 0;
            for (var h = 0; h < last; h++)
            {
                error = carried[h] * error + spread[h] * Normal(random);
                var value = forecast.Median[h] + error;
                if (below ? value > limit : value < limit) continue;
                passedAt[h + 1]++;
                break;
            }
        }
        var estimates = new BreachEstimate[steps.Length];
        int passed = 0, at = 0;
        for (var i = 0; i < steps.Length; i++)
        {
            while (at < steps[i]) passed += passedAt[++at];
            // Agresti and Coull (1998): an estimate of 0 or 1 has an error too.
            var shrunk = (passed + 2.0) / (PathCount + 4.0);
            estimates[i] = new BreachEstimate(passed / (double)PathCount, Math.Sqrt(shrunk * (1 - shrunk) / (PathCount + 4.0)));
        }
        return estimates;
    }

    /// <summary>For each step the deviation of its own error, and the share of the last step's that it carries.</summary>
    private static (double[] Spread, double[] Carried) Steps(Forecast forecast, int count)
    {
        double[] spread = new double[count], carried = new double[count];
        double variance = 0, first = 0;
        for (var h = 0; h < count; h++)
        {
            var deviation = forecast.ErrorDeviations?[h] ?? (forecast.Intervals[0].Upper[h] - forecast.Intervals[0].Lower[h]) / 2;
            var whole = deviation * deviation;
            if (h == 0) first = whole;
            carried[h] = variance > 0 ? Math.Sqrt(Math.Clamp((whole - first) / variance, 0, 1)) : 0;
            spread[h] = Math.Sqrt(Math.Max(0, whole - carried[h] * carried[h] * variance));
            variance = whole;
        }
        return (spread, carried);
    }

    /// <summary>Box and Muller (1958).</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
