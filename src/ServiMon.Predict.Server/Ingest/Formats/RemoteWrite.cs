using System.Buffers;
using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats.Remote;
using Snappier;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// Prometheus' remote write 1.0: a <c>WriteRequest</c> compressed with snappy (block format), times in milliseconds. A stale marker (the NaN with bits
/// 0x7ff0000000000002) is a missing value like any other NaN. Native histograms and metadata are passed over.
/// </summary>
public sealed class RemoteWrite : ISampleFormat
{
    /// <summary>Most bytes that a message may decompress to, 64 MiB: snappy shrinks at most some twenty-fold.</summary>
    private const int MostBytes = 64 << 20;

    private readonly LabelBytes _labels = new();

    public string Name => "remote-write";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        byte[]? buffer = null;
        WriteRequest request;
        try
        {
            var length = Snappy.GetUncompressedLength(message);
            if (length > MostBytes) return MessageFault.TooLarge;
            buffer = ArrayPool<byte>.Shared.Rent(length);
            request = WriteRequest.Parser.ParseFrom(buffer.AsSpan(0, Snappy.Decompress(message, buffer)));
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            return MessageFault.Syntax;
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
        foreach (var series in request.Timeseries)
        {
            _labels.Clear();
            foreach (var label in series.Labels) _labels.Add(label.Name, label.Value);
            foreach (var sample in series.Samples)
            {
                if (!UnixTime.TryTicks(sample.Timestamp, TimeUnit.Milliseconds, out var ticks)) return MessageFault.BadTime;
                if (target.Add(_labels.Written, default, default, ticks, sample.Value) is not MessageFault.None and var fault) return fault;
            }
        }
        // Prometheus sends metadata by itself from time to time: nothing is wrong with that.
        return request.Timeseries.Count == 0 && request.Metadata.Count == 0 ? MessageFault.Empty : MessageFault.None;
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity)
    {
        if (!ParsedSamples.TrySplit(identity, out var bytes, out _, out _) || LabelBytes.Read(bytes, []) is not { } labels) return null;
        var name = labels.FindLast(l => l.Key == "__name__").Value;
        if (string.IsNullOrEmpty(name)) return null;
        labels.RemoveAll(l => l.Key == "__name__");
        return new SeriesIdentity(name, labels);
    }
}
