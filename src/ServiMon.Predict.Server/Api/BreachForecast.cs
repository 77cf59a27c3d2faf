using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Server.Api;

/// <summary>
/// When a metric meets a limit: a live forecaster of it, fitted to the history before the last of evenly spaced times and moved on since. What it says
/// depends on the rows that are stored and on nothing else, so that one that was kept and one that is built now say the same, bit for bit.
/// </summary>
internal sealed class BreachForecast
{
    /// <summary>Steps of history before a fit: some days at a step of a minute, and a fit within some tens of milliseconds.</summary>
    public const int Window = RegularGrid.MaxCount;

    /// <summary>Steps from one fit to the next: a fit costs as much as some ten thousand steps of following, so that more often would be most of the cost.</summary>
    public const int StepsBetweenFits = 256;

    /// <summary>Most rows that an estimate rests on.</summary>
    public const int MostSteps = Window + StepsBetweenFits;

    /// <summary>Values that are worth a fit; a younger metric is followed from its first value on.</summary>
    private const int LeastToFit = 32;

    /// <summary>
    /// A limit further from all values of the window than so many times what they span is not looked at more closely. A walk of n steps spans some 1.6 sqrt(n)
    /// of its deviations (Feller 1951), so that one of n / 4 steps goes three spans, 9.6 deviations, less than once in 10^20 times, and a slope goes a quarter.
    /// </summary>
    private const double FarSpans = 3;

    /// <summary>Values that a span rests on, for each step ahead.</summary>
    private const int ValuesPerStep = 4;

    private readonly Profile _profile;
    private readonly LocalTime? _clock;
    private LiveForecaster? _live;
    private bool _isOnWindow;
    private double _least = double.PositiveInfinity;
    private double _most = double.NegativeInfinity;
    private int _count;

    private BreachForecast(Profile profile, LocalTime? clock) => (_profile, _clock) = (profile, clock);

    /// <summary>Time of the newest row, UTC, 100 ns.</summary>
    public long LastTicks { get; private set; }

    /// <summary>The time before which a forecaster is fitted, when the last row has a time. Assets have theirs at different steps.</summary>
    public static long FitBefore(Profile profile, string asset, long lastTicks)
    {
        var period = profile.Step.Ticks * StepsBetweenFits;
        var phase = (long)(Hashed([profile.Name, asset]) % StepsBetweenFits) * profile.Step.Ticks;
        return (lastTicks - phase) / period * period + phase;
    }

    /// <summary>The time after which rows count, when the last row has a time.</summary>
    public static long StartOf(Profile profile, string asset, long lastTicks) => FitBefore(profile, asset, lastTicks) - Window * profile.Step.Ticks;

    /// <summary>From rows between <see cref="StartOf"/> and the last. Without a fit where the limit is far: <see cref="IsFitted"/>.</summary>
    /// <param name="limit">Null for none yet.</param>
    /// <param name="steps">Ascending horizons in steps of the profile.</param>
    /// <exception cref="InputException">Fewer than two values, or a time zone that this machine does not know.</exception>
    public static BreachForecast Of(Profile profile, string asset, MetricHistory history, double? limit, bool below, ReadOnlySpan<int> steps)
    {
        if (!history.IsEnough) throw new InputException("series", "fewer than 2 values");
        var clock = ProfileZone.Of(profile) is { } zone ? new LocalTime(zone) : null;
        var forecast = new BreachForecast(profile, clock) { LastTicks = history.Ticks[^1] };
        foreach (var value in history.Values) forecast.Span(value);
        if (limit is not { } known || !forecast.AreFar(known, below, steps)) forecast.Fit(asset, history);
        return forecast;
    }

    /// <summary>False while no forecaster was needed.</summary>
    public bool IsFitted => _live is not null;

    /// <summary>
    /// True where the limit is so far from everything in the window that the probability is told as 0 at every horizon, without a forecast. The rule rests on the stored rows, as
    /// forecasts do. Of noise, walks and slopes it leaves out less than 10^-6; a metric that begins to move spans more at once, and is looked at.
    /// </summary>
    public bool AreFar(double limit, bool below, ReadOnlySpan<int> steps) => steps.IsEmpty || IsFar(limit, below, steps[^1]);

