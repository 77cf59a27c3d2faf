namespace ServiMon.Predict.Hazard;

/// <summary>Probability and log-odds (natural logarithm of p / (1 - p)), safe at the ends.</summary>
public static class LogOdds
{
    /// <summary>Probabilities stay this far from 0 and 1: a finite number of incidents never proves more (one in a million).</summary>
    public const double Margin = 1e-6;

    /// <summary>Log-odds of a probability, which is clipped to [<see cref="Margin"/>, 1 - <see cref="Margin"/>] first.</summary>
    public static double Of(double probability)
    {
        var p = Clip(probability);
        return Math.Log(p / (1 - p));
    }

    /// <summary>The probability of a log-odds, in [0, 1].</summary>
    public static double Probability(double logOdds)
    {
        if (logOdds >= 0) return 1 / (1 + Math.Exp(-logOdds));
        var e = Math.Exp(logOdds);
        return e / (1 + e);
    }

    /// <summary>log(1 + exp(x)) without overflow.</summary>
    public static double SoftPlus(double x) => x > 0 ? x + double.LogP1(Math.Exp(-x)) : double.LogP1(Math.Exp(x));

    public static double Clip(double probability) => Math.Clamp(probability, Margin, 1 - Margin);
}
