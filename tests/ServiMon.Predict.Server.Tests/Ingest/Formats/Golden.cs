using System.Globalization;
using System.Text;
using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

/// <summary>What a format makes of a message, as text.</summary>
internal static class Golden
{
    public static string Read(ISampleFormat format, string message) => Read(format, Encoding.UTF8.GetBytes(message));

    /// <summary>A line for each sample: <c>metric{label=value,…} time value</c>; or <c>fault: reason</c>.</summary>
    public static string Read(ISampleFormat format, byte[] message, int maxSamples = 1000)
    {
        var parsed = new ParsedSamples(maxSamples);
        var fault = format.Parse(message, parsed);
        if (fault != MessageFault.None) return $"fault: {fault.Text()}";
        return string.Join('\n', Enumerable.Range(0, parsed.Count).Select(i =>
        {
            var time = new DateTime(parsed.Ticks(i), DateTimeKind.Utc).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
            return $"{Series(format.ReadIdentity(parsed.Identity(i)))} {time} {parsed.Value(i).ToString("R", CultureInfo.InvariantCulture)}";
        }));
    }

    private static string Series(SeriesIdentity? series) => series is null ? "unreadable"
        : $"{(series.Profile is null ? "" : $"{series.Profile}/{series.Asset}/")}{series.Metric}{{{string.Join(',', series.Labels.Select(l => $"{l.Key}={l.Value}"))}}}";
}