    private bool IsFar(double limit, bool below, int steps) =>
        _count >= ValuesPerStep * steps && (below ? _least - limit : limit - _most) > FarSpans * (_most - _least);

    private void Span(double value)
    {
        if (!double.IsFinite(value)) return;
        (_least, _most) = (Math.Min(_least, value), Math.Max(_most, value));
        _count++;
    }

    private void Fit(string asset, MetricHistory history)
    {
        var before = FitBefore(_profile, asset, history.Ticks[^1]);
        var ticks = new List<long>();
        var values = new List<double>();
        var fitted = 0;
        for (var i = 0; i < history.Ticks.Length; i++)
        {
            var at = _clock?.At(history.Ticks[i]) ?? history.Ticks[i];
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
        _live = isFitted
            ? LiveForecaster.Fit([.. ticks.Take(fitted)], [.. values.Take(fitted)], _profile.Step)
            : new LiveForecaster(_profile.Step);
        _isOnWindow = isFitted;
        for (var i = isFitted ? fitted : 0; i < ticks.Count; i++) Observe(ticks[i], values[i]);
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
            Span(history.Values[i]);
            if (_live is not null) Observe(at, history.Values[i]);
        }

        return true;
    }

    /// <param name="steps">Ascending horizons in steps of the profile.</param>
    /// <returns>One for each horizon.</returns>
    /// <exception cref="InputException">Fewer than two values.</exception>
    /// <exception cref="InvalidOperationException">A limit that is not far, and no forecaster was needed before.</exception>
    public BreachEstimate[] Estimate(double limit, bool below, ReadOnlySpan<int> steps)
    {
        var far = 0;
        while (far < steps.Length && IsFar(limit, below, steps[far])) far++;
        var estimates = new BreachEstimate[steps.Length];
        // Told with the same doubt as any: a rule is no proof.
        estimates.AsSpan(0, far).Fill(new BreachEstimate(0, MarkovPassage.Accuracy));
        if (far == steps.Length) return estimates;
        if (_live is null) throw new InvalidOperationException("a forecaster has to be fitted first: the limit is not far any more");
        if (!_live.IsReady) throw new InputException("series", "fewer than 2 values");
        BreachEstimate.Of(Forecast(steps[^1]), limit, below, steps[far..]).CopyTo(estimates, far);
        return estimates;
    }

    private void Observe(long ticks, double value)
    {
        _live!.Observe(ticks, value);
        // What was fitted to the window knows more than what is remembered; the next fit comes by the calendar.
        if (!_isOnWindow && _live.RefitDue) _live = _live.Refitted();
    }

    /// <summary>The next steps of UTC, each as the clock's step at that time.</summary>
    private Forecast Forecast(int horizon)
    {
        if (_clock is null) return _live!.Forecast(horizon);
        var at = new int[horizon];
        for (var h = 0; h < horizon; h++)
            at[h] = Math.Max(0, (int)Math.Round((_clock.At(LastTicks + (h + 1) * _profile.Step.Ticks) - _live!.LastTicks) / (double)_profile.Step.Ticks) - 1);
        var local = _live!.Forecast(at.Max() + 1);
        return local with
        {
            Ticks = [.. Enumerable.Range(1, horizon).Select(h => LastTicks + h * _profile.Step.Ticks)],
            Median = [.. at.Select(s => local.Median[s])], ErrorDeviations = [.. at.Select(s => local.ErrorDeviations![s])],
            ErrorCorrelations = [.. at.Select(s => local.ErrorCorrelations![s])], ErrorsOfDeviations = [.. at.Select(s => local.ErrorsOfDeviations![s])],
        };
    }

    /// <summary>Fowler, Noll and Vo's FNV-1a over the names: assets have unrelated phases.</summary>
    private static ulong Hashed(ReadOnlySpan<string> names)
    {
        const ulong prime = 1099511628211;
        var hash = 14695981039346656037;
        foreach (var text in names)
        {
            foreach (var c in text) hash = (hash ^ c) * prime;
            hash = (hash ^ 0xFFFF) * prime;
        }
        return hash;
    }
}
