using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>Our own batches, <c>servimon.predict.v1.SampleBatch</c>: the samples of one asset, which the message names itself.</summary>
public sealed class ServimonBatch : ISampleFormat
{
    private static readonly MessageParser<SampleBatch> Parser = SampleBatch.Parser.WithDiscardUnknownFields(true);

    private readonly List<byte[]> _metrics = [];
    private readonly List<string> _names = [];

    public string Name => "servimon";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        SampleBatch batch;
        try
        {
            batch = Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            return MessageFault.Syntax;
        }
        if (batch.Profile.Length == 0 || batch.Asset.Length == 0) return MessageFault.MissingPart;
        var count = batch.Value.Count;
        if (count == 0) return MessageFault.Empty;
        if (count > target.MaxSamples) return MessageFault.TooManySamples;
        if (batch.TimeOffsetNanos.Count != count || batch.MetricIndex.Count != count) return MessageFault.MissingPart;
        var profile = Encoding.UTF8.GetBytes(batch.Profile);
        var asset = Encoding.UTF8.GetBytes(batch.Asset);
        var metrics = Known(batch.Metrics);
        var order = Order(batch.TimeOffsetNanos);
        for (var n = 0; n < count; n++)
        {
            var i = order is null ? n : order[n];
            if (batch.MetricIndex[i] >= metrics.Count) return MessageFault.MissingPart;
            var nanos = (Int128)batch.BaseTimeUnixNanos + batch.TimeOffsetNanos[i];
            if (nanos < long.MinValue || nanos > long.MaxValue || !UnixTime.TryTicks((long)nanos, TimeUnit.Nanoseconds, out var ticks))
                return MessageFault.BadTime;
            if (target.Add(profile, asset, metrics[(int)batch.MetricIndex[i]], ticks, batch.Value[i]) is not MessageFault.None and var fault) return fault;
        }
        return MessageFault.None;
    }

    /// <summary>
    /// Positions in order of time, or null when they are: metric by metric, the newest sample of the first would close the steps of the others.
    /// </summary>
    private static int[]? Order(IReadOnlyList<long> offsets)
    {
        var isAscending = true;
        for (var i = 1; i < offsets.Count && isAscending; i++) isAscending = offsets[i] >= offsets[i - 1];
        if (isAscending) return null;
        var order = Enumerable.Range(0, offsets.Count).ToArray();
        Array.Sort([.. offsets], order);
        return order;
    }

    /// <summary>The names as bytes: those of the last message where they are the same, as batches of one producer mostly name the same metrics.</summary>
    private List<byte[]> Known(RepeatedField<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (i < _metrics.Count && _names[i] == names[i]) continue;
            _metrics.RemoveRange(i, _metrics.Count - i);
            _names.RemoveRange(i, _names.Count - i);
            _metrics.Add(Encoding.UTF8.GetBytes(names[i]));
            _names.Add(names[i]);
        }
        _metrics.RemoveRange(names.Count, _metrics.Count - names.Count);
        _names.RemoveRange(names.Count, _names.Count - names.Count);
        return _metrics;
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity) =>
        ParsedSamples.TrySplit(identity, out var profile, out var asset, out var metric) && metric.Length > 0
            ? new SeriesIdentity(Encoding.UTF8.GetString(metric), []) { Profile = Encoding.UTF8.GetString(profile), Asset = Encoding.UTF8.GetString(asset) }
            : null;
}
