using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Server.Api;

/// <summary>
/// When a metric meets a limit: a live forecaster of it, fitted to the history before the last of evenly spaced times and moved on since. What it says
/// depends on the rows that are stored and on nothing else, so that one that was kept and one that is built now say the same, bit for bit.
/// </summary>
internal sealed class BreachForecast
{
    /// <summary>Steps of history before a fit: some days at a step of a minute, and a fit within some tens of milliseconds.</summary>
    public const int Window = RegularGrid.MaxCount;

    /// <summary>Steps from one fit to the next, shorter than what a forecaster remembers.</summary>
    public const int StepsBetweenFits = 64;

    /// <summary>Most rows that an estimate rests on.</summary>
    public const int MostSteps = Window + StepsBetweenFits;

    /// <summary>Values that are worth a fit; a younger metric is followed from its first value on.</summary>
    private const int LeastToFit = 32;

    /// <summary>The seed that, with profile, asset, metric and last step, decides the random paths.</summary>
    private const ulong Seed = 1;

    private readonly Profile _profile;
    private readonly LocalTime? _clock;
    private LiveForecaster _live;

    private BreachForecast(Profile profile, LocalTime? clock, LiveForecaster live) => (_profile, _clock, _live) = (profile, clock, live);

    /// <summary>Time of the newest row, UTC, 100 ns.</summary>
    public long LastTicks { get; private set; }

    /// <summary>The time before which a forecaster is fitted, when the last row has a time. Assets have theirs at different steps.</summary>
    public static long FitBefore(Profile profile, string asset, long lastTicks)
    {
        var period = profile.Step.Ticks * StepsBetweenFits;
        var phase = (long)(Hashed([profile.Name, asset], 0) % StepsBetweenFits) * profile.Step.Ticks;
        return (lastTicks - phase) / period * period + phase;
    }

    /// <summary>The time after which rows count, when the last row has a time.</summary>
    public static long StartOf(Profile profile, string asset, long lastTicks) => FitBefore(profile, asset, lastTicks) - Window * profile.Step.Ticks;

    /// <summary>From rows between <see cref="StartOf"/> and the last.</summary>
    /// <exception cref="InputException">Fewer than two values, or a time zone that this machine does not know.</exception>
    public static BreachForecast Of(Profile profile, string asset, MetricHistory history)
    {
        if (!history.IsEnough) throw new InputException("series", "fewer than 2 values");
        var clock = ProfileZone.Of(profile) is { } zone ? new LocalTime(zone) : null;
        var before = FitBefore(profile, asset, history.Ticks[^1]);
        var ticks = new List<long>();
        var values = new List<double>();
        var fitted = 0;
        for (var i = 0; i < history.Ticks.Length; i++)
        {
            var at = clock?.At(history.Ticks[i]) ?? history.Ticks[i];
            // Of an hour that the clock repeats the second counts.
            while (ticks.Count > 0 && ticks[^1] >= at)
            {
                ticks.RemoveAt(ticks.Count - 1);
                values.RemoveAt(values.Count - 1);
                fitted = Math.Min(fitted, ticks.Count);
            }

            ticks.Add(at);
            values.Add(history.Values[i]);
            if (history.Ticks[i] < before) fitted = ticks.Count;
        }

        var isFitted = values.Take(fitted).Count(double.IsFinite) >= LeastToFit;
        var live = isFitted
            ? LiveForecaster.Fit([.. ticks.Take(fitted)], [.. values.Take(fitted)], profile.Step)
            : new LiveForecaster(profile.Step);
        var forecast = new BreachForecast(profile, clock, live) { LastTicks = history.Ticks[^1] };
        for (var i = isFitted ? fitted : 0; i < ticks.Count; i++) forecast.Observe(ticks[i], values[i]);
        return forecast;
    }

    /// <summary>Takes in the rows that are newer than <see cref="LastTicks"/>.</summary>
    /// <returns>False when the clock went back: the forecaster has to be built anew.</returns>
    public bool TryGoOn(MetricHistory history)
    {
        for (var i = 0; i < history.Ticks.Length; i++)
        {
            if (history.Ticks[i] <= LastTicks) continue;
            var at = _clock?.At(history.Ticks[i]) ?? history.Ticks[i];
            if (_clock is not null && at <= _clock.At(LastTicks)) return false;
            LastTicks = history.Ticks[i];
            Observe(at, history.Values[i]);
        }

        return true;
    }

    /// <param name="steps">Ascending horizons in steps of the profile.</param>
    /// <returns>One for each horizon.</returns>
    /// <exception cref="InputException">Fewer than two values.</exception>
    public BreachEstimate[] Estimate(string asset, string metric, double limit, bool below, ReadOnlySpan<int> steps)
    {
        if (!_live.IsReady) throw new InputException("series", "fewer than 2 values");
        return BreachEstimate.Of(Forecast(steps[^1]), limit, below, steps);
    }

    private void Observe(long ticks, double value)
    {
        _live.Observe(ticks, value);
        if (_live.RefitDue) _live = _live.Refitted();
    }

    /// <summary>The next steps of UTC, each as the clock's step at that time.</summary>
    private Forecast Forecast(int horizon)
    {
        if (_clock is null) return _live.Forecast(horizon);
        var at = new int[horizon];
        for (var h = 0; h < horizon; h++)
            at[h] = Math.Max(0, (int)Math.Round((_clock.At(LastTicks + (h + 1) * _profile.Step.Ticks) - _live.LastTicks) / (double)_profile.Step.Ticks) - 1);
        var local = _live.Forecast(at.Max() + 1);
        return local with
        {
            Ticks = [.. Enumerable.Range(1, horizon).Select(h => LastTicks + h * _profile.Step.Ticks)],
            Median = [.. at.Select(s => local.Median[s])], ErrorDeviations = [.. at.Select(s => local.ErrorDeviations![s])],
            ErrorCorrelations = [.. at.Select(s => local.ErrorCorrelations![s])], ErrorsOfDeviations = [.. at.Select(s => local.ErrorsOfDeviations![s])],
        };
    }

    /// <summary>Fowler, Noll and Vo's FNV-1a over the names and the time: neighbouring steps have unrelated paths.</summary>
    private static ulong Hashed(ReadOnlySpan<string> names, long ticks)
    {
        const ulong prime = 1099511628211;
        var hash = 14695981039346656037 ^ Seed;
        foreach (var text in names)
        {
            foreach (var c in text) hash = (hash ^ c) * prime;
            hash = (hash ^ 0xFFFF) * prime;
        }
        for (var shift = 0; shift < 64; shift += 8) hash = (hash ^ (byte)(ticks >> shift)) * prime;
        return hash;
    }
}
