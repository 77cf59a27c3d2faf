using System.Text.RegularExpressions;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>The service's own metrics, as rules and dashboards name them.</summary>
internal static partial class ServiceMetrics
{
    /// <summary>
    /// Metrics that rules and panels name and a build may not export, each with the reason. As soon as <c>/metrics</c> names one, its panels have to return data.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, string> NotExported = new[]
    {
        (Reason: "breach probabilities are computed on request only", Metrics: new[]
        {
            "breach_probability_ratio", "breach_standard_error_ratio", "approximation_error_ratio", "breach_estimates_total", "breach_budget_per_second",
            "breaches_waiting_assets",
        }),
        (Reason: "drift is not told", Metrics: ["drift_observed_to_expected_ratio", "drift_brier_to_training_ratio", "drift_state"]),
        (Reason: "training is told over gRPC only", Metrics: ["training_stage_progress_ratio", "training_runs_total"]),
    }.SelectMany(g => g.Metrics.Select(m => (Name: $"servimon_predict_{m}", g.Reason))).ToDictionary(m => m.Name, m => m.Reason);

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
