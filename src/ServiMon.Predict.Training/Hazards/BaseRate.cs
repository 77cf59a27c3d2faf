namespace ServiMon.Predict.Training.Hazards;

/// <summary>
/// The fleet's failure rate as a Gamma-Poisson posterior mean, (shape + n) / (rate + T), for n incidents in an exposure of T asset-seconds
/// (Gelman and others, 2013, "Bayesian data analysis", section 2.6), with shape 1/2 as in Jeffreys' prior.
/// </summary>
/// <remarks>
/// The prior's rate is shape / (believed failures per second). Without a belief it is one longest horizon: a prior of half a failure in
/// one horizon, without weight once the exposure is many horizons.
/// </remarks>
internal sealed record BaseRate(double PriorExposure)
{
    public const double Shape = 0.5;

    private const double SecondsPerYear = 365.25 * 86400;

    public static BaseRate For(double? failuresPerYear, double longestHorizon) =>
        new(failuresPerYear is double rate ? Shape / (rate / SecondsPerYear) : longestHorizon);

    /// <summary>The hazard of one bucket.</summary>
    /// <param name="incidents">Distinct incidents in the bucket.</param>
    /// <param name="exposure">Weighted asset-seconds of its rows.</param>
    /// <param name="positive">Weight of its positive rows.</param>
    /// <param name="total">Weight of all its rows.</param>
    /// <param name="seconds">Its length.</param>
    public double Hazard(int incidents, double exposure, double positive, double total, double seconds)
    {
        // With incidents the bucket's own share of positive rows is what is observed; the posterior then moves it as it moves n / T.
        double hazard;
        if (incidents > 0) hazard = positive / total * ((Shape + incidents) / incidents) * (exposure / (PriorExposure + exposure));
        else hazard = 1 - Math.Exp(-Shape / (PriorExposure + exposure) * seconds);
        return Predict.Hazard.LogOdds.Clip(hazard);
    }
}
