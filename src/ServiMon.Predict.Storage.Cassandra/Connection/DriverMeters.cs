using System.Diagnostics.Metrics;
using Cassandra.Metrics;
using Cassandra.Metrics.Abstractions;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

/// <summary>
/// The driver's metrics as instruments of <see cref="MeterName"/>, which the live service shows on <c>/metrics</c>. What is about a
/// server has the tag <c>node</c>.
/// </summary>
internal sealed class DriverMeters : IDriverMetricsProvider, IDisposable
{
    public const string MeterName = "servimon.cassandra";

    private const string NodePart = ".nodes.";

    private readonly Meter _meter = new(MeterName);
    private readonly Dictionary<string, object> _instruments = [];
    private readonly Dictionary<(string Name, string Bucket), Func<double?>> _gauges = [];
    private readonly Lock _lock = new();

    public DriverMeters() => Rereads = _meter.CreateCounter<long>("servimon_predict_cassandra_history_rereads_total", null, "Buckets of history read again because fewer rows came than had been written");

    /// <summary>Our own, beside the driver's.</summary>
    public Counter<long> Rereads { get; }

    public IDriverTimer Timer(string bucket, IMetric metric)
    {
        var histogram = Instrument($"{NameOf(metric)}_seconds", name => _meter.CreateHistogram<double>(name, "s", "Time from request to answer",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 12] }));
        return new Recorder(_ => { }, nanoseconds => histogram.Record(nanoseconds * 1e-9, TagsOf(bucket)));
    }

    public IDriverMeter Meter(string bucket, IMetric metric) => Counting(bucket, metric);

    public IDriverCounter Counter(string bucket, IMetric metric) => Counting(bucket, metric);

    public IDriverGauge Gauge(string bucket, IMetric metric, Func<double?> valueProvider)
    {
        var name = NameOf(metric);
        lock (_lock) _gauges[(name, bucket)] = valueProvider;
        Instrument(name, full => _meter.CreateObservableGauge(full, () => Measure(full), null, $"{metric.Name} of the driver"));
        return Recorder.None;
    }

    /// <summary>A node has gone: its gauges would go on telling its last values.</summary>
    public void ShutdownMetricsBucket(string bucket)
    {
        lock (_lock)
            foreach (var key in _gauges.Keys.Where(k => k.Bucket == bucket).ToList()) _gauges.Remove(key);
    }

    public void Dispose() => _meter.Dispose();

    private Recorder Counting(string bucket, IMetric metric)
    {
        var counter = Instrument($"{NameOf(metric).Replace("_total", "", StringComparison.Ordinal)}_total", name => _meter.CreateCounter<long>(name, null, $"{metric.Name} of the driver"));
        return new Recorder(amount => counter.Add(amount, TagsOf(bucket)), _ => { });
    }

    private T Instrument<T>(string name, Func<string, T> make) where T : class
    {
        lock (_lock)
        {
            if (!_instruments.TryGetValue(name, out var there)) _instruments.Add(name, there = make(name));
            return (T)there;
        }
    }

    private List<Measurement<double>> Measure(string name)
    {
        lock (_lock)
            return [.. _gauges.Where(g => g.Key.Name == name).Select(g => (g.Key.Bucket, Value: g.Value()))
                .Where(g => g.Value is not null).Select(g => new Measurement<double>(g.Value!.Value, TagsOf(g.Bucket)))];
    }

    /// <summary>A node's metric and the session's own of one name must not share an instrument: one has a tag, the other has none.</summary>
    private static string NameOf(IMetric metric) =>
        $"servimon_predict_cassandra_{(metric is NodeMetric ? "node_" : "")}{metric.Name.Replace('-', '_').Replace('.', '_')}";

    private static KeyValuePair<string, object?>[] TagsOf(string bucket)
    {
        var at = bucket.IndexOf(NodePart, StringComparison.Ordinal);
        return at < 0 ? [] : [new("node", bucket[(at + NodePart.Length)..])];
    }

    /// <summary>Takes what the driver counts or times.</summary>
    private sealed class Recorder(Action<long> count, Action<long> time) : IDriverTimer, IDriverMeter, IDriverCounter, IDriverGauge
    {
        public static Recorder None { get; } = new(_ => { }, _ => { });

        public void Record(long elapsedNanoseconds) => time(elapsedNanoseconds);

        public void Mark(long amount) => count(amount);

        public void Increment() => count(1);

        public void Increment(long value) => count(value);
    }
}
