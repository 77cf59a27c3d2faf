using System.Globalization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// Says what is unusual about an asset that has no baseline of its own yet: where its values stand among those of the fleet's healthy steps. That moves no
/// probability, so shares are 0.
/// </summary>
internal static class FleetReason
{
    /// <summary>Ranks are told beyond this share on either side: of 100 metrics one by chance.</summary>
    private const double Tail = 0.005;

    /// <summary>Healthy steps of which a rank this far out can be known: with fewer, chance alone puts a new value beyond all of them as often.</summary>
    private const long LeastSteps = (long)(1 / Tail);

    /// <param name="monitor">With the step that is explained as its last.</param>
    /// <returns>For each functional group the metric furthest out, the furthest first; none where nothing is known of the fleet.</returns>
    public static IReadOnlyList<Driver> Of(ScoringModel model, AssetMonitor monitor)
    {
        if (model.Reference.Distributions is not { } fleet) return [];
        var metrics = model.Evidence.Profile.Metrics;
        var values = new double[metrics.Length];
        monitor.ReadValues(values);
        var furthest = new Dictionary<string, (double Tail, double Excess, string Detail)>();
        for (var m = 0; m < metrics.Length; m++)
        {
            if (metrics[m].Kind == MetricKind.Static || metrics[m].Role is MetricRole.StartTime or MetricRole.Age) continue;
            if (!double.IsFinite(values[m]) || fleet[m].Count < LeastSteps) continue;
            var slack = metrics[m].Kind == MetricKind.Counter ? AssetMonitor.RateError * (1 + Math.Abs(values[m])) : 0;
            var (below, upTo) = (fleet[m].ShareBelow(values[m] - slack), fleet[m].ShareUpTo(values[m] + slack));
            var tail = Math.Min(upTo, 1 - below);
            if (tail > Tail) continue;
            // Of several beyond all of the fleet, the one that is so by more.
            var excess = Excess(fleet[m], values[m]);
            if (furthest.TryGetValue(metrics[m].Group, out var other) && (other.Tail, -other.Excess).CompareTo((tail, -excess)) <= 0) continue;
            furthest[metrics[m].Group] = (tail, excess, Words(metrics[m].Name, fleet[m], values[m], isHigh: 1 - below < upTo, tail));
        }
        return [.. furthest.OrderBy(f => f.Value.Tail).ThenByDescending(f => f.Value.Excess).ThenBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => new Driver(f.Key, 0, f.Value.Detail))];
    }

    /// <summary>How far a value lies from the median, in widths of the middle nine tenths.</summary>
    private static double Excess(QuantileSketch fleet, double value)
    {
        var width = fleet.Quantile(0.95) - fleet.Quantile(0.05);
        var distance = Math.Abs(value - fleet.Quantile(0.5));
        return width > 0 ? distance / width : double.PositiveInfinity;
    }

    private static string Words(string name, QuantileSketch fleet, double value, bool isHigh, double tail)
    {
        var share = tail == 0 ? "all" : string.Create(CultureInfo.InvariantCulture, $"{100 - 100 * tail:0.0#} %");
        return string.Create(CultureInfo.InvariantCulture,
            $"{name} {value:G3}, {(isHigh ? "above" : "below")} {share} of the fleet's healthy steps (median {fleet.Quantile(0.5):G3})");
    }
}
