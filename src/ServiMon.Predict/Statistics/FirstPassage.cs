namespace ServiMon.Predict.Statistics;

/// <summary>The probability that a stochastic process has not yet passed a level: closed forms.</summary>
/// <remarks>All take the distance left to the level and the time ahead in one unit of time, and return a probability in [0, 1].</remarks>
public static class FirstPassage
{
    /// <summary>The standard normal distribution function; absolute error below 1e-13 and exact digits in the lower tail.</summary>
    public static double NormalCdf(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        var tail = 0.5 * IncompleteGamma.Upper(0.5, 0.5 * z * z);
        return z < 0 ? tail : 1 - tail;
    }

    /// <summary>
    /// Gamma process, increments over time t of shape <paramref name="shapeRate"/> t: it never falls, so it is below the level at t
    /// if it never passed it, with probability P(shapeRate t, distance / scale) (van Noortwijk 2009).
    /// </summary>
    public static double GammaSurvival(double distance, double time, double shapeRate, double scale)
    {
        if (distance <= 0) return 0;
        return time <= 0 ? 1 : IncompleteGamma.Lower(shapeRate * time, distance / scale);
    }

    /// <summary>
    /// Wiener process with drift mu > 0 and variance sigma^2 per unit of time: the first passage is inverse Gaussian (Folks and
    /// Chhikara 1978; as a model of degradation: Whitmore 1995).
    /// </summary>
    public static double WienerSurvival(double distance, double time, double drift, double sigma)
    {
        if (distance <= 0) return 0;
        if (time <= 0) return 1;
        var spread = sigma * Math.Sqrt(time);
        var reflected = NormalCdf((-distance - drift * time) / spread);
        var image = reflected > 0 ? Math.Exp(2 * drift * distance / (sigma * sigma) + Math.Log(reflected)) : 0;
        return Math.Clamp(NormalCdf((distance - drift * time) / spread) - image, 0, 1);
    }

    /// <summary>
    /// Probability that a Wiener process passed the level between two instants at which it was below it, at the given distances from
    /// it: exp(-2 d0 d1 / (sigma^2 t)), the Brownian bridge's (Karatzas and Shreve 1991). It does not depend on the drift.
    /// </summary>
    public static double BridgeCrossing(double distanceBefore, double distanceAfter, double time, double sigma) =>
        Math.Exp(-2 * distanceBefore * distanceAfter / (sigma * sigma * time));

    /// <summary>
    /// Compound Poisson process with exponential jumps (a cumulative shock model; Nakagawa 2007): the sum over k of P(N(rate t) = k) times
    /// P(k jumps stay below the distance), where the latter is P(Poisson(distance / meanJump) >= k).
    /// </summary>
    public static double CompoundPoissonSurvival(double distance, double time, double rate, double meanJump)
    {
        if (distance <= 0) return 0;
        if (time <= 0) return 1;
        var mean = rate * time;
        var room = distance / meanJump;
        if (mean > 4 * room + 300) return 0; // more than 15 standard deviations beyond the level, and exp(-mean) may underflow
        var jumps = Math.Exp(-mean);
        var left = Math.Exp(-room);
        double stay = 1, sum = jumps, weight = jumps;
        for (var k = 1; weight < 1 - 1e-15 && k < mean + 20 * Math.Sqrt(mean) + 50; k++)
        {
            stay -= left;
            left *= room / k;
            jumps *= mean / k;
            weight += jumps;
            if (stay <= 0) break;
            sum += jumps * stay;
        }
        return Math.Min(1, sum);
    }

    /// <summary>Weibull life of age <paramref name="age"/>: P(life > age + time | life > age) = exp((age/eta)^k - ((age+time)/eta)^k).</summary>
    public static double WeibullSurvival(double age, double time, double shape, double scale)
    {
        if (time <= 0) return 1;
        if (shape == 1) return Math.Exp(-time / scale);
        return Math.Exp(Math.Pow(age / scale, shape) - Math.Pow((age + time) / scale, shape));
    }
}
