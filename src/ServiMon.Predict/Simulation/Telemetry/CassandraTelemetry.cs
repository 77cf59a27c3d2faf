namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>A Cassandra node as the JMX exporter and a probe show it.</summary>
public sealed class CassandraTelemetry(RandomStream birth) : ITelemetry
{
    public static IReadOnlyList<string> Metrics { get; } =
    [
        "cassandra_reads_total", "cassandra_writes_total", "cassandra_request_errors_total", "cassandra_dropped_messages_total",
        "cassandra_read_latency_p99_seconds", "cassandra_write_latency_p99_seconds", "cassandra_pending_compactions",
        "cassandra_hints_total", "jvm_memory_old_gen_used_bytes", "jvm_memory_old_gen_max_bytes", "jvm_gc_seconds_total", "node_filesystem_avail_bytes",
        "node_filesystem_size_bytes", "process_open_fds", "process_max_fds", "probe_up", "probe_latency_seconds",
    ];

    private readonly double _reads = birth.Uniform(200, 1500);
    private readonly double _writes = birth.Uniform(800, 6000);
    private readonly double _readLatency = birth.Uniform(0.006, 0.02);
    private readonly double _writeLatency = birth.Uniform(0.001, 0.004);
    private readonly double _pending = birth.Uniform(2, 12);
    private readonly HeapPart _heap = new(birth);
    private readonly FileSystemPart _files = new(birth);
    private readonly DescriptorPart _descriptors = new(birth);
    private readonly ProbePart _probe = new(birth);
    private double _readCount, _writeCount, _errors, _dropped, _hints;

    public void Observe(in Conditions now, RandomStream random, Span<double> row)
    {
        _heap.Observe(now, random);
        var backlog = now.Level(FaultMode.CompactionBacklog);
        var stress = Math.Max(
            Math.Max(now.Level(FaultMode.GcThrash), backlog), Math.Max(now.Level(FaultMode.FdLeak), now.Level(FaultMode.DiskFill)));
        var refused = Math.Pow(stress, 6);
        var served = (1 - 0.5 * _heap.GcShare) * (1 - 0.25 * refused) * now.Load * now.StepSeconds;
        var reads = _reads * served * Math.Exp(0.08 * random.Normal());
        var writes = _writes * served * Math.Exp(0.08 * random.Normal());

        _readCount += Math.Floor(reads);
        _writeCount += Math.Floor(writes);
        _errors += random.Poisson((reads + writes) * (0.000005 + 0.004 * refused));
        _dropped += random.Poisson(now.StepSeconds * (0.0004 + 1.5 * Math.Pow(stress, 5)));
        _hints += random.Poisson(now.StepSeconds * 0.002 * now.Climate.Traffic);

        var slow = (1 + 20 * _heap.GcShare) * (0.8 + 0.2 * now.Load * now.Load);
        row[0] = _readCount;
        row[1] = _writeCount;
        row[2] = _errors;
        row[3] = _dropped;
        row[4] = _readLatency * slow * (1 + 4 * backlog) * Math.Exp(0.2 * random.Normal());
        row[5] = _writeLatency * slow * (1 + backlog) * Math.Exp(0.2 * random.Normal());
        row[6] = random.Poisson(_pending * now.Load + 160 * Math.Pow(backlog, 1.4));
        row[7] = _hints;
        row[8] = _heap.UsedBytes;
        row[9] = _heap.MaxBytes;
        row[10] = _heap.GcSecondsTotal;
        (row[11], row[12]) = _files.Observe(now, random);
        row[13] = _descriptors.Observe(now, random);
        row[14] = _descriptors.Max;
        (row[15], row[16]) = _probe.Observe(stress, random);
    }

    public void ObserveDown(RandomStream random, Span<double> row) => row[15] = 0;

    public void Restart()
    {
        _readCount = _writeCount = _errors = _dropped = _hints = 0;
        _heap.Restart();
    }
}
