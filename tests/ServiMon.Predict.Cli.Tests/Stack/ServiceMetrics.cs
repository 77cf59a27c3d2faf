using System.Text.RegularExpressions;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>The service's own metrics, as rules and dashboards name them.</summary>
internal static partial class ServiceMetrics
{
    /// <summary>Those that the live service exports now.</summary>
    public static async Task<HashSet<string>> ExportedAsync(LiveStack stack) =>
        [.. HelpLine().Matches(await stack.MetricsAsync()).Select(m => m.Groups[1].Value)];

    /// <summary>Those that a text names; the series of a histogram under the histogram's name, recorded series not at all.</summary>
    public static IEnumerable<string> In(string text) => Plain().Matches(text).Select(m => HistogramPart().Replace(m.Value, "")).Distinct();

    [GeneratedRegex("^# HELP (\\S+)", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"(?<![:\w])servimon_predict_\w+(?![:\w])")]
    private static partial Regex Plain();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}
