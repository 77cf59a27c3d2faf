using System.Globalization;
using System.Text;
using Google.Protobuf;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Tests.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest;

/// <summary>One sample as a message of every format that topics may have.</summary>
internal static class SampleMessages
{
    /// <param name="seconds">After <see cref="LiveFleets.Start"/>; whole.</param>
    public static byte[] Of(string format, string instance, string metric, int seconds, double value)
    {
        var unix = LiveFleets.Start.ToUnixTimeSeconds() + seconds;
        var number = value.ToString("R", CultureInfo.InvariantCulture);
        return format switch
        {
            "prometheus-json" => LiveFleets.Json(instance, metric, seconds, value),
            "telegraf-json" => Text($$$"""{"fields":{"value":{{{number}}}},"name":"{{{metric}}}","tags":{"instance":"{{{instance}}}"},"timestamp":{{{unix}}}}"""),
            "influx" => Text($"{metric},instance={instance} value={number} {unix}000000000"),
            "otlp-json" => Text(Otlp()),
            "otlp-proto" => new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true)).Parse<Server.Ingest.Formats.Otlp.MetricsData>(Otlp()).ToByteArray(),
            "remote-write" => RemoteWriteTests.Message(($"__name__={metric},instance={instance}", unix * 1000, value)),
            SampleFormats.Own => new V1.SampleBatch
            {
                Profile = "broker", Asset = instance, Metrics = { metric }, BaseTimeUnixNanos = unix * 1_000_000_000, TimeOffsetNanos = { 0 }, MetricIndex = { 0 }, Value = { value },
            }.ToByteArray(),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no format"),
        };

        string Otlp() => $$$$"""
            {"resourceMetrics":[{"resource":{"attributes":[{"key":"instance","value":{"stringValue":"{{{{instance}}}}"}}]},
            "scopeMetrics":[{"metrics":[{"name":"{{{{metric}}}}","gauge":{"dataPoints":[{"asDouble":{{{{number}}}},"timeUnixNano":"{{{{unix}}}}000000000"}]}}]}]}]}
            """;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
