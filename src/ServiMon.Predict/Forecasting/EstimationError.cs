namespace ServiMon.Predict.Forecasting;

/// <summary>
/// What a smoothing's forecast is off by because its level, slope, waves and persistence were estimated from so many values: beyond the errors that a model with
/// known parameters makes, and unseen in the errors on the very values that they were fitted to.
/// </summary>
internal static class EstimationError
{
    /// <summary>A level that learns at no more than this is a mean of all values; one that learns faster moves, and its errors are the model's own.</summary>
    private const double FixedLevel = 0.01;

    /// <summary>A persistence that is raised stays below that of a walk.</summary>
    private const double MostPersistence = 0.995;

    /// <summary>Its variance at each of the next steps but for the persistence's part, in variances of the error one step ahead.</summary>
    /// <param name="rates">Of the smoothing.</param>
    /// <param name="harmonicCount">Of its seasons.</param>
    /// <param name="valueCount">Values that it was fitted to, at least one.</param>
    /// <param name="steps">Steps ahead.</param>
    public static double[] Variances(SmoothingRates rates, int harmonicCount, double valueCount, int steps)
    {
        var variances = new double[steps];
        // A mean of errors that carry over is as uncertain as one of 1 / (1 - c) as large ones without.
        var whole = 1 / ((1 - rates.Correlation) * (1 - rates.Correlation));
        var level = rates.Level > FixedLevel ? 0 : whole / Math.Min(valueCount, 2 / FixedLevel - 1);
        // Of a walk's steps the slope is the mean, about a line it is least squares'.
        var slope = rates.Damping < 1 ? 0 : rates.Level * rates.Level / valueCount + 12 * whole / Math.Pow(valueCount, 3);
        var carried = 1.0;
        for (var h = 0; h < steps; h++)
        {
            carried *= rates.Correlation;
            // What is taken for level but is error is carried at first.
            variances[h] = level * (1 - carried) * (1 - carried) + slope * (h + 1) * (h + 1) + (rates.Season > 0 ? 0 : 2 * harmonicCount / valueCount);
        }

        return variances;
    }

    /// <summary>By what share of itself the model's deviation may be off at each step for its persistence being off by one standard error (Bartlett 1946); 0 where errors do not carry over.</summary>
    /// <param name="smoothing">Of the forecast.</param>
    /// <param name="growth">Its deviations, one a step.</param>
    /// <param name="valueCount">Values that it was fitted to, at least one.</param>
    public static double[] Growth(TrigonometricSmoothing smoothing, double[] growth, double valueCount)
    {
        var (rates, persistence) = (smoothing.Rates, smoothing.Rates.Correlation);
        if (persistence <= 0) return new double[growth.Length];
        var more = Math.Max(persistence, Math.Min(MostPersistence, persistence + Math.Sqrt((1 - persistence * persistence) / valueCount)));
        var (deviations, _) = smoothing.ErrorLaw(rates with { Correlation = more }, growth.Length);
        return [.. deviations.Zip(growth, (high, usual) => Math.Log(high / usual))];
    }
}
