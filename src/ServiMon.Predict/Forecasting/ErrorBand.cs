using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// How far a forecast may be off at each step ahead: split-conformal quantiles (Lei et al. 2018) of past errors, each in units of the
/// usual size at its step, so that all steps together give the quantile.
/// </summary>
internal sealed class ErrorBand
{
    /// <summary>
    /// By what share the growth over one doubling of the steps is off beyond those that were judged, for a walk: so that 95 % hold 95 % of walks of 100 and 150 steps, whose
    /// judged stretches have 16 and 25. Chosen on simulated series of seeds 202 and 252.
    /// </summary>
    private const double GrowthOff = 0.2;

    private readonly double[] _sizes;
    private readonly double[] _ratios;
    private readonly double _mean;
    private readonly double _deviation;
    private readonly double _freedom;
    private readonly ErrorGrowth _growth;
    private readonly double _normality;
    private readonly double[] _absolutes;

    /// <summary>
    /// Share of the conformal correction of the rank, 1 / n, that is taken: Student's t below corrects for the same few errors. Chosen on
    /// simulated AR(1) series and random walks (300 to 500 steps, 2000 seeds), so that 95 % hold 95 %.
    /// </summary>
    private const double RankShare = 0.65;

    /// <summary>
    /// The 5 % point of the ratio by which a unit root is rejected in an autoregression without a constant (Dickey and Fuller 1979). The slope is
    /// biased below 1, and sixty steps ahead a root of 0.98 is half as wide as one of 1.
    /// </summary>
    private const double UnitRootRatio = 1.95;

    /// <param name="errors">Errors by origin, one entry a step ahead, NaN for unseen; at least one is a number.</param>
    /// <param name="horizon">Entries of each.</param>
    /// <param name="asked">Steps that will be asked for.</param>
    public ErrorBand(IReadOnlyList<double[]> errors, int horizon, int asked)
    {
        var raw = MeanSizes(errors, horizon);
        var carried = Carried(errors);
        if (IsWalk(errors, carried)) carried = 1;
        _growth = ErrorGrowth.Fit(raw, carried);
        (StepFreedom, _normality) = Tail(errors, carried).Freedom();
        _absolutes = HeavyTail.MeanAbsolutes(StepFreedom, [.. Enumerable.Range(0, Math.Max(horizon, asked)).Select(Correlation)]);
        _sizes = Sizes(raw);
        _ratios = [.. errors.SelectMany(e => e.Select((x, h) => _sizes[h] > 0 ? Math.Abs(x) / _sizes[h] : 0)).Where(x => !double.IsNaN(x)).Order()];
        (_mean, _deviation) = (_ratios.Average(), Math.Sqrt(_ratios.Average(r => r * r)));
        _freedom = EffectiveCount(errors);
    }

    /// <summary>Half the width of the interval of <paramref name="level"/>, <paramref name="step"/> steps ahead (0 is the first).</summary>
    public double HalfWidth(int step, double level)
    {
        var size = Size(step);
        // The conformal rank level (n + 1) of n errors, n counting independent ones.
        var index = Math.Clamp(level * _ratios.Length * (1 + RankShare / _freedom) - 1, 0, _ratios.Length - 1);
        var below = (int)index;
        var quantile = _ratios[below] + (index - below) * (_ratios[Math.Min(below + 1, _ratios.Length - 1)] - _ratios[below]);
        // Few independent errors know even that quantile badly: Student's t over the Gaussian says by how much. A deviation of f degrees of freedom is off by sqrt(1 / 2f) of itself.
        var freedom = 1 / (1 / _freedom + 2 * GrowthOff * GrowthOff * Beyond(step));
        return size * quantile * StudentT.Quantile(0.5 + level / 2, Math.Max(1, freedom)) / StudentT.Quantile(0.5 + level / 2, double.PositiveInfinity);
    }

    /// <summary>Degrees of freedom of Student's t by which what each step adds to the error is distributed; infinite where that is normal.</summary>
    public double StepFreedom { get; }

    /// <summary>Standard deviation of the error, <paramref name="step"/> steps ahead (0 is the first): by the errors' own, as far as they are believed to be normal, and else by what their law has in a mean absolute one.</summary>
    public double Deviation(int step) => Size(step) * Math.Pow(_deviation, _normality) * Math.Pow(_mean / _absolutes[step], 1 - _normality);

    /// <summary>By what share of itself a deviation may be off, as the mean of so many errors' sizes: sqrt(pi / 2 - 1) of one if they are normal.</summary>
    public double DeviationOff(int step) => Math.Sqrt((1 / (_absolutes[step] * _absolutes[step]) - 1) / _freedom);

    /// <summary>Correlation of the error at a step (0 is the first) with that of the step before, by the law of growth: s_h² = c² s_(h-1)² + s_0².</summary>
    public double Correlation(int step)
    {
        if (step == 0) return 0;
        var (first, before, here) = (_growth.At(0), _growth.At(step - 1), _growth.At(step));
        return Math.Sqrt(Math.Clamp((here * here - first * first) / (here * here), 0, 1) * Math.Min(1, here * here / (before * before)));
    }

    /// <summary>Doublings of the judged steps up to one, as far as errors go on growing as a walk's.</summary>
    private double Beyond(int step)
    {
        var last = _sizes.Length - 1;
        return step <= last ? 0 : Math.Min(2 * Math.Log2(_growth.At(step) / _growth.At(last)), Math.Log2((step + 1.0) / (last + 1)));
    }

