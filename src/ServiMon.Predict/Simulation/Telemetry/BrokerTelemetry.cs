namespace ServiMon.Predict.Simulation.Telemetry;

/// <summary>A Kafka broker as the JMX exporter, the container runtime and a probe show it.</summary>
public sealed class BrokerTelemetry(RandomStream birth) : ITelemetry
{
    public static IReadOnlyList<string> Metrics { get; } =
    [
        "kafka_messages_in_total", "kafka_bytes_in_total", "kafka_bytes_out_total", "kafka_requests_total", "kafka_request_errors_total",
        "kafka_request_latency_p99_seconds", "kafka_request_handler_idle_ratio", "kafka_under_replicated_partitions", "process_open_fds",
        "process_max_fds", "jvm_memory_old_gen_used_bytes", "jvm_memory_old_gen_max_bytes", "jvm_gc_seconds_total",
        "node_filesystem_avail_bytes", "node_filesystem_size_bytes", "container_cpu_throttled_seconds_total", "probe_up",
        "probe_latency_seconds",
    ];

    private readonly double _messages = birth.Uniform(2000, 12000);
    private readonly double _messageBytes = birth.Uniform(200, 900);
    private readonly double _fanOut = birth.Uniform(1.5, 3.5);
    private readonly double _latency = birth.Uniform(0.004, 0.015);
    private readonly double _busy = birth.Uniform(0.15, 0.4);
    private readonly HeapPart _heap = new(birth);
    private readonly DescriptorPart _descriptors = new(birth);
    private readonly FileSystemPart _files = new(birth);
    private readonly ProbePart _probe = new(birth);
    private double _messagesIn, _bytesIn, _bytesOut, _requests, _errors, _throttled;

    public void Observe(in Conditions now, RandomStream random, Span<double> row)
    {
        _heap.Observe(now, random);
        var fds = now.Level(FaultMode.FdLeak);
        var disk = now.Level(FaultMode.DiskFill);
        var heap = now.Level(FaultMode.GcThrash);
        var stress = Math.Max(heap, Math.Max(fds, disk));
        var refused = Math.Pow(stress, 6);
        var served = (1 - 0.5 * _heap.GcShare) * (1 - 0.3 * refused) * now.Load * now.StepSeconds;
        var messages = _messages * served * Math.Exp(0.08 * random.Normal());
        var requests = messages / 20 * Math.Exp(0.05 * random.Normal());
        var busy = Math.Clamp(_busy * now.Load + 1.2 * _heap.GcShare, 0, 0.995);

        _messagesIn += Math.Floor(messages);
        _bytesIn += Math.Floor(messages * _messageBytes * Math.Exp(0.05 * random.Normal()));
        _bytesOut += Math.Floor(messages * _messageBytes * _fanOut * Math.Exp(0.1 * random.Normal()));
        _requests += Math.Floor(requests);
        _errors += random.Poisson(requests * (0.00002 + 0.02 * refused));
        _throttled += Math.Max(0, busy - 0.55 + 0.05 * random.Normal()) * 0.2 * now.StepSeconds;

        row[0] = _messagesIn;
        row[1] = _bytesIn;
        row[2] = _bytesOut;
        row[3] = _requests;
        row[4] = _errors;
        row[5] = _latency * (1 + 1.5 * Math.Pow(busy, 3) / (1.02 - busy) + 25 * _heap.GcShare) * Math.Exp(0.2 * random.Normal());
        row[6] = Math.Clamp(1 - busy + 0.02 * random.Normal(), 0, 1);
        row[7] = random.Poisson(0.004 + 12 * Math.Pow(stress, 8));
        row[8] = _descriptors.Observe(now, random);
        row[9] = _descriptors.Max;
        row[10] = _heap.UsedBytes;
        row[11] = _heap.MaxBytes;
        row[12] = _heap.GcSecondsTotal;
        (row[13], row[14]) = _files.Observe(now, random);
        row[15] = _throttled;
        (row[16], row[17]) = _probe.Observe(stress, random);
    }

    public void ObserveDown(RandomStream random, Span<double> row) => row[16] = 0;

    public void Restart()
    {
        _messagesIn = _bytesIn = _bytesOut = _requests = _errors = _throttled = 0;
        _heap.Restart();
    }
}
