using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Api;

/// <summary>The last part of one metric's history in the unit of the profile: scaled, counters as rates per second.</summary>
/// <param name="Ticks">Times, UTC, 100 ns, ascending.</param>
/// <param name="Values">One for each time; NaN for missing.</param>
/// <param name="Limit">What the profile gives as the limit, or null when it gives none.</param>
/// <param name="LimitIsBelow">True when the metric counts what is left, so that it meets its limit from above.</param>
internal sealed record MetricHistory(long[] Ticks, double[] Values, double? Limit, bool LimitIsBelow)
{
    /// <summary>True when there is something to fit a forecast to.</summary>
    public bool IsEnough => Values.Count(double.IsFinite) >= 2;

    /// <summary>Reads as many steps as asked for; an unknown asset or metric is NOT_FOUND, one with fewer than two values FAILED_PRECONDITION.</summary>
    public static async Task<MetricHistory> ReadAsync(IHistoryStore history, Profile profile, string asset, string metric, int steps, Func<long, long>? startOf, CancellationToken ct)
    {
        var extents = await history.ListAssetsAsync(profile.Name, ct).ConfigureAwait(false);
        var extent = extents.FirstOrDefault(e => e.Asset == asset) ?? throw ApiFailure.NotFound("asset", asset, extents.Select(e => e.Asset));
        var metrics = await history.ListMetricsAsync(profile.Name, ct).ConfigureAwait(false);
        if (!metrics.Contains(metric)) throw ApiFailure.NotFound("metric", metric, metrics);
        var specs = ProfileInference.Complete(profile, metrics).Metrics.ToDictionary(m => m.Name);
        var spec = specs.GetValueOrDefault(metric) ?? new MetricSpec { Name = metric, Group = "" };
        var read = await ReadAsync(history, profile, asset, [spec], specs, extent.Last, steps, startOf, ct).ConfigureAwait(false);
        if (!read[0].IsEnough)
            throw ApiFailure.Failure(Google.Rpc.Code.FailedPrecondition, "NOT_ENOUGH_HISTORY",
                FormattableString.Invariant($"metric '{metric}' of asset '{asset}' has fewer than 2 values in the last {steps} steps"), new() { ["asset"] = asset, ["metric"] = metric });
        return read[0];
    }

    /// <summary>Reads several metrics of one asset at once: the steps up to the last row, which is looked for around a time.</summary>
    /// <param name="specs">All metrics of the profile by name: limits may be metrics too.</param>
    /// <param name="startOf">Told the time of the last row, the time after which rows count; null for <paramref name="steps"/> before the last.</param>
    /// <returns>One for each entry of <paramref name="wanted"/>; without rows when there are none.</returns>
    public static Task<MetricHistory[]> ReadAsync(
        IHistoryStore history, Profile profile, string asset, IReadOnlyList<MetricSpec> wanted, IReadOnlyDictionary<string, MetricSpec> specs,
        DateTimeOffset around, int steps, Func<long, long>? startOf, CancellationToken ct)
    {
        // Twice the span: the last row may be older than the time that it is looked for around.
        var span = Math.Min(profile.Step.Ticks * steps, TimeSpan.MaxValue.Ticks / 4);
        DateTimeOffset? from = around.UtcTicks > 2 * span ? around.AddTicks(-2 * span) : null;
        return ReadSinceAsync(history, profile, asset, wanted, specs, from, startOf ?? (last => last - span), ct);
    }

    /// <summary>Reads several metrics of one asset at once, from a time on.</summary>
    /// <param name="from">Null for all.</param>
    /// <param name="startOf">Told the time of the last row, the time after which rows count.</param>
    public static async Task<MetricHistory[]> ReadSinceAsync(
        IHistoryStore history, Profile profile, string asset, IReadOnlyList<MetricSpec> wanted, IReadOnlyDictionary<string, MetricSpec> specs,
        DateTimeOffset? from, Func<long, long> startOf, CancellationToken ct)
    {
        string[] columns = [.. wanted.Select(w => w.Name).Concat(wanted.Select(w => w.Limit?.Metric).OfType<string>()).Distinct()];
        var query = new HistoryQuery { Profile = profile.Name, Assets = [asset], Metrics = columns, From = from };
        var ticks = new List<long>();
        var values = columns.Select(_ => new List<double>()).ToArray();
        await foreach (var rows in history.ReadAsync(query, ct).ConfigureAwait(false))
            for (var row = 0; row < rows.Count; row++)
            {
                ticks.Add(rows.Ticks[row]);
                for (var c = 0; c < columns.Length; c++) values[c].Add(rows.Row(row)[c]);
            }
        var start = ticks.Count > 0 ? startOf(ticks[^1]) : 0;
        var first = ticks.FindIndex(t => t > start);
        if (first > 0)
        {
            ticks.RemoveRange(0, first);
            foreach (var column in values) column.RemoveRange(0, first);
        }
        return [.. wanted.Select(w => Of(w, specs, columns, ticks, values))];
    }

    private static MetricHistory Of(MetricSpec spec, IReadOnlyDictionary<string, MetricSpec> specs, string[] columns, List<long> ticks, List<double>[] values)
    {
        var own = values[Array.IndexOf(columns, spec.Name)].ConvertAll(v => v * spec.Scale);
        if (spec.Kind == MetricKind.Counter) ToRates(ticks, own);
        var limit = spec.Limit?.Constant;
        // The limit is the last one seen.
        if (spec.Limit?.Metric is { } name && values[Array.IndexOf(columns, name)].FindLastIndex(double.IsFinite) is >= 0 and var last)
            limit = values[Array.IndexOf(columns, name)][last] * (specs.GetValueOrDefault(name)?.Scale ?? 1);
        // What counts what is left is at its limit when nothing is left.
        return new MetricHistory([.. ticks], [.. own], spec.Limit is { Remaining: true } ? 0 : limit, spec.Limit is { Remaining: true });
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
