namespace ServiMon.Predict.Forecasting;

/// <summary>A series with its seasons found and gaps filled, ready to be continued. Immutable.</summary>
public sealed class FittedForecaster
{
    /// <summary>Steps one forecast may ask for.</summary>
    public const int MaxHorizon = 100_000;

    private readonly double[] _history;
    private readonly IReadOnlyList<IExpert> _experts;
    private readonly LocalGrid? _local;

    internal FittedForecaster(RegularGrid grid, double[] history, IReadOnlyList<int> seasons, IReadOnlyList<IExpert> experts, LocalGrid? local)
    {
        Grid = grid;
        Seasons = seasons;
        _history = history;
        _experts = experts;
        _local = local;
    }

    /// <summary>The series on its even grid, gaps as NaN; in local time where a zone was given.</summary>
    public RegularGrid Grid { get; }

    /// <summary>Seasons found, in steps, ascending; none, one or two.</summary>
    public IReadOnlyList<int> Seasons { get; }

    /// <summary>Predicts the next steps.</summary>
    /// <param name="horizon">Steps, 1 to <see cref="MaxHorizon"/>.</param>
    /// <param name="levels">Levels of the intervals, each in (0, 1); e.g. 0.95.</param>
    public Forecast Forecast(int horizon, params ReadOnlySpan<double> levels)
    {
        if (horizon is < 1 or > MaxHorizon)
            throw new ArgumentOutOfRangeException(nameof(horizon), horizon, $"a horizon must be from 1 to {MaxHorizon} steps");
        foreach (var level in levels)
            if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(nameof(levels), level, "a level must be in (0, 1)");

        if (_local is null) return Continued(horizon, levels);
        var steps = _local.Steps(Grid, horizon);
        var local = Continued(steps.Max(s => s.LocalStep) + 1, levels);
        double[] Mapped(double[] values) => [.. steps.Select(s => values[s.LocalStep])];
        return local with
        {
            Ticks = [.. steps.Select(s => s.Ticks)],
            Median = Mapped(local.Median),
            Intervals = [.. local.Intervals.Select(i => new ForecastInterval(i.Level, Mapped(i.Lower), Mapped(i.Upper)))],
            ErrorDeviations = Mapped(local.ErrorDeviations!), ErrorCorrelations = Mapped(local.ErrorCorrelations!), ErrorsOfDeviations = Mapped(local.ErrorsOfDeviations!),
        };
    }

    private Forecast Continued(int horizon, ReadOnlySpan<double> levels)
    {
        var past = new RollingOrigin(_history, Grid.Values, _experts, Seasons.Count > 0 ? Seasons[^1] : 1, horizon);
        var weights = past.Weights();
        var forecasts = new double[]?[_experts.Count];
        for (var e = 0; e < _experts.Count; e++)
        {
            var forecast = new double[horizon];
            if (weights[e] > 0 && _experts[e].TryForecast(_history, forecast)) forecasts[e] = forecast;
        }

        var median = new double[horizon];
        for (var h = 0; h < horizon; h++) median[h] = RollingOrigin.Mix(forecasts, weights, h);

        var band = Band(past, horizon);
        var intervals = new List<ForecastInterval>();
        foreach (var level in levels)
        {
            var lower = new double[horizon];
            var upper = new double[horizon];
            for (var h = 0; h < horizon; h++)
            {
                var half = band.HalfWidth(h, level);
                lower[h] = median[h] - half;
                upper[h] = median[h] + half;
            }

            intervals.Add(new ForecastInterval(level, lower, upper));
        }

        var ticks = new long[horizon];
        for (var h = 0; h < horizon; h++) ticks[h] = Grid.LastTicks + (h + 1) * Grid.StepTicks;
        return new Forecast(ticks, median, intervals, [.. _experts.Select((expert, e) => new ExpertWeight(expert.Name, weights[e]))])
        {
            ErrorDeviations = [.. Enumerable.Range(0, horizon).Select(band.Deviation)],
            ErrorCorrelations = [.. Enumerable.Range(0, horizon).Select(band.Correlation)],
            ErrorsOfDeviations = [.. Enumerable.Range(0, horizon).Select(band.DeviationOff)],
            ErrorFreedom = band.StepFreedom,
        };
    }

    private ErrorBand Band(RollingOrigin past, int horizon)
    {
        var errors = past.Errors().ToList();
        if (errors.Count > 1 && errors.Exists(e => Array.Exists(e, double.IsFinite))) return new ErrorBand(errors, past.Horizon, horizon);
        // Too short to look back: the steps of the series itself, growing as a random walk's.
        var changes = new List<double[]>();
        for (var i = 1; i < _history.Length; i++) changes.Add([_history[i] - _history[i - 1]]);
        return new ErrorBand(changes, 1, horizon);
    }
}
