namespace ServiMon.Predict.Statistics;

/// <summary>The generalised Pareto law of excesses over a high threshold.</summary>
/// <param name="Shape">xi: 0 is exponential, positive is heavy-tailed, negative has an end point.</param>
/// <param name="Scale">sigma, in units of the excess, above 0.</param>
public readonly record struct GeneralizedPareto(double Shape, double Scale)
{
    /// <summary>Below this distance from 0 the shape is taken as 0: the limit is exact to 1e-9 there.</summary>
    private const double ExponentialShape = 1e-6;

    /// <summary>P(excess &gt; <paramref name="excess"/>), in [0, 1].</summary>
    public double Survival(double excess)
    {
        if (!(excess > 0)) return 1;
        if (Math.Abs(Shape) < ExponentialShape) return Math.Exp(-excess / Scale);
        var grown = 1 + Shape * excess / Scale;
        return grown <= 0 ? 0 : Math.Pow(grown, -1 / Shape);
    }

    /// <summary>The excess that is exceeded with the probability <paramref name="survival"/>, in (0, 1].</summary>
    public double Excess(double survival) =>
        Math.Abs(Shape) < ExponentialShape ? -Scale * Math.Log(survival) : Scale / Shape * (Math.Pow(survival, -Shape) - 1);

    /// <summary>
    /// Fits by probability-weighted moments (Hosking and Wallis 1987, eq. 9): a0 = E[X], a1 = E[X (1 - F(X))],
    /// xi = 2 - a0 / (a0 - 2 a1). The shape is then drawn to <paramref name="priorShape"/>, which counts as much as
    /// <paramref name="priorCount"/> excesses, and the scale follows from the mean: sigma = a0 (1 - xi).
    /// </summary>
    /// <param name="meanExcess">a0, above 0.</param>
    /// <param name="weightedExcess">a1, in (0, a0 / 2).</param>
    /// <param name="count">Excesses seen.</param>
    public static GeneralizedPareto FromMoments(double meanExcess, double weightedExcess, int count, double priorShape, double priorCount)
    {
        var spread = meanExcess - 2 * weightedExcess;
        var shape = spread > 0 ? 2 - meanExcess / spread : MinShape;
        shape = (count * Math.Clamp(shape, MinShape, MaxShape) + priorCount * priorShape) / (count + priorCount);
        return new GeneralizedPareto(shape, meanExcess * (1 - shape));
    }

    /// <summary>The law of a mean excess and a shape, which is kept within what <see cref="FromMoments"/> allows.</summary>
    public static GeneralizedPareto OfMean(double meanExcess, double shape)
    {
        shape = Math.Clamp(shape, MinShape, MaxShape);
        return new GeneralizedPareto(shape, meanExcess * (1 - shape));
    }

    /// <summary>A bounded tail would call the next record impossible; this much boundedness is allowed for.</summary>
    private const double MinShape = -0.5;

    /// <summary>The moments of the fit need a finite mean, xi below 1.</summary>
    private const double MaxShape = 0.75;
}
