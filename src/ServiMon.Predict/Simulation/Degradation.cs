using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Simulation;

/// <summary>
/// A stochastic process of wear that starts at 0 and fails on passing 1. Time is in hours. <see cref="Survival"/> is the exact law of
/// what <see cref="Advance"/> draws.
/// </summary>
/// <param name="MeanHours">Mean time from onset to failure, about (exact for the Wiener process).</param>
/// <param name="Spread">Coefficient of variation of that time, about.</param>
public abstract record Degradation(double MeanHours, double Spread)
{
    /// <summary>The level after a time; at least 1 if the failure level was passed on the way.</summary>
    public abstract double Advance(double level, double hours, RandomStream random);

    /// <summary>P(the level is not passed within the time ahead | the distance left to it now).</summary>
    public abstract double Survival(double distance, double hours);

    /// <summary>The largest distance to failure that matters; above 1 for a process that can improve by chance.</summary>
    public virtual double LargestDistance => 1;

    /// <summary>The same kind of process, faster by a factor; the spread stays.</summary>
    public Degradation Faster(double factor) => this with { MeanHours = MeanHours / factor };
}

/// <summary>Gamma process (van Noortwijk 2009): many small irreversible losses; leaks.</summary>
public sealed record GammaDegradation(double MeanHours, double Spread) : Degradation(MeanHours, Spread)
{
    private double Scale => Spread * Spread;
    private double ShapeRate => 1 / (MeanHours * Scale);

    public override double Advance(double level, double hours, RandomStream random) =>
        level + Scale * random.Gamma(ShapeRate * hours);

    public override double Survival(double distance, double hours) =>
        FirstPassage.GammaSurvival(distance, hours, ShapeRate, Scale);
}

/// <summary>Wiener process with drift (Whitmore 1995): wear that may seem to recover; bearings, heat, backlogs.</summary>
public sealed record WienerDegradation(double MeanHours, double Spread) : Degradation(MeanHours, Spread)
{
    private double Drift => 1 / MeanHours;

    /// <summary>The inverse Gaussian's variance sigma^2 / mu^3 equals (Spread x MeanHours)^2.</summary>
    private double Sigma => Spread * Math.Sqrt(Drift);

    /// <summary>The process falls below -a at any time with probability exp(-2 a mu / sigma^2): 6e-5 at this a.</summary>
    public override double LargestDistance => 1 + 5 * Spread * Spread;

    public override double Advance(double level, double hours, RandomStream random)
    {
        var next = level + Drift * hours + Sigma * Math.Sqrt(hours) * random.Normal();
        if (next >= 1) return next;
        return random.Chance(FirstPassage.BridgeCrossing(1 - level, 1 - next, hours, Sigma)) ? 1 : next;
    }

    public override double Survival(double distance, double hours) =>
        FirstPassage.WienerSurvival(distance, hours, Drift, Sigma);
}

/// <summary>Compound Poisson process with exponential jumps: shocks; large files, brake slips.</summary>
public sealed record ShockDegradation(double MeanHours, double Spread) : Degradation(MeanHours, Spread)
{
    /// <summary>With jumps of mean b the passage of 1 takes 1/b + 1 jumps and has a squared variation of about 2 b.</summary>
    private double MeanJump => Spread * Spread / 2;
    private double Rate => (1 / MeanJump + 1) / MeanHours;

    public override double Advance(double level, double hours, RandomStream random)
    {
        var jumps = random.Poisson(Rate * hours);
        return jumps == 0 ? level : level + MeanJump * random.Gamma(jumps);
    }

    public override double Survival(double distance, double hours) =>
        FirstPassage.CompoundPoissonSurvival(distance, hours, Rate, MeanJump);
}
