using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Prometheus;

namespace ServiMon.Predict.Server.Telemetry;

/// <summary>
/// The instruments of the stores on <c>/metrics</c>: what the driver of a store measures, such as requests, retries, timeouts and open
/// connections. The stores need not know Prometheus for it, nor this project the stores.
/// </summary>
internal sealed class StoreMeters : IDisposable
{
    /// <summary>Meters of stores have names that begin with this.</summary>
    private const string StorePrefix = "servimon.";

    private readonly IMetricFactory _metrics;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, Collector> _families = new(StringComparer.Ordinal);
    private volatile bool _isDisposed;

    public StoreMeters(CollectorRegistry registry)
    {
        _metrics = Metrics.WithCustomRegistry(registry);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(StorePrefix, StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
        registry.AddBeforeCollectCallback(() =>
        {
            if (!_isDisposed) _listener.RecordObservableInstruments();
        });
    }

    public void Dispose()
    {
        _isDisposed = true;
        _listener.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // The tags of an instrument are always the same, so the first measurement tells the labels.
        if (!_families.TryGetValue(instrument.Name, out var family))
        {
            var labels = new string[tags.Length];
            for (var i = 0; i < labels.Length; i++) labels[i] = tags[i].Key;
            family = _families.GetOrAdd(instrument.Name, _ => Make(instrument, labels));
        }
        var values = new string[tags.Length];
        for (var i = 0; i < values.Length; i++) values[i] = tags[i].Value?.ToString() ?? "";
        switch (family)
        {
            case Counter counter: counter.WithLabels(values).Inc(value); break;
            case Gauge gauge: gauge.WithLabels(values).Set(value); break;
            case Histogram histogram: histogram.WithLabels(values).Observe(value); break;
        }
    }

    private Collector Make(Instrument instrument, string[] labels) => instrument switch
    {
        Counter<long> => _metrics.CreateCounter(instrument.Name, instrument.Description ?? "", labels),
        Histogram<double> timed => _metrics.CreateHistogram(instrument.Name, instrument.Description ?? "", labels,
            new HistogramConfiguration { Buckets = timed.Advice?.HistogramBucketBoundaries is { } bounds ? [.. bounds] : null }),
        _ => _metrics.CreateGauge(instrument.Name, instrument.Description ?? "", labels),
    };
}
