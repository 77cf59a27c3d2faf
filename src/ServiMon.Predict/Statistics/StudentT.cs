namespace ServiMon.Predict.Statistics;

/// <summary>Quantiles of Student's t and of the Gaussian it tends to.</summary>
public static class StudentT
{
    /// <summary>
    /// The quantile by the expansion around the Gaussian one (Abramowitz and Stegun 26.7.5, to 1 / freedom^4): within 1 % from 4 degrees
    /// of freedom on at 0.975; 1 and 2 degrees by their closed forms.
    /// </summary>
    /// <param name="probability">In (0, 1).</param>
    /// <param name="freedom">At least 1; infinite for the Gaussian.</param>
    public static double Quantile(double probability, double freedom)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "a probability must be in (0, 1)");
        if (!(freedom >= 1)) throw new ArgumentOutOfRangeException(nameof(freedom), freedom, "freedom must be at least 1");
        if (freedom < 2) return Math.Tan(Math.PI * (probability - 0.5));
        if (freedom < 3) return (2 * probability - 1) * Math.Sqrt(2 / (4 * probability * (1 - probability)));
        var z = Gaussian(probability);
        double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z, v = 1 / freedom;
        return z
            + v * (z3 + z) / 4
            + v * v * (5 * z5 + 16 * z3 + 3 * z) / 96
            + v * v * v * (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384
            + v * v * v * v * (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160;
    }

    /// <summary>Acklam's rational approximation of the Gaussian quantile, relative error below 1.2e-9.</summary>
    private static double Gaussian(double p)
    {
        if (p > 0.5) return -Gaussian(1 - p);
        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q - 2.549732539343734e+00) * q
                + 4.374664141464968e+00) * q + 2.938163982698783e+00)
                / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q + 3.754408661907416e+00) * q + 1);
        }

        var d = p - 0.5;
        var r = d * d;
        return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r
            - 3.066479806614716e+01) * r + 2.506628277459239e+00) * d
            / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r
            - 1.328068155288572e+01) * r + 1);
    }
}