    private double Size(int step)
    {
        var last = _sizes.Length - 1;
        return step <= last ? _sizes[step] : _sizes[last] * Law(step) / Law(last);
    }

    /// <summary>Mean absolute errors up to a factor: deviations grow by the law of growth, and lose their heavy tails as steps add up.</summary>
    private double Law(int step) => _growth.At(step) * _absolutes[step];

    private static double[] MeanSizes(IReadOnlyList<double[]> errors, int horizon)
    {
        var sizes = new double[horizon];
        for (var h = 0; h < horizon; h++)
        {
            var count = 0;
            foreach (var origin in errors)
                if (!double.IsNaN(origin[h])) sizes[h] += (Math.Abs(origin[h]) - sizes[h]) / ++count;
            if (count == 0) sizes[h] = double.NaN;
        }

        return sizes;
    }

    /// <summary>Half way, on logs, between the law of growth and the local mean over a quarter of the horizon around, as long at its ends.</summary>
    private double[] Sizes(double[] raw)
    {
        double total = 0, shape = 0;
        for (var h = 0; h < raw.Length; h++)
        {
            if (double.IsNaN(raw[h])) continue;
            total += raw[h];
            shape += Law(h);
        }

        var scale = shape > 0 ? total / shape : 0;
        var sizes = new double[raw.Length];
        var reach = raw.Length / 8;
        for (var h = 0; h < raw.Length; h++)
        {
            double local = 0, law = 0;
            var first = Math.Clamp(h - reach, 0, raw.Length - 1 - 2 * reach);
            for (var k = first; k <= first + 2 * reach; k++)
            {
                if (double.IsNaN(raw[k])) continue;
                local += raw[k];
                law += scale * Law(k);
            }

            sizes[h] = scale * Law(h) * (law > 0 ? Math.Sqrt(local / law) : 1);
        }

        return sizes;
    }

    /// <summary>Slope of the error at one step on that at the step before, through the origin, over all pairs.</summary>
    private static double Carried(IReadOnlyList<double[]> errors)
    {
        double cross = 0, square = 0;
        foreach (var origin in errors)
            for (var h = 1; h < origin.Length; h++)
            {
                if (double.IsNaN(origin[h]) || double.IsNaN(origin[h - 1])) continue;
                cross += origin[h] * origin[h - 1];
                square += origin[h - 1] * origin[h - 1];
            }

        return square > 0 ? Math.Clamp(cross / square, 0, 1) : 1;
    }

    /// <summary>What each step adds to the error of the one before, over the usual size of that. Stretches overlap by half, so that each counts for half of one.</summary>
    private static ErrorTail Tail(IReadOnlyList<double[]> errors, double carried)
    {
        var sizes = new List<double>();
        foreach (var origin in errors)
            for (var h = origin.Length > 1 ? 1 : 0; h < origin.Length; h++)
                if (Math.Abs(origin[h] - (h > 0 ? carried * origin[h - 1] : 0)) is var size && !double.IsNaN(size)) sizes.Add(size);
        var tail = new ErrorTail();
        var usual = sizes.Count > 0 ? sizes.Average() : 0;
        if (usual > 0)
            foreach (var size in sizes) tail.Add(size / usual, 1f / RollingOrigin.OriginsPerBlock);
        return tail;
    }

    /// <summary>True where the slope cannot be told from 1. Stretches overlap by half, so that each pair counts for half of one.</summary>
    private static bool IsWalk(IReadOnlyList<double[]> errors, double slope)
    {
        double rest = 0, square = 0;
        var pairs = 0;
        foreach (var origin in errors)
            for (var h = 1; h < origin.Length; h++)
            {
                if (double.IsNaN(origin[h]) || double.IsNaN(origin[h - 1])) continue;
                rest += Math.Pow(origin[h] - slope * origin[h - 1], 2);
                square += origin[h - 1] * origin[h - 1];
                pairs++;
            }

        return pairs > 1 && 1 - slope < UnitRootRatio * Math.Sqrt(RollingOrigin.OriginsPerBlock * rest / (pairs - 1) / square);
    }

    /// <summary>
    /// How many independent errors the sample is worth: the variance of |error / size| within all, over that of the origins' means
    /// (Kish 1965, design effect), between the number of origins and of errors.
    /// </summary>
    private double EffectiveCount(IReadOnlyList<double[]> errors)
    {
        double sum = 0, squares = 0, between = 0;
        int count = 0, origins = 0;
        var means = new List<double>();
        foreach (var origin in errors)
        {
            double mean = 0;
            var here = 0;
            for (var h = 0; h < origin.Length; h++)
            {
                if (double.IsNaN(origin[h]) || !(_sizes[h] > 0)) continue;
                var ratio = Math.Abs(origin[h]) / _sizes[h];
                sum += ratio;
                squares += ratio * ratio;
                count++;
                mean += (ratio - mean) / ++here;
            }

            if (here == 0) continue;
            means.Add(mean);
            origins++;
        }

        if (origins < 2 || count < 3) return Math.Max(1, count - 1);
        var grand = sum / count;
        foreach (var mean in means) between += (mean - grand) * (mean - grand) / (origins - 1);
        var variance = squares / count - grand * grand;
        return between > 0 ? Math.Clamp(origins * variance / between, Math.Max(1, origins / 2.0), count) : count;
    }
}
