namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>A Linux host as node_exporter and a black-box probe show it.</summary>
public sealed class HostTelemetry(RandomStream birth) : ITelemetry
{
    public static IReadOnlyList<string> Metrics { get; } =
    [
        "node_cpu_busy_ratio", "node_load1", "node_memory_used_bytes", "node_memory_total_bytes", "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes", "node_disk_io_time_seconds_total", "node_network_receive_bytes_total",
        "node_network_transmit_bytes_total", "node_network_errors_total", "node_temperature_celsius", "probe_up", "probe_latency_seconds",
    ];

    private readonly double _cores = birth.Chance(0.5) ? 16 : 32;
    private readonly double _memory = (birth.Chance(0.5) ? 64 : 128) * 1073741824.0;
    private readonly double _memoryUsed = birth.Uniform(0.3, 0.6);
    private readonly double _cpu = birth.Uniform(0.2, 0.42);
    private readonly double _idleCelsius = birth.Uniform(30, 38);
    private readonly double _receive = birth.Uniform(1e6, 2e7);
    private readonly double _transmit = birth.Uniform(1e6, 2e7);
    private readonly FileSystemPart _files = new(birth);
    private readonly ProbePart _probe = new(birth);
    private double _ioSeconds, _received, _transmitted, _errors, _celsius = double.NaN;

    public void Observe(in Conditions now, RandomStream random, Span<double> row)
    {
        var leak = now.Level(FaultMode.MemoryLeak);
        var link = now.Level(FaultMode.LinkLoss);
        var heat = now.Level(FaultMode.Overheating);
        var throttled = 1 + 0.35 * Math.Max(0, heat - 0.7) / 0.3;
        var cpu = Math.Clamp(_cpu * now.Load * throttled + 0.02 * random.Normal(), 0.01, 0.99);
        var swap = Math.Pow(leak, 8);
        var memory = Math.Clamp(
            _memoryUsed + 0.05 * (now.Load - 1) + (0.975 - _memoryUsed) * leak + 0.006 * random.Normal(), 0.05, 0.995);
        var io = Math.Clamp((0.12 * now.Load + 0.6 * swap) * Math.Exp(0.3 * random.Normal()), 0, 1);
        var settled = _idleCelsius + 25 * cpu + 0.3 * (now.Climate.OutsideCelsius - 12) + (94 - _idleCelsius - 12) * heat;
        var lag = 1 - Math.Exp(-now.StepSeconds / 300);
        _celsius = double.IsNaN(_celsius) ? settled : _celsius + lag * (settled - _celsius);

        var (up, latency) = _probe.Observe(Math.Max(Math.Max(leak, link), Math.Max(heat, now.Level(FaultMode.DiskFill))), random);
        _ioSeconds += io * now.StepSeconds;
        var delivered = (1 - 0.5 * link * link) * now.Load * now.StepSeconds;
        _received += Math.Floor(_receive * delivered * Math.Exp(0.15 * random.Normal()));
        _transmitted += Math.Floor(_transmit * delivered * Math.Exp(0.15 * random.Normal()));
        _errors += random.Poisson(now.StepSeconds * (0.0008 + 1.5 * link * link));

        row[0] = cpu;
        row[1] = Math.Max(0, _cores * cpu * (1 + 0.1 * random.Normal()) + 20 * swap);
        row[2] = Math.Floor(_memory * memory);
        row[3] = _memory;
        (row[4], row[5]) = _files.Observe(now, random);
        row[6] = _ioSeconds;
        row[7] = _received;
        row[8] = _transmitted;
        row[9] = _errors;
        row[10] = _celsius + 0.5 * random.Normal();
        row[11] = up;
        row[12] = latency;
    }

    public void ObserveDown(RandomStream random, Span<double> row) => row[11] = 0;

    public void Restart() => _ioSeconds = _received = _transmitted = _errors = 0;
}
