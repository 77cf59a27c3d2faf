using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>The probability that a series passes a limit within some steps, and how far its computing may be off.</summary>
public readonly record struct BreachEstimate(double Probability, double StandardError)
{
    /// <summary>The central interval whose half width is one standard deviation of a normal error.</summary>
    public const double OneSigmaLevel = 0.682689492137086;

    /// <summary>
    /// First passage of the forecast's median plus an error with the deviation s_h that the forecast gives for each step, each step adding a normal part, or one with heavier tails (<see cref="Forecast.ErrorFreedom"/>). What is carried of
    /// the last step's error is told by the forecast, or follows from how they grow: an autoregression's are s_(h+1)² = c² s_h² + s_1², a random walk's with c = 1 and white ones' with c = 0.
    /// A series that was within the limit at both ends of a step may still have passed it between them: not counted, as the metric is looked at once a step.
    /// </summary>
    /// <remarks>
    /// Deviations that are estimated are off, and a probability far out is convex in them: on average over histories it would be too high. What is told
    /// is therefore moved back, in log-odds, by as much as being off by <see cref="Forecast.ErrorsOfDeviations"/> once more would move it on (the bootstrap's correction of bias, Efron and Tibshirani 1993, chapter 10, by a rule of two points).
    /// </remarks>
    /// <param name="forecast">With <see cref="Forecast.ErrorDeviations"/>, or else with a first interval of level <see cref="OneSigmaLevel"/>.</param>
    /// <param name="limit">In the series' own unit.</param>
    /// <param name="below">True when at or below the limit is the breach, else at or above.</param>
    /// <param name="steps">Ascending numbers of steps, each from 1 to the forecast's length.</param>
    /// <returns>One for each entry of <paramref name="steps"/>; never falls from one to the next.</returns>
    public static BreachEstimate[] Of(Forecast forecast, double limit, bool below, ReadOnlySpan<int> steps)
    {
        if (forecast.ErrorDeviations is null && (forecast.Intervals.Count == 0 || Math.Abs(forecast.Intervals[0].Level - OneSigmaLevel) > 1e-9))
            throw new ArgumentException($"the first interval must have level {OneSigmaLevel}", nameof(forecast));
        for (var i = 0; i < steps.Length; i++)
            if (steps[i] < 1 || steps[i] > forecast.Median.Length || (i > 0 && steps[i] < steps[i - 1]))
                throw new ArgumentOutOfRangeException(nameof(steps), steps[i], $"steps ascend from 1 to {forecast.Median.Length}");
        if (steps.IsEmpty) return [];
        var last = steps[^1];
        double[] levels = new double[last], correlations = new double[last], near = new double[last], passed = new double[last];
        var isOff = Standardise(forecast, limit, below, levels, correlations, near);
        MarkovPassage.Passed(levels, correlations, passed, forecast.ErrorFreedom);
        if (isOff && passed[^1] > 0)
        {
            double[] far = new double[last], passedNear = new double[last], passedFar = new double[last];
            for (var h = 0; h < last; h++) (near[h], far[h]) = (levels[h] - near[h], levels[h] + near[h]);
            MarkovPassage.Passed(near, correlations, passedNear, forecast.ErrorFreedom);
            MarkovPassage.Passed(far, correlations, passedFar, forecast.ErrorFreedom);
            for (var h = 0; h < last; h++) passed[h] = Math.Max(h > 0 ? passed[h - 1] : 0, Corrected(passed[h], (passedNear[h] + passedFar[h]) / 2));
        }

        var estimates = new BreachEstimate[steps.Length];
        var accuracy = forecast.ErrorFreedom < MarkovPassage.MostFreedom ? MarkovPassage.AccuracyOfHeavy : MarkovPassage.Accuracy;
        for (var i = 0; i < steps.Length; i++) estimates[i] = new BreachEstimate(passed[steps[i] - 1], accuracy);
        return estimates;
    }

    /// <summary>The limit in deviations of each step's error, what each error has in common with the one before, and by how much the first may be off.</summary>
    /// <returns>False where nothing is off.</returns>
    private static bool Standardise(Forecast forecast, double limit, bool below, double[] levels, double[] correlations, double[] off)
    {
        double before = 0, first = 0;
        var isOff = false;
        for (var h = 0; h < levels.Length; h++)
        {
            var deviation = forecast.ErrorDeviations?[h] ?? (forecast.Intervals[0].Upper[h] - forecast.Intervals[0].Lower[h]) / 2;
            var distance = below ? forecast.Median[h] - limit : limit - forecast.Median[h];
            // Nothing is expected to move: a limit is passed or is not.
            levels[h] = deviation > 0 ? distance / deviation : distance > 0 ? double.MaxValue : double.MinValue;
            var whole = deviation * deviation;
            if (h == 0) first = whole;
            // The share c that is carried, by how much the deviation was and is.
            correlations[h] = forecast.ErrorCorrelations is { } known ? known[h] : before > 0 && whole > 0 ? Math.Sqrt(Math.Clamp((whole - first) / before, 0, 1) * Math.Min(1, before / whole)) : 0;
            before = whole;
            off[h] = deviation > 0 ? Math.Abs(levels[h]) * (forecast.ErrorsOfDeviations?[h] ?? 0) : 0;
            isOff |= off[h] > 0;
        }

        return isOff;
    }

    private static double Corrected(double said, double onceMore)
    {
        if (said is <= 0 or >= 1 || onceMore is <= 0 or >= 1) return said;
        var odds = Math.Pow(said / (1 - said), 2) * (1 - onceMore) / onceMore;
        return odds / (1 + odds);
    }
}
