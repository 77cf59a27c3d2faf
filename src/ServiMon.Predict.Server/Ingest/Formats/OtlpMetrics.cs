using System.Text;
using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats.Otlp;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// OpenTelemetry's metrics as the Collector's Kafka exporter writes them: <c>MetricsData</c> in protobuf, or in JSON with integers of 64 bits as
/// texts. The labels of a series are the resource's attributes, then those of the data point; without labels of these names,
/// <c>instance</c> is <c>service.instance.id</c> and <c>job</c> is <c>service.name</c>, as Prometheus takes them.
/// </summary>
public sealed class OtlpMetrics(bool isJson) : ISampleFormat
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly OtlpPoints _points = new();

    public string Name => isJson ? "otlp-json" : "otlp-proto";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        MetricsData read;
        try
        {
            read = isJson ? Json.Parse<MetricsData>(Encoding.UTF8.GetString(message)) : MetricsData.Parser.ParseFrom(message);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException or InvalidOperationException)
        {
            return MessageFault.Syntax;
        }
        foreach (var resource in read.ResourceMetrics)
        {
            _points.Begin(resource.Resource);
            foreach (var scope in resource.ScopeMetrics)
                foreach (var metric in scope.Metrics)
                    if (_points.Add(metric, target) is not MessageFault.None and var fault) return fault;
        }
        return target.Count == 0 ? MessageFault.Empty : MessageFault.None;
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity)
    {
        if (!ParsedSamples.TrySplit(identity, out var resource, out var name, out var point) || name.IsEmpty) return null;
        if (LabelBytes.Read(resource, []) is not { } labels || LabelBytes.Read(point, labels) is null) return null;
        Alias(labels, "instance", "service.instance.id");
        Alias(labels, "job", "service.name");
        return new SeriesIdentity(Encoding.UTF8.GetString(name), labels);
    }

    private static void Alias(List<KeyValuePair<string, string>> labels, string name, string attribute)
    {
        if (labels.Exists(l => l.Key == name)) return;
        if (labels.FindLast(l => l.Key == attribute).Value is { } value) labels.Add(new(name, value));
    }
}
