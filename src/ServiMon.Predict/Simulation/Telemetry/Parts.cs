namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>The file system of a server: natural growth with a daily clean-up, and what a disk-fill fault takes.</summary>
internal sealed class FileSystemPart(RandomStream random)
{
    private readonly double _size = Math.Round(random.Uniform(4, 20)) * 1e11;
    private readonly double _used = random.Uniform(0.30, 0.62);
    private readonly double _daily = random.Uniform(0.01, 0.05);
    private readonly double _cleanHour = random.Uniform(0, 24);

    public (double Available, double Size) Observe(in Conditions now, RandomStream random)
    {
        var sinceClean = (now.Climate.Time.TimeOfDay.TotalHours - _cleanHour + 24) % 24 / 24;
        var used = _used + _daily * sinceClean + (0.995 - _used - _daily) * now.Level(FaultMode.DiskFill) + 0.001 * random.Normal();
        return (Math.Floor(_size * Math.Clamp(1 - used, 0.001, 1)), _size);
    }
}

/// <summary>
/// The heap of a Java process. Live data grow with a leak; garbage saws between them and the collector's trigger; time in collection
/// grows like 1 / (1 - live), as each cycle's cost is shared by the room that it frees (the mark/cons
/// ratio of Jones, Hosking and Moss 2023).
/// </summary>
internal sealed class HeapPart(RandomStream random)
{
    private readonly double _max = Math.Round(random.Uniform(4, 16)) * 1073741824.0;
    private readonly double _live = random.Uniform(0.28, 0.5);
    private readonly double _cost = random.Uniform(0.004, 0.010);
    private double _cycle = random.Uniform();
    private double _gcSeconds;

    public double MaxBytes => _max;

    public double UsedBytes { get; private set; }

    /// <summary>Share of the last step's time in collection.</summary>
    public double GcShare { get; private set; }

    public double GcSecondsTotal => _gcSeconds;

    public void Observe(in Conditions now, RandomStream random)
    {
        var leak = Math.Max(now.Level(FaultMode.GcThrash), now.Level(FaultMode.MemoryLeak));
        var live = Math.Min(0.985, _live + (0.97 - _live) * leak + 0.01 * random.Normal());
        _cycle = (_cycle + now.Load * now.StepSeconds / 1800 / (1 - live)) % 1;
        UsedBytes = Math.Floor(_max * Math.Min(0.995, live + 0.4 * (1 - live) * _cycle));
        GcShare = Math.Min(0.9, _cost * now.Load / (1 - live) * Math.Exp(0.15 * random.Normal()));
        _gcSeconds += GcShare * now.StepSeconds;
    }

    public void Restart() => _gcSeconds = 0;
}

/// <summary>Open file descriptors: connections, and what a descriptor leak takes.</summary>
internal sealed class DescriptorPart(RandomStream random)
{
    private readonly double _max = random.Chance(0.5) ? 65536 : 10000;
    private readonly double _open = random.Uniform(0.06, 0.25);

    public double Max => _max;

    public double Observe(in Conditions now, RandomStream random)
    {
        var used = _open * (0.7 + 0.3 * now.Load) + (0.99 - _open) * now.Level(FaultMode.FdLeak);
        return Math.Floor(_max * Math.Clamp(used * (1 + 0.02 * random.Normal()), 0.01, 1));
    }
}

/// <summary>A health probe from outside: answers late, or not at all, when the asset is near failure, and rarely for no reason.</summary>
internal sealed class ProbePart(RandomStream random)
{
    private readonly double _seconds = random.Uniform(0.008, 0.03);

    /// <param name="stress">0 at ease to 1 at failure.</param>
    public (double Up, double Latency) Observe(double stress, RandomStream random)
    {
        var latency = _seconds * (1 + 12 * Math.Pow(stress, 3)) * Math.Exp(0.25 * random.Normal());
        return random.Chance(0.0006 + 0.3 * Math.Pow(stress, 9)) ? (0, double.NaN) : (1, latency);
    }
}
