namespace ServiMon.Predict.Forecasting;

/// <summary>
/// How errors grow with the steps ahead, up to a factor: as a power of the step (an exponent of 1/2 is a random walk, 0 white errors), or as
/// those of an autoregression of order one, sqrt(1 + r^2 + r^4 + ...), which start small and level off.
/// </summary>
internal readonly struct ErrorGrowth
{
    /// <summary>The power's exponent is fitted to the sizes, the autoregression's r is not: the power must leave less than this share of its misfit.</summary>
    private const double GainOfFit = 0.5;

    private readonly double _exponent;

    /// <summary>NaN where the power is the law.</summary>
    private readonly double _correlation;

    private ErrorGrowth(double exponent, double correlation)
    {
        _exponent = exponent;
        _correlation = correlation;
    }

    /// <summary>The size at a step (0 is the first), in units of an arbitrary one.</summary>
    public double At(int step)
    {
        if (double.IsNaN(_correlation)) return Math.Pow(step + 1, _exponent);
        var square = _correlation * _correlation;
        return square < 1 ? Math.Sqrt((1 - Math.Pow(square, step + 1)) / (1 - square)) : Math.Sqrt(step + 1);
    }

    /// <summary>
    /// The autoregression, unless the power leaves far less squared error on logs. Chosen by the smaller alone, the power was taken for its noise
    /// where errors are white or an autoregression's: too narrow at the first steps of the one, too wide at those of the other.
    /// </summary>
    /// <param name="sizes">One for each step ahead; NaN or 0 for unknown.</param>
    /// <param name="persistence">
    /// The share of an error that is still there one step further ahead: the autoregression's r. Known from all pairs of errors, where the few
    /// sizes at the first steps would be mere noise to fit it to.
    /// </param>
    public static ErrorGrowth Fit(double[] sizes, double persistence)
    {
        var power = new ErrorGrowth(Exponent(sizes), double.NaN);
        var autoregression = new ErrorGrowth(0, persistence);
        return GainOfFit * Misfit(sizes, autoregression) <= Misfit(sizes, power) ? autoregression : power;
    }

    /// <summary>Exponent b of size = c (step)^b by least squares on logs, in [0, 1].</summary>
    private static double Exponent(double[] sizes)
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

    /// <summary>Variance, times the count, of the log of size over law: a common factor counts for nothing.</summary>
    private static double Misfit(double[] sizes, ErrorGrowth law)
    {
        double count = 0, mean = 0, sum = 0;
        for (var h = 0; h < sizes.Length; h++)
        {
            if (!(sizes[h] > 0)) continue;
            var x = Math.Log(sizes[h] / law.At(h));
            var before = x - mean;
            mean += before / ++count;
            sum += before * (x - mean);
        }

        return sum;
    }
}
