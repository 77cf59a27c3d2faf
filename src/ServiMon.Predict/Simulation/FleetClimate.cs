namespace ServiMon.Predict.Simulation;

/// <summary>What all assets of a fleet share: traffic, weather and the time of day, at one step.</summary>
/// <remarks>The AR(1) factors keep their variance whatever the step: coefficient exp(-step / tau) (Ornstein-Uhlenbeck, sampled).</remarks>
public sealed class FleetClimate(DateTimeOffset start, TimeSpan step, ulong seed)
{
    private readonly RandomStream _random = new(seed, "#climate");
    private readonly MeanReverting _traffic = new(step, tauHours: 4, deviation: 0.12);
    private readonly MeanReverting _weather = new(step, tauHours: 18, deviation: 2.5);

    public DateTimeOffset Time { get; private set; } = start;

    /// <summary>Traffic relative to its long mean of about 1: day, week and a shared random factor.</summary>
    public double Traffic { get; private set; } = 1;

    /// <summary>Air temperature outside, degrees Celsius: day and weather.</summary>
    public double OutsideCelsius { get; private set; } = 12;

    /// <summary>True in the observing night, 20:00 to 05:30 UTC.</summary>
    public bool Night { get; private set; }

    /// <summary>Computes the shared conditions of the present time; called once before the first step's assets.</summary>
    public void Begin() => Refresh();

    public void Advance()
    {
        Time += step;
        Refresh();
    }

    private void Refresh()
    {
        var hour = Time.TimeOfDay.TotalHours;
        var weekend = Time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        var day = 1 + 0.35 * Math.Cos(2 * Math.PI * (hour - 14) / 24) + 0.1 * Math.Cos(4 * Math.PI * (hour - 10) / 24);
        Traffic = day * (weekend ? 0.72 : 1.08) * Math.Exp(_traffic.Next(_random));
        OutsideCelsius = 12 + 5 * Math.Cos(2 * Math.PI * (hour - 15) / 24) + _weather.Next(_random);
        Night = hour is >= 20 or < 5.5;
    }
}

/// <summary>A stationary Gaussian AR(1) around 0, started in its stationary law.</summary>
public sealed class MeanReverting(TimeSpan step, double tauHours, double deviation)
{
    private readonly double _keep = Math.Exp(-step.TotalHours / tauHours);
    private double _value = double.NaN;

    public double Next(RandomStream random)
    {
        _value = double.IsNaN(_value)
            ? deviation * random.Normal()
            : _keep * _value + deviation * Math.Sqrt(1 - _keep * _keep) * random.Normal();
        return _value;
    }
}

/// <summary>Something that comes and goes: a two-state Markov chain with a given share of the time on and a mean length.</summary>
public sealed class Episodes(TimeSpan step, double share, double meanHours)
{
    private readonly double _stop = Math.Min(1, step.TotalHours / meanHours);
    private readonly double _start = share >= 1 ? 1 : Math.Min(1, Math.Min(1, step.TotalHours / meanHours) * share / (1 - share));

    public bool On { get; private set; }

    /// <summary>True in the step in which an episode began.</summary>
    public bool Begun { get; private set; }

    public bool Next(RandomStream random)
    {
        Begun = !On && random.Chance(_start);
        On = Begun || (On && !random.Chance(_stop));
        return On;
    }
}
