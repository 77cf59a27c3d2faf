using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>The last part of one metric's history, as much as a forecast looks at, in the unit of the profile: scaled, counters as rates per second.</summary>
/// <param name="Ticks">Times, UTC, 100 ns, ascending.</param>
/// <param name="Values">One for each time; NaN for missing.</param>
/// <param name="Limit">What the profile gives as the limit, or null when it gives none.</param>
/// <param name="LimitIsBelow">True when the metric counts what is left, so that it meets its limit from above.</param>
internal sealed record MetricHistory(long[] Ticks, double[] Values, double? Limit, bool LimitIsBelow)
{
    /// <summary>Reads it; an unknown asset or metric is NOT_FOUND, one with fewer than two values FAILED_PRECONDITION.</summary>
    public static async Task<MetricHistory> ReadAsync(IHistoryStore history, Profile profile, string asset, string metric, CancellationToken ct)
    {
        var extents = await history.ListAssetsAsync(profile.Name, ct).ConfigureAwait(false);
        var extent = extents.FirstOrDefault(e => e.Asset == asset) ?? throw ApiFailure.NotFound("asset", asset, extents.Select(e => e.Asset));
        var metrics = await history.ListMetricsAsync(profile.Name, ct).ConfigureAwait(false);
        if (!metrics.Contains(metric)) throw ApiFailure.NotFound("metric", metric, metrics);
        var specs = ProfileInference.Complete(profile, metrics).Metrics.ToDictionary(m => m.Name);
        var spec = specs.GetValueOrDefault(metric) ?? new MetricSpec { Name = metric, Group = "" };

        var limitMetric = spec.Limit?.Metric is { } name && metrics.Contains(name) ? name : null;
        var span = profile.Step * RegularGrid.MaxCount;
        var query = new HistoryQuery
        {
            Profile = profile.Name, Assets = [asset], Metrics = limitMetric is null ? [metric] : [metric, limitMetric],
            From = extent.Last - DateTimeOffset.MinValue > span ? extent.Last - span : null,
        };
        var ticks = new List<long>();
        var values = new List<double>();
        var limit = spec.Limit?.Constant;
        await foreach (var rows in history.ReadAsync(query, ct).ConfigureAwait(false))
            for (var row = 0; row < rows.Count; row++)
            {
                ticks.Add(rows.Ticks[row]);
                values.Add(rows.Row(row)[0] * spec.Scale);
                // The limit is the last one seen.
                if (limitMetric is not null && double.IsFinite(rows.Row(row)[1])) limit = rows.Row(row)[1] * (specs.GetValueOrDefault(limitMetric)?.Scale ?? 1);
            }
        if (spec.Kind == MetricKind.Counter) ToRates(ticks, values);
        if (values.Count(double.IsFinite) < 2)
            throw ApiFailure.Failure(Google.Rpc.Code.FailedPrecondition, "NOT_ENOUGH_HISTORY",
                FormattableString.Invariant($"metric '{metric}' of asset '{asset}' has fewer than 2 values in the last {RegularGrid.MaxCount} steps"), new() { ["asset"] = asset, ["metric"] = metric });
        // What counts what is left is at its limit when nothing is left.
        return new MetricHistory([.. ticks], [.. values], spec.Limit is { Remaining: true } ? 0 : limit, spec.Limit is { Remaining: true });
    }

    /// <summary>Increase per second since the last value; a fall is a reset, after which counting began at zero.</summary>
    private static void ToRates(List<long> ticks, List<double> values)
    {
        var (before, at) = (double.NaN, 0L);
        for (var i = 0; i < values.Count; i++)
        {
            var raw = values[i];
            if (double.IsNaN(raw)) continue;
            values[i] = (raw >= before ? raw - before : Math.Max(raw, 0)) / ((ticks[i] - at) / (double)TimeSpan.TicksPerSecond);
            if (double.IsNaN(before)) values[i] = double.NaN;
            (before, at) = (raw, ticks[i]);
        }
    }
}
