using System.Globalization;
using System.Text;
using Google.Protobuf.Collections;
using ServiMon.Predict.Server.Ingest.Formats.Otlp;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// The samples of OpenTelemetry's data points. Gauges and cumulative sums are their value. What is told as the change since the last time (delta) is
/// given as a rate per second over its own interval, under the name with <c>_rate</c>: a running total would have to survive restarts
/// and moves of partitions. A histogram is <c>_count</c>, <c>_sum</c> and <c>_bucket</c> with the label <c>le</c>, cumulative over the bounds as in
/// Prometheus; an exponential one the first two; a summary these and its quantiles.
/// </summary>
internal sealed class OtlpPoints
{
    /// <summary>Bit 0 of the flags: there is no recorded value.</summary>
    private const uint NoRecordedValue = 1;

    private readonly LabelBytes _resource = new(), _point = new();
    private readonly byte[] _name = new byte[ParsedSamples.LongestIdentity];
    private ParsedSamples _target = new(1);
    private string _metric = "";
    private long _ticks;
    private double _seconds;
    private bool _isMissing;

    public void Begin(Resource? resource)
    {
        _resource.Clear();
        if (resource is not null) AddTo(_resource, resource.Attributes);
    }

    public MessageFault Add(Metric metric, ParsedSamples target)
    {
        (_metric, _target) = (metric.Name, target);
        if (_metric.Length == 0) return MessageFault.MissingPart;
        switch (metric.DataCase)
        {
            case Metric.DataOneofCase.Gauge:
                return Numbers(metric.Gauge.DataPoints, isDelta: false);
            case Metric.DataOneofCase.Sum:
                return Numbers(metric.Sum.DataPoints, metric.Sum.AggregationTemporality == AggregationTemporality.Delta);
            case Metric.DataOneofCase.Histogram:
                var isDelta = metric.Histogram.AggregationTemporality == AggregationTemporality.Delta;
                foreach (var p in metric.Histogram.DataPoints)
                    if (Add(p, isDelta) is not MessageFault.None and var fault) return fault;
                return MessageFault.None;
            case Metric.DataOneofCase.ExponentialHistogram:
                isDelta = metric.ExponentialHistogram.AggregationTemporality == AggregationTemporality.Delta;
                foreach (var p in metric.ExponentialHistogram.DataPoints)
                {
                    var fault = Begin(p.Attributes, p.StartTimeUnixNano, p.TimeUnixNano, p.Flags, isDelta);
                    if (fault == MessageFault.None) fault = CountAndSum(p.Count, p.HasSum ? p.Sum : null, isDelta);
                    if (fault != MessageFault.None) return fault;
                }
                return MessageFault.None;
            case Metric.DataOneofCase.Summary:
                foreach (var p in metric.Summary.DataPoints)
                    if (Add(p) is not MessageFault.None and var fault) return fault;
                return MessageFault.None;
            default:
                return MessageFault.None;
        }
    }

    private MessageFault Numbers(RepeatedField<NumberDataPoint> points, bool isDelta)
    {
        foreach (var p in points)
        {
            var fault = Begin(p.Attributes, p.StartTimeUnixNano, p.TimeUnixNano, p.Flags, isDelta);
            if (fault == MessageFault.None && p.ValueCase == NumberDataPoint.ValueOneofCase.None && !_isMissing) fault = MessageFault.MissingPart;
            if (fault == MessageFault.None) fault = Put("", p.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? p.AsInt : p.AsDouble, isDelta);
            if (fault != MessageFault.None) return fault;
        }
        return MessageFault.None;
    }

    private MessageFault Add(HistogramDataPoint p, bool isDelta)
    {
        var fault = Begin(p.Attributes, p.StartTimeUnixNano, p.TimeUnixNano, p.Flags, isDelta);
        if (fault == MessageFault.None && p.BucketCounts.Count > 0 && p.BucketCounts.Count != p.ExplicitBounds.Count + 1) fault = MessageFault.MissingPart;
        if (fault == MessageFault.None) fault = CountAndSum(p.Count, p.HasSum ? p.Sum : null, isDelta);
        double below = 0;
        for (var b = 0; b < p.BucketCounts.Count && fault == MessageFault.None; b++)
        {
            below += p.BucketCounts[b];
            Labels(p.Attributes, "le", b < p.ExplicitBounds.Count ? p.ExplicitBounds[b].ToString("R", CultureInfo.InvariantCulture) : "+Inf");
            fault = Put("_bucket", below, isDelta);
        }
        return fault;
    }

    private MessageFault Add(SummaryDataPoint p)
    {
        var fault = Begin(p.Attributes, 0, p.TimeUnixNano, p.Flags, isDelta: false);
        if (fault == MessageFault.None) fault = CountAndSum(p.Count, p.Sum, isDelta: false);
        foreach (var q in p.QuantileValues)
        {
            if (fault != MessageFault.None) return fault;
            Labels(p.Attributes, "quantile", q.Quantile.ToString("R", CultureInfo.InvariantCulture));
            fault = Put("", q.Value, isDelta: false);
        }
        return fault;
    }

    private MessageFault CountAndSum(ulong count, double? sum, bool isDelta)
    {
        var fault = Put("_count", count, isDelta);
        return fault == MessageFault.None && sum is { } value ? Put("_sum", value, isDelta) : fault;
    }

    private MessageFault Begin(RepeatedField<KeyValue> attributes, ulong start, ulong time, uint flags, bool isDelta)
    {
        if (time is 0 or > long.MaxValue || !UnixTime.TryTicks((long)time, TimeUnit.Nanoseconds, out _ticks)) return MessageFault.BadTime;
        _isMissing = (flags & NoRecordedValue) != 0;
        // Without an interval a change is no rate: the value is missing.
        _seconds = !isDelta ? 1 : start == 0 || start >= time ? double.NaN : (time - start) / 1e9;
        _point.Clear();
        AddTo(_point, attributes);
        return MessageFault.None;
    }

    private void Labels(RepeatedField<KeyValue> attributes, string name, string value)
    {
        _point.Clear();
        AddTo(_point, attributes);
        _point.Add(name, value);
    }

    private MessageFault Put(string suffix, double value, bool isDelta)
    {
        var name = suffix.Length == 0 && !isDelta ? _metric : $"{_metric}{suffix}{(isDelta ? "_rate" : "")}";
        if (Encoding.UTF8.GetByteCount(name) > _name.Length) return MessageFault.LabelsTooLong;
        var length = Encoding.UTF8.GetBytes(name, _name);
        return _target.Add(_resource.Written, _name.AsSpan(0, length), _point.Written, _ticks, _isMissing ? double.NaN : value / _seconds);
    }

    /// <summary>Lists, maps and bytes are no labels.</summary>
    private static void AddTo(LabelBytes labels, RepeatedField<KeyValue> attributes)
    {
        foreach (var attribute in attributes)
        {
            var text = attribute.Value?.ValueCase switch
            {
                AnyValue.ValueOneofCase.StringValue => attribute.Value.StringValue,
                AnyValue.ValueOneofCase.BoolValue => attribute.Value.BoolValue ? "true" : "false",
                AnyValue.ValueOneofCase.IntValue => attribute.Value.IntValue.ToString(CultureInfo.InvariantCulture),
                AnyValue.ValueOneofCase.DoubleValue => attribute.Value.DoubleValue.ToString("R", CultureInfo.InvariantCulture),
                _ => null,
            };
            if (text is not null) labels.Add(attribute.Key, text);
        }
    }
}
