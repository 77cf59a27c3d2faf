namespace ServiMon.Predict.Forecasting;

/// <summary>
/// What the experts would have said at earlier times: their errors choose the mixture, and the errors of mixtures chosen without the
/// stretch they are judged on say how far a forecast may be off.
/// </summary>
internal sealed class RollingOrigin
{
    /// <summary>Stretches of a whole horizon looked back over.</summary>
    private const int MaxBlocks = 12;

    /// <summary>Origins per horizon: half overlapping stretches use the same past better at twice the cost.</summary>
    public const int OriginsPerBlock = 2;

    /// <summary>An expert's weight is its mean absolute error to the power of minus this: nearly the best one, smoothed.</summary>
    private const int WeightPower = 8;

    /// <summary>A history to fit on has at least this many values, beside two of its longest seasons.</summary>
    private const int MinTraining = 12;

    /// <summary>Fewer steps are judged as if this many were asked for: a handful of errors says nothing about a quantile.</summary>
    private const int MinHorizon = 12;

    /// <summary>Standard errors by which an expert that is no worse loses once in forty times.</summary>
    private const double WorseRatio = 2;

    /// <summary>Stretches, apart from each other, before chance can be told.</summary>
    private const int LeastStretches = 4;

    private readonly List<(int Origin, double[] Actual, double[]?[] Forecasts)> _runs = [];
    private readonly List<(double Mean, int Count)[]> _errors = [];
    private readonly int _expertCount;
    private readonly bool[] _lasting;

    /// <summary>Runs every expert at every origin.</summary>
    /// <param name="history">Without gaps.</param>
    /// <param name="seen">NaN where the history was filled in; no error is taken there.</param>
    /// <param name="experts">The first must never fail.</param>
    /// <param name="longestSeason">Steps; 1 for none.</param>
    /// <param name="horizon">Steps asked for.</param>
    public RollingOrigin(double[] history, double[] seen, IReadOnlyList<IExpert> experts, int longestSeason, int horizon)
    {
        _expertCount = experts.Count;
        _lasting = [.. experts.Select(expert => expert.IsLasting)];
        var count = history.Length;
        var training = Math.Max(MinTraining, longestSeason > 1 ? Math.Max(2 * longestSeason + MinTraining, count / 3) : count / 3);
        training = Math.Min(training, Math.Max(MinTraining, 2 * count / 3));
        // A short past is judged on shorter stretches, at least four of them.
        Horizon = Math.Min(Math.Max(horizon, MinHorizon), Math.Max(1, (count - training) / 4));
        var stride = Math.Max(1, Horizon / OriginsPerBlock);
        for (var origin = count - Horizon; origin >= training && _runs.Count < MaxBlocks * Horizon / stride; origin -= stride)
        {
            var forecasts = new double[]?[experts.Count];
            for (var e = 0; e < experts.Count; e++)
            {
                var forecast = new double[Horizon];
                if (experts[e].TryForecast(history.AsSpan(0, origin), forecast)) forecasts[e] = forecast;
            }

            var actual = seen[origin..(origin + Horizon)];
            _runs.Add((origin, actual, forecasts));
            _errors.Add([.. forecasts.Select(forecast => Error(actual, forecast))]);
        }
    }

    /// <summary>Steps ahead judged; the forecast may ask for more or fewer.</summary>
    public int Horizon { get; }

    /// <summary>The mixture from all origins; experts in their order, summing to 1.</summary>
    public double[] Weights() => Weights(long.MinValue);

    /// <summary>Errors (actual less mixture) by origin and step, NaN where unseen; each origin's mixture was chosen by stretches apart from it.</summary>
    public IEnumerable<double[]> Errors()
    {
        foreach (var (origin, actual, forecasts) in _runs)
        {
            var weights = Weights(origin);
            var errors = new double[Horizon];
            for (var h = 0; h < Horizon; h++) errors[h] = actual[h] - Mix(forecasts, weights, h);
            yield return errors;
        }
    }

    /// <summary>The weighted mean of the experts that have an answer at step <paramref name="h"/>.</summary>
    public static double Mix(double[]?[] forecasts, double[] weights, int h)
    {
        double sum = 0, total = 0;
        for (var e = 0; e < forecasts.Length; e++)
        {
            if (forecasts[e] is not { } forecast) continue;
            sum += weights[e] * forecast[h];
            total += weights[e];
        }

        return total > 0 ? sum / total : forecasts[0]![h];
    }

    private double[] Weights(long without)
    {
        var kept = new List<int>();
        for (var r = 0; r < _runs.Count; r++)
            if (without == long.MinValue || Math.Abs(_runs[r].Origin - without) >= Horizon) kept.Add(r);
        var errors = new double[_expertCount];
        var best = 0;
        for (var e = 0; e < _expertCount; e++)
        {
            errors[e] = MeanAbsoluteError(e, kept);
            if (errors[e] < errors[best]) best = e;
        }

        var least = errors[best];
        var weights = new double[_expertCount];
        if (!double.IsFinite(least))
        {
            weights[0] = 1;
            return weights;
        }

        for (var e = 0; e < _expertCount; e++)
            weights[e] = errors[e] <= least ? 1 : _lasting[best] && IsWorse(e, best, kept) ? 0 : Math.Pow(least / errors[e], WeightPower);
        var total = weights.Sum();
        for (var e = 0; e < _expertCount; e++) weights[e] /= total;
        return weights;
    }

    /// <summary>
    /// Whether an expert lost to the best one by more than chance, over stretches: by the ratio of the mean difference to its standard error (Diebold and Mariano 1995).
    /// Asked where the best one is a line: all that follow a slope late are late on the same side, and together outweigh the line, of which there is one.
    /// </summary>
    private bool IsWorse(int expert, int best, List<int> kept)
    {
        double mean = 0, squares = 0;
        var count = 0;
        foreach (var run in kept)
        {
            if (_errors[run][expert].Count == 0) continue;
            var difference = _errors[run][expert].Mean - _errors[run][best].Mean;
            var before = difference - mean;
            mean += before / ++count;
            squares += before * (difference - mean);
        }

        return count > OriginsPerBlock * LeastStretches && mean > WorseRatio * Math.Sqrt(OriginsPerBlock * squares / (count - 1) / count);
    }

    /// <summary>Infinite for an expert that had no answer somewhere.</summary>
    private double MeanAbsoluteError(int expert, List<int> kept)
    {
        double sum = 0;
        var count = 0;
        foreach (var run in kept)
        {
            var (mean, seen) = _errors[run][expert];
            if (double.IsNaN(mean)) return double.PositiveInfinity;
            sum += mean * seen;
            count += seen;
        }

        return count > 0 ? sum / count : double.PositiveInfinity;
    }

    /// <summary>Mean absolute error where values were seen, and how many were; NaN without an answer.</summary>
    private static (double Mean, int Count) Error(double[] actual, double[]? forecast)
    {
        if (forecast is null) return (double.NaN, 0);
        double mean = 0;
        var count = 0;
        for (var h = 0; h < actual.Length; h++)
            if (!double.IsNaN(actual[h])) mean += (Math.Abs(actual[h] - forecast[h]) - mean) / ++count;
        return (mean, count);
    }
}
