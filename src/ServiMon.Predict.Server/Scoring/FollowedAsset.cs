using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Api;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>One metric with a limit, and what follows it.</summary>
internal sealed class FollowedMetric(MetricSpec spec)
{
    public MetricSpec Spec { get; } = spec;

    /// <summary>Null while there are no two values.</summary>
    public BreachForecast? Forecast { get; set; }

    /// <summary>The last one seen.</summary>
    public double? Limit { get; set; }

    public bool LimitIsBelow { get; set; }

    /// <summary>Time of the last value; a counter's next rate begins there.</summary>
    public long LastValueTicks { get; set; }

    /// <summary>What fitting or moving on took last.</summary>
    public TimeSpan Moving { get; set; }
}

/// <summary>The metrics of an asset that have a limit, followed up to its last row.</summary>
internal sealed class FollowedAsset
{
    private readonly string _asset;
    private long _lastTicks;

    private FollowedAsset(Profile profile, string asset, FollowedMetric[] metrics, long lastTicks) =>
        (Profile, _asset, Metrics, _lastTicks) = (profile, asset, metrics, lastTicks);

    public Profile Profile { get; }

    public IReadOnlyList<FollowedMetric> Metrics { get; }

    /// <summary>The time from which the next rows are to be read: after the last one, or from where a counter's rate has to be known.</summary>
    public long ReadFrom =>
        Metrics.Where(m => m.Spec.Kind == MetricKind.Counter && m.Forecast is not null).Select(m => m.LastValueTicks).Append(_lastTicks).Min();

    public static FollowedAsset Of(Profile profile, string asset, MetricSpec[] limited, MetricHistory[] read, int[] steps, TimeProvider time)
    {
        var metrics = new FollowedMetric[limited.Length];
        for (var m = 0; m < metrics.Length; m++)
        {
            var began = time.GetTimestamp();
            metrics[m] = new FollowedMetric(limited[m]);
            Note(metrics[m], read[m]);
            try
            {
                if (read[m].IsEnough) metrics[m].Forecast = BreachForecast.Of(profile, asset, read[m], read[m].Limit, read[m].LimitIsBelow, steps);
            }
            catch (InputException)
            {
                // Nothing to fit to, or no such clock on this machine: the metric has no forecast now.
            }
            metrics[m].Moving = time.GetElapsedTime(began);
        }
        return new FollowedAsset(profile, asset, metrics, read[0].Ticks.Length > 0 ? read[0].Ticks[^1] : 0);
    }

    /// <summary>Takes in newer rows.</summary>
    /// <param name="steps">Ascending horizons.</param>
    /// <returns>False when all has to be read and fitted anew: a fit is due, a metric has come that had no forecast or whose limit is not far any more, or the clock went back.</returns>
    public bool TryGoOn(MetricHistory[] rows, int[] steps, TimeProvider time)
    {
        if (rows[0].Ticks.Length == 0 || rows[0].Ticks[^1] <= _lastTicks) return true;
        if (BreachForecast.FitBefore(Profile, _asset, rows[0].Ticks[^1]) != BreachForecast.FitBefore(Profile, _asset, _lastTicks)) return false;
        for (var m = 0; m < rows.Length; m++)
        {
            var began = time.GetTimestamp();
            if (Metrics[m].Forecast is { } forecast ? !forecast.TryGoOn(rows[m]) : Array.Exists(rows[m].Values, double.IsFinite)) return false;
            Note(Metrics[m], rows[m]);
            if (Metrics[m] is { Forecast: { IsFitted: false } unfitted, Limit: { } limit } && !unfitted.AreFar(limit, Metrics[m].LimitIsBelow, steps)) return false;
            Metrics[m].Moving = time.GetElapsedTime(began);
        }
        _lastTicks = rows[0].Ticks[^1];
        return true;
    }

    private static void Note(FollowedMetric metric, MetricHistory read)
    {
        metric.Limit = read.Limit ?? metric.Limit;
        metric.LimitIsBelow = read.LimitIsBelow;
        if (Array.FindLastIndex(read.Values, double.IsFinite) is >= 0 and var last) metric.LastValueTicks = read.Ticks[last];
    }
}
