namespace ServiMon.Predict.Statistics;

/// <summary>Student's t, its quantiles, tails and mean absolute value, and the Gaussian it tends to.</summary>
public static class StudentT
{
    /// <summary>From here on a mean absolute value is the Gaussian's to a millionth.</summary>
    private const double NearlyNormal = 1e6;

    /// <summary>Far more than a fraction takes that is evaluated where it converges.</summary>
    private const int MostTerms = 500;

    /// <summary>From here on the expansion of a quantile is right to 0.05 % from 0.5 to 0.9995.</summary>
    private const double ExpandedFreedom = 12;

    /// <summary>
    /// The quantile by the expansion around the Gaussian one (Abramowitz and Stegun 26.7.5, to 1 / freedom^4); for few degrees of freedom by Newton's method on <see cref="Upper"/>.
    /// </summary>
    /// <param name="probability">In (0, 1).</param>
    /// <param name="freedom">At least 1; infinite for the Gaussian.</param>
    public static double Quantile(double probability, double freedom)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "a probability must be in (0, 1)");
        if (!(freedom >= 1)) throw new ArgumentOutOfRangeException(nameof(freedom), freedom, "freedom must be at least 1");
        if (freedom < ExpandedFreedom) return probability < 0.5 ? -Solved(probability, freedom) : Solved(1 - probability, freedom);
        var z = Gaussian(probability);
        double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z, v = 1 / freedom;
        return z
            + v * (z3 + z) / 4
            + v * v * (5 * z5 + 16 * z3 + 3 * z) / 96
            + v * v * v * (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384
            + v * v * v * v * (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160;
    }

    /// <summary>
    /// The x that is passed with probability <paramref name="tail"/>, below one half. On logarithms of both the tail falls ever faster, so that from wherever it starts
    /// Newton's method comes to the right of x at most once and then nearer with every round.
    /// </summary>
    private static double Solved(double tail, double freedom)
    {
        if (tail >= 0.5) return 0;
        var front = Math.Exp(IncompleteGamma.LogGamma((freedom + 1) / 2) - IncompleteGamma.LogGamma(freedom / 2)) / Math.Sqrt(freedom * Math.PI);
        var x = -Gaussian(tail);
        for (var round = 0; round < MostTerms; round++)
        {
            var upper = Upper(x, freedom);
            var step = Math.Log(upper / tail) * upper / (x * front * Math.Pow(1 + x * x / freedom, -(freedom + 1) / 2));
            x *= Math.Exp(step);
            if (Math.Abs(step) < 1e-12) break;
        }

        return x;
    }

    /// <summary>P(T &gt; x), with its digits also far out: half of the regularised incomplete beta function of freedom / 2 and 1 / 2 (Abramowitz and Stegun 26.7.1).</summary>
    /// <param name="x">Any number.</param>
    /// <param name="freedom">Above 0; infinite for the Gaussian.</param>
    public static double Upper(double x, double freedom)
    {
        if (double.IsNaN(x)) return double.NaN;
        if (!(freedom > 0)) throw new ArgumentOutOfRangeException(nameof(freedom), freedom, "freedom must be above 0");
        if (x < 0) return 1 - Upper(-x, freedom);
        if (double.IsPositiveInfinity(freedom)) return FirstPassage.NormalCdf(-x);
        var square = x * x;
        if (double.IsInfinity(square)) return 0;
        var (near, far) = (freedom / (freedom + square), square / (freedom + square));
        return near < (freedom / 2 + 1) / (freedom / 2 + 2.5) ? 0.5 * Beta(near, far, freedom / 2, 0.5) : 0.5 - 0.5 * Beta(far, near, 0.5, freedom / 2);
    }

    /// <summary>Mean absolute value in standard deviations: 2 / (freedom - 1) sqrt((freedom - 2) / pi) Gamma((freedom + 1) / 2) / Gamma(freedom / 2), which tends to sqrt(2 / pi).</summary>
    /// <param name="freedom">Above 2; infinite for the Gaussian.</param>
    public static double MeanAbsolute(double freedom)
    {
        if (!(freedom > 2)) throw new ArgumentOutOfRangeException(nameof(freedom), freedom, "a deviation needs more than 2 degrees of freedom");
        if (freedom > NearlyNormal) return Math.Sqrt(2 / Math.PI);
        return 2 / (freedom - 1) * Math.Sqrt((freedom - 2) / Math.PI) * Math.Exp(IncompleteGamma.LogGamma((freedom + 1) / 2) - IncompleteGamma.LogGamma(freedom / 2));
    }

    /// <summary>I_x(a, b) for x below (a + 1) / (a + b + 2), by the continued fraction of Abramowitz and Stegun 26.5.8 and Lentz's way to evaluate it (1976).</summary>
    /// <param name="rest">1 - x, told apart for its digits.</param>
    private static double Beta(double x, double rest, double a, double b)
    {
        if (x <= 0) return 0;
        var front = Math.Exp(IncompleteGamma.LogGamma(a + b) - IncompleteGamma.LogGamma(a) - IncompleteGamma.LogGamma(b) + a * Math.Log(x) + b * Math.Log(rest)) / a;
        const double tiny = 1e-300;
        double c = 1, d = 1 / Nonzero(1 - (a + b) * x / (a + 1)), value = d;
        for (var m = 1; m < MostTerms; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Nonzero(1 + even * d);
            c = Nonzero(1 + even / c);
            value *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Nonzero(1 + odd * d);
            c = Nonzero(1 + odd / c);
            value *= c * d;
            if (Math.Abs(c * d - 1) < 1e-15) break;
        }

        return front * value;

        static double Nonzero(double value) => Math.Abs(value) < tiny ? tiny : value;
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
