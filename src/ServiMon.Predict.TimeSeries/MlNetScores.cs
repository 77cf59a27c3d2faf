using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.TimeSeries;

/// <summary>
/// A history of what ML.NET's detectors say of each metric, in place of the metrics: a backtest on it tells how well failures can be
/// foreseen from these scores alone, with everything after them (fitting, calibration, scoring) the same.
/// </summary>
public static class MlNetScores
{
    /// <summary>Scores every metric of every asset, causally, a detector for each series. Missing values stay missing.</summary>
    /// <param name="profile">Completed by inference. Its failure rules, limits and drivers are of the metrics, so they are left out.</param>
    public static (Profile Profile, FleetHistory History) Of(Profile profile, FleetHistory history, CancellationToken stop)
    {
        var specs = profile.Metrics.Where(m => m.Kind != MetricKind.Static && m.Role != MetricRole.StartTime)
            .Select(m => (Spec: m, Column: Column(history.Metrics, m.Name))).Where(m => m.Column >= 0).ToArray();
        var scored = specs.SelectMany(m => new[] { Score(m.Spec, "novelty"), Score(m.Spec, "spike") }).ToArray();
        string[] names = [.. scored.Select(m => m.Name)];
        var assets = new AssetRows[history.Assets.Count];
        Parallel.For(0, assets.Length, new ParallelOptions { CancellationToken = stop }, a =>
        {
            var rows = history.Assets[a];
            var values = new double[rows.Count * names.Length];
            for (var m = 0; m < specs.Length; m++)
            {
                stop.ThrowIfCancellationRequested();
                ScoreSeries(rows, specs[m].Column, specs[m].Spec.Kind == MetricKind.Counter, values, 2 * m, names.Length);
            }
            assets[a] = new AssetRows(rows.Asset, names, rows.Ticks, values);
        });
        return (profile with { Metrics = [.. scored], InferMetrics = false, Ignore = [], Drivers = [], FailureRules = [] }, new FleetHistory(names, assets));
    }

    private static MetricSpec Score(MetricSpec metric, string what) => new() { Name = $"{metric.Name}_{what}", Group = metric.Group, Kind = MetricKind.Gauge };

    private static int Column(IReadOnlyList<string> metrics, string name)
    {
        for (var c = 0; c < metrics.Count; c++)
            if (metrics[c] == name) return c;
        return -1;
    }

    /// <summary>A counter is scored by its growth per second; a reset is a missing value.</summary>
    private static void ScoreSeries(AssetRows rows, int column, bool isCounter, double[] into, int place, int width)
    {
        var detector = new MlNetDetector();
        var before = double.NaN;
        for (var i = 0; i < rows.Count; i++)
        {
            var value = rows.Row(i)[column];
            var seen = value;
            if (isCounter)
            {
                var growth = i == 0 ? double.NaN : (value - before) / TimeSpan.FromTicks(rows.Ticks[i] - rows.Ticks[i - 1]).TotalSeconds;
                seen = growth >= 0 ? growth : double.NaN;
                before = value;
            }
            var judged = detector.Observe(rows.Ticks[i], seen);
            var isMissing = !double.IsFinite(seen);
            into[i * width + place] = isMissing ? double.NaN : judged.Score;
            into[i * width + place + 1] = isMissing ? double.NaN : -Math.Log10(judged.PValue);
        }
    }
}
