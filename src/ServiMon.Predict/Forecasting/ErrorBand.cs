using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// How far a forecast may be off at each step ahead: split-conformal quantiles (Lei et al. 2018) of past errors, each in units of the
/// usual size at its step, so that all steps together give the quantile.
/// </summary>
internal sealed class ErrorBand
{
    private readonly double[] _sizes;
    private readonly double[] _ratios;
    private readonly double _freedom;
    private readonly double _growth;

    /// <param name="errors">Errors by origin, one entry a step ahead, NaN for unseen; at least one is a number.</param>
    /// <param name="horizon">Entries of each.</param>
    public ErrorBand(IReadOnlyList<double[]> errors, int horizon)
    {
        var raw = MeanSizes(errors, horizon);
        _growth = Growth(raw);
        _sizes = Sizes(raw, _growth);
        _ratios = [.. errors.SelectMany(e => e.Select((x, h) => _sizes[h] > 0 ? Math.Abs(x) / _sizes[h] : 0)).Where(x => !double.IsNaN(x)).Order()];
        _freedom = EffectiveCount(errors);
    }

    /// <summary>Half the width of the interval of <paramref name="level"/>, <paramref name="step"/> steps ahead (0 is the first).</summary>
    public double HalfWidth(int step, double level)
    {
        var last = _sizes.Length - 1;
        var size = step <= last ? _sizes[step] : _sizes[last] * Math.Pow((step + 1.0) / (last + 1), _growth);
        // The conformal rank level (n + 1) of n errors, n counting independent ones.
        var index = Math.Clamp(level * _ratios.Length * (1 + 1 / _freedom) - 1, 0, _ratios.Length - 1);
        var below = (int)index;
        var quantile = _ratios[below] + (index - below) * (_ratios[Math.Min(below + 1, _ratios.Length - 1)] - _ratios[below]);
        // Few independent errors know even that quantile badly: Student's t over the Gaussian says by how much.
        return size * quantile * StudentT.Quantile(0.5 + level / 2, _freedom) / StudentT.Quantile(0.5 + level / 2, double.PositiveInfinity);
    }

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

    /// <summary>Exponent b of size = c (step)^b by least squares on logs, in [0, 1]: 1/2 for a random walk, 0 for white errors.</summary>
    private static double Growth(double[] sizes)
    {
        double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
        for (var h = 0; h < sizes.Length; h++)
        {
            if (!(sizes[h] > 0)) continue;
            double x = Math.Log(h + 1), y = Math.Log(sizes[h]);
            n++;
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
        }

        var spread = n * sxx - sx * sx;
        return spread > 1e-9 ? Math.Clamp((n * sxy - sx * sy) / spread, 0, 1) : 0;
    }

    /// <summary>Half way, on logs, between the power law and the local mean over an eighth of the horizon to either side.</summary>
    private static double[] Sizes(double[] raw, double growth)
    {
        double total = 0, shape = 0;
        for (var h = 0; h < raw.Length; h++)
        {
            if (double.IsNaN(raw[h])) continue;
            total += raw[h];
            shape += Math.Pow(h + 1, growth);
        }

        var scale = shape > 0 ? total / shape : 0;
        var sizes = new double[raw.Length];
        var reach = raw.Length / 8;
        for (var h = 0; h < raw.Length; h++)
        {
            double local = 0, law = 0;
            for (var k = Math.Max(0, h - reach); k <= Math.Min(raw.Length - 1, h + reach); k++)
            {
                if (double.IsNaN(raw[k])) continue;
                local += raw[k];
                law += scale * Math.Pow(k + 1, growth);
            }

            sizes[h] = scale * Math.Pow(h + 1, growth) * (law > 0 ? Math.Sqrt(local / law) : 1);
        }

        return sizes;
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
