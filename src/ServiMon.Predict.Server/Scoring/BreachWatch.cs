using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server.Scoring;

/// <summary>What estimating breaches may cost.</summary>
/// <param name="PerSecond">Most metrics that are estimated in a second. Default 4, range 0 (none) to 10,000; one whose limit is near takes a millisecond of CPU or two, and some ten to forty where a fit is due.</param>
/// <param name="PerAsset">Metrics told of one asset, the likeliest to breach. Default 3, range 0 to 100.</param>
public sealed record BreachOptions(int PerSecond = 4, int PerAsset = 3);

/// <summary>The probability that a metric passes its limit, for each horizon of the profile.</summary>
internal sealed record MetricBreach(string Metric, ImmutableArray<(Horizon Horizon, BreachEstimate Estimate)> Horizons);

/// <summary>The likeliest breaches of an asset.</summary>
/// <param name="Time">The step that they were estimated for.</param>
internal sealed record AssetBreaches(DateTimeOffset Time, ImmutableArray<MetricBreach> Metrics);

/// <summary>
/// Estimates for one asset after the other when its metrics pass their limits: a live forecaster of each follows the history that the service keeps, not
/// on the thread that scores, and never more are estimated in a second than allowed. The asset whose estimate is oldest comes first. Rounds are not for
/// several threads at once.
/// </summary>
internal sealed class BreachWatch(
    PredictionBoard board, Func<string, LiveProfile?> profiles, IHistoryStore history, BreachOptions options, TimeProvider time)
{
    /// <summary>A horizon of more steps than this is not estimated: paths cost as much as they have steps.</summary>
    private const int MostSteps = 10_000;

    private readonly ConcurrentDictionary<AssetKey, AssetBreaches> _latest = new();
    private readonly Dictionary<AssetKey, FollowedAsset> _followed = [];
    private long _estimates;
    private long _waiting;

    public BreachOptions Options => options;

    /// <summary>Metrics estimated since the start.</summary>
    public long Estimates => Volatile.Read(ref _estimates);

    /// <summary>Ready assets whose newest step was not estimated within the last budget.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Told the seconds that each metric took, reading and computing; null: nobody asks.</summary>
    public Prometheus.IObserver? Duration { get; set; }

    public AssetBreaches? Find(AssetKey key) => _latest.GetValueOrDefault(key);

    /// <summary>One second's worth of estimates.</summary>
    /// <exception cref="StoreException">When the history does not answer; the next round goes on.</exception>
    public async Task RoundAsync(CancellationToken ct)
    {
        var due = new List<(DateTimeOffset Last, AssetPrediction Prediction)>();
        foreach (var key in board.Keys)
        {
            if (!board.TryGet(key, out var prediction) || prediction.State != PredictionState.Ready || prediction.IsComposite) continue;
            var last = _latest.TryGetValue(key, out var before) ? before.Time : DateTimeOffset.MinValue;
            if (last < prediction.Time) due.Add((last, prediction));
        }
        foreach (var gone in _latest.Keys.Where(k => !board.TryGet(k, out _)).ToList()) _latest.TryRemove(gone, out _);
        foreach (var gone in _followed.Keys.Where(k => !board.TryGet(k, out _)).ToList()) _followed.Remove(gone);
        due.Sort((a, b) => a.Last != b.Last ? a.Last.CompareTo(b.Last) : a.Prediction.Key.CompareTo(b.Prediction.Key));
        var left = options.PerSecond;
        var done = 0;
        for (; done < due.Count && left > 0; done++) left -= await EstimateAsync(due[done].Prediction, ct).ConfigureAwait(false);
        Volatile.Write(ref _waiting, due.Count - done);
    }

    /// <returns>How many metrics it took.</returns>
    private async Task<int> EstimateAsync(AssetPrediction prediction, CancellationToken ct)
    {
        if (profiles(prediction.Key.Profile)?.Profile is not { } profile) return 0;
        var breaches = new List<MetricBreach>();
        var taken = 0;
        Horizon[] horizons = [.. profile.Horizons.Where(h => h.Span >= profile.Step && h.Span / profile.Step <= MostSteps)];
        if (horizons.Length > 0 && profile.Metrics.Any(m => m.Limit is not null))
        {
            int[] steps = [.. horizons.Select(h => (int)Math.Ceiling(h.Span / profile.Step))];
            var followed = await FollowAsync(prediction, profile, steps, ct).ConfigureAwait(false);
            foreach (var one in followed.Metrics)
            {
                if (one is not { Forecast: { } forecast, Limit: { } limit }) continue;
                var began = time.GetTimestamp();
                try
                {
                    var estimates = forecast.Estimate(limit, one.LimitIsBelow, steps);
                    breaches.Add(new MetricBreach(one.Spec.Name, [.. horizons.Zip(estimates)]));
                }
                catch (InputException)
                {
                    // No two values that a forecast could rest on: the metric has none now.
                }
                Duration?.Observe((time.GetElapsedTime(began) + one.Moving).TotalSeconds);
                Interlocked.Increment(ref _estimates);
                taken++;
            }
        }
        _latest[prediction.Key] = new AssetBreaches(prediction.Time,
            [.. breaches.OrderByDescending(b => b.Horizons[^1].Estimate.Probability).ThenBy(b => b.Metric, StringComparer.Ordinal).Take(options.PerAsset)]);
        return taken;
    }

    /// <summary>The forecasters of an asset, moved on to its last row; built anew when another fit is due, or the profile is another.</summary>
    private async Task<FollowedAsset> FollowAsync(AssetPrediction prediction, Profile profile, int[] steps, CancellationToken ct)
    {
        var (key, asset) = (prediction.Key, prediction.Key.Asset);
        MetricSpec[] limited = [.. profile.Metrics.Where(m => m.Limit is not null)];
        var specs = profile.Metrics.ToDictionary(m => m.Name);
        if (_followed.TryGetValue(key, out var followed) && ReferenceEquals(followed.Profile, profile))
        {
            var from = new DateTimeOffset(followed.ReadFrom, TimeSpan.Zero);
            var rows = await MetricHistory.ReadSinceAsync(history, profile, asset, limited, specs, from, _ => 0, ct).ConfigureAwait(false);
            if (followed.TryGoOn(rows, steps, time)) return followed;
            _followed.Remove(key);
        }

        var all = await MetricHistory.ReadAsync(
            history, profile, asset, limited, specs, prediction.Time, BreachForecast.MostSteps,
            last => BreachForecast.StartOf(profile, asset, last), ct).ConfigureAwait(false);
        followed = FollowedAsset.Of(profile, asset, limited, all, steps, time);
        if (all[0].Ticks.Length > 0) _followed[key] = followed;
        return followed;
    }
}
