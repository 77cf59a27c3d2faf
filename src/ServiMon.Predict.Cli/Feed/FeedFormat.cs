using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;

namespace ServiMon.Predict.Cli.Feed;

/// <summary>The shapes in which rows are sent; names as in the service's configuration.</summary>
internal static class FeedFormat
{
    public const string PrometheusJson = "prometheus-json", Servimon = "servimon";

    /// <summary>In a topic's name it stands for the profile's.</summary>
    public const string ProfilePlace = "{profile}";

    public static readonly IReadOnlyList<string> Names = [PrometheusJson, Servimon];

    /// <summary>The messages that carry a row: one for each value that is there, or one for all of them.</summary>
    public static IEnumerable<byte[]> Messages(string format, DateTimeOffset time, FeedRow row) =>
        format == Servimon ? [Batch(time, row)] : Samples(time, row);

    /// <summary>As prometheus-kafka-adapter writes them: one sample a message, value as text, times in whole seconds.</summary>
    private static IEnumerable<byte[]> Samples(DateTimeOffset time, FeedRow row)
    {
        var stamp = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var asset = JavaScriptEncoder.Default.Encode(row.Asset);
        for (var m = 0; m < row.Metrics.Count; m++)
        {
            var value = row.Values.Span[m];
            if (double.IsNaN(value)) continue;
            var name = JavaScriptEncoder.Default.Encode(row.Metrics[m]);
            yield return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $$$"""{"timestamp":"{{{stamp}}}","value":"{{{value:R}}}","name":"{{{name}}}","labels":{"__name__":"{{{name}}}","asset":"{{{asset}}}"}}"""));
        }
    }

    private static byte[] Batch(DateTimeOffset time, FeedRow row)
    {
        var batch = new V1.SampleBatch
        {
            Profile = row.Profile, Asset = row.Asset, BaseTimeUnixNanos = (time.UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick,
        };
        for (var m = 0; m < row.Metrics.Count; m++)
        {
            var value = row.Values.Span[m];
            if (double.IsNaN(value)) continue;
            batch.MetricIndex.Add((uint)batch.Metrics.Count);
            batch.Metrics.Add(row.Metrics[m]);
            batch.TimeOffsetNanos.Add(0);
            batch.Value.Add(value);
        }
        return batch.Value.Count == 0 ? [] : batch.ToByteArray();
    }
}
