using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// A forecaster that follows one metric: a value costs constant time and no allocation, its state has at most <see cref="MaxStateBytes"/>,
/// and it can say at any time what comes next and how likely a limit is passed. Seasons and rates are fitted apart from that, by
/// <see cref="Fit"/> from stored history or by <see cref="Refitted"/> from what it remembers, on any thread; then <see cref="CatchUp"/>
/// makes the new one take over. Not for several threads at once: hand a <see cref="Copy"/> to another.
/// </summary>
public sealed class LiveForecaster
{
    /// <summary>The version that <see cref="Save"/> writes; docs/formats/forecaster-state.md tells the layout.</summary>
    public const byte StateVersion = 4;

    /// <summary>Saved, or in memory with everything it holds.</summary>
    public const int MaxStateBytes = 2048;

    /// <summary>Latest values that are remembered, for <see cref="Refitted"/> and <see cref="CatchUp"/>.</summary>
    public const int MemoryCount = 200;

    /// <summary>Larger values count as missing: errors are kept in single precision.</summary>
    private const double Bound = 1e30;

    /// <summary>Values before the first refit is due; later ones are after twice as many each, up to <see cref="MemoryCount"/>.</summary>
    private const int FirstRefit = 32;

    /// <summary>An error beyond this many usual ones is learned from as if it were this: an outlier is no new level.</summary>
    private const double MostErrors = 6;

    /// <summary>One-step errors before they tell what an outlier is.</summary>
    private const int EnoughErrors = 12;

    private readonly float[] _memory;
    private TrigonometricSmoothing _smoothing;
    private LeadErrors _errors;
    private long _lastTicks;
    private int _rememberedCount;
    private int _newest = -1;
    private int _sinceFit;
    private int _refitAfter = FirstRefit;
    private double _centre;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="step">Spacing of the values, above zero.</param>
    public LiveForecaster(TimeSpan step)
    {
        if (step <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(step), step, "a step must be above 0");
        StepTicks = step.Ticks;
        _memory = new float[MemoryCount];
        _smoothing = new TrigonometricSmoothing(SmoothingRates.Start, [], 0, []);
        _errors = new LeadErrors();
    }

    private LiveForecaster(long stepTicks, float[] memory, TrigonometricSmoothing smoothing, LeadErrors errors) =>
        (StepTicks, _memory, _smoothing, _errors) = (stepTicks, memory, smoothing, errors);

    /// <summary>Spacing, 100 ns.</summary>
    public long StepTicks { get; }

    /// <summary>Time of the newest step, UTC, 100 ns; 0 before the first.</summary>
    public long LastTicks => _lastTicks;

    /// <summary>Values learned from since the beginning or the last fit.</summary>
    public int ValueCount => _sinceFit;

    /// <summary>True when enough has been seen since the last fit for another to be worth its time.</summary>
    public bool RefitDue => _sinceFit >= _refitAfter;

    /// <summary>True when there is something to forecast from: two values.</summary>
    public bool IsReady => _errors.OneStepCount > 0;

    /// <summary>Seasons in use, in steps, ascending.</summary>
    public IReadOnlyList<int> Seasons => [.. _smoothing.Harmonics.ToArray().Select(h => h.Season).Distinct().Order()];

    /// <summary>Fits rates, seasons and usual errors to a stretch of history, as long as there is: up to <see cref="RegularGrid.MaxCount"/> steps.</summary>
    /// <param name="ticks">Times, UTC, 100 ns, in any order; n entries.</param>
    /// <param name="values">Values; n entries, not finite for missing.</param>
    /// <param name="step">Spacing.</param>
    /// <exception cref="InputException">Fewer than two finite values.</exception>
    public static LiveForecaster Fit(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeSpan step) =>
        Fit(RegularGrid.From(ticks, [.. values.ToArray().Select(v => Math.Abs(v) <= Bound ? v : double.NaN)], step), MemoryCount);

    /// <summary>The same, fitted anew to what this one remembers; itself when that is too little. Does not change this one.</summary>
    public LiveForecaster Refitted()
    {
        var (start, values) = Remembered();
        if (values.Count(double.IsFinite) < FirstRefit) return Copy();
        var refitted = Fit(new RegularGrid(start, StepTicks, values), Math.Min(2 * _refitAfter, MemoryCount));
        refitted._errors.TakeTailOf(_errors);
        return refitted;
    }

    /// <summary>Takes in what <paramref name="other"/> has seen since this one's newest step, as far as it remembers.</summary>
    /// <param name="other">Of the same metric and step.</param>
    public void CatchUp(LiveForecaster other)
    {
        if (other.StepTicks != StepTicks) throw new ArgumentException($"its step is {other.StepTicks} ticks, this one's {StepTicks}", nameof(other));
        var (start, values) = other.Remembered();
        for (var i = 0; i < values.Length; i++) Observe(start + i * StepTicks, values[i]);
        // What stands on the other's grid between two of ours, or was too long ago to be remembered, is a gap.
        if (other._lastTicks > _lastTicks) Observe(other._lastTicks, double.NaN);
    }

    /// <summary>Takes in the value of a step. Steps in between are gaps; they and values that are not finite move time on and teach nothing.</summary>
    /// <param name="ticks">Time, UTC, 100 ns; the nearest step counts.</param>
    /// <param name="value">In the metric's unit.</param>
    /// <returns>False when it was late or a duplicate, and ignored.</returns>
    public bool Observe(long ticks, double value)
    {
        if (!(Math.Abs(value) <= Bound)) value = double.NaN;
        if (_newest < 0)
        {
            if (double.IsNaN(value)) return true;
            (_lastTicks, _centre, _newest, _rememberedCount) = (ticks, value, 0, 1);
            _memory[0] = 0;
            _smoothing = new TrigonometricSmoothing(_smoothing.Rates, [], value, []);
            _errors.Restart(_smoothing);
            return true;
        }

        var ahead = (long)Math.Round((ticks - _lastTicks) / (double)StepTicks);
        if (ahead < 1) return false;
        if (ahead > 1)
        {
            _smoothing.Skip(ahead - 1);
            for (var i = Math.Min(ahead - 1, MemoryCount); i > 0; i--) Remember(double.NaN);
            _errors.Restart(_smoothing);
        }

        _lastTicks += ahead * StepTicks;
        Remember(value);
        if (double.IsNaN(value)) _smoothing.Skip(1);
        else
        {
            _smoothing.Step(value, _errors.OneStepCount >= EnoughErrors && _errors.OneStep > 0 ? MostErrors * _errors.OneStep : double.MaxValue);
            if (_sinceFit < int.MaxValue) _sinceFit++;
        }

        _errors.Observe(value, _smoothing);
        return true;
    }

    /// <summary>
    /// Predicts the next steps. Intervals of 95 % hold 93.5 to 96.5 % of waves, autoregressions and random walks from 100 values on, on average over histories; they are widened
    /// for what is not known of level, slope, persistence and, further ahead than errors were seen, growth.
    /// </summary>
    /// <param name="horizon">Steps, 1 to <see cref="FittedForecaster.MaxHorizon"/>.</param>
    /// <param name="levels">Levels of the intervals, each in (0, 1).</param>
    /// <exception cref="InvalidOperationException">It is not ready: fewer than two values.</exception>
    public Forecast Forecast(int horizon, params ReadOnlySpan<double> levels)
    {
        if (horizon is < 1 or > FittedForecaster.MaxHorizon)
            throw new ArgumentOutOfRangeException(nameof(horizon), horizon, $"a horizon must be from 1 to {FittedForecaster.MaxHorizon} steps");
        if (!IsReady) throw new InvalidOperationException("a forecaster that has seen fewer than two values has nothing to say");
        var ticks = new long[horizon];
        var median = new double[horizon];
        for (var h = 0; h < horizon; h++) (ticks[h], median[h]) = (_lastTicks + (h + 1) * StepTicks, _smoothing.Ahead(h + 1));
        var (growth, correlations) = _smoothing.ErrorLaw(LeadErrors.LawSteps(horizon));
        var (freedom, normality) = _errors.Tail();
        var absolutes = HeavyTail.MeanAbsolutes(freedom, correlations);
        var intervals = new List<ForecastInterval>();
        if (levels.Length > 0)
        {
            var (sizes, off) = _errors.Sizes(horizon, growth, absolutes, EstimationError.Growth(_smoothing, growth, _errors.OneStepCount));
            var estimated = EstimationError.Variances(_smoothing.Rates, _smoothing.Harmonics.Length, _errors.OneStepCount, horizon);
            for (var h = 0; h < horizon; h++) sizes[h] *= Math.Sqrt(1 + estimated[h] / (growth[h] * growth[h]));
            foreach (var level in levels)
            {
                if (!(level > 0 && level < 1)) throw new ArgumentOutOfRangeException(nameof(levels), level, "a level must be in (0, 1)");
                var halves = _errors.HalfWidths(sizes, off, level);
                intervals.Add(new ForecastInterval(level, [.. median.Zip(halves, (m, half) => m - half)], [.. median.Zip(halves, (m, half) => m + half)]));
            }
        }

        var (usual, uncertain) = _errors.Sizes(horizon, growth, absolutes, []);
        // Tails may be lighter than normal as well: as the histogram says, as far as they are not believed to be heavier.
        var lighter = Math.Pow(_errors.Shape() * Math.Sqrt(2 / Math.PI), normality);
        return new Forecast(ticks, median, intervals, [new ExpertWeight("live", 1)])
        {
            ErrorDeviations = [.. usual.Select((size, h) => size / absolutes[h] * lighter)], ErrorCorrelations = correlations, ErrorsOfDeviations = uncertain, ErrorFreedom = freedom,
        };
    }

    /// <summary>The probability that the metric passes a limit, by <see cref="BreachEstimate.Of"/> on its own forecast.</summary>
    /// <param name="limit">In the metric's unit.</param>
    /// <param name="below">True when at or below the limit is the breach, else at or above.</param>
    /// <param name="steps">Ascending numbers of steps, from 1.</param>
    public BreachEstimate[] Breach(double limit, bool below, ReadOnlySpan<int> steps) =>
        steps.IsEmpty ? [] : BreachEstimate.Of(Forecast(Math.Max(1, steps[^1])), limit, below, steps);

    /// <summary>One that goes on from here by itself.</summary>
    public LiveForecaster Copy()
    {
        var copy = new LiveForecaster(StepTicks, [.. _memory], _smoothing.Copy(), _errors.Copy());
        (copy._lastTicks, copy._rememberedCount, copy._newest) = (_lastTicks, _rememberedCount, _newest);
        (copy._sinceFit, copy._refitAfter, copy._centre) = (_sinceFit, _refitAfter, _centre);
        return copy;
    }

    /// <summary>Writes the state; <see cref="Load"/> gives a forecaster that goes on with the same bits.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(StateVersion);
        writer.Long(StepTicks);
        writer.Long(_lastTicks);
        foreach (var number in (ReadOnlySpan<int>)[_rememberedCount, _newest, _sinceFit, _refitAfter]) writer.Int(number);
        writer.Double(_centre);
        writer.Floats(_memory);
        _smoothing.Save(writer);
        _errors.Save(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, now or in an earlier version.</summary>
    /// <exception cref="InvalidDataException">Another version, or damaged.</exception>
    public static LiveForecaster Load(ref StateReader reader)
    {
        var version = reader.Byte();
        if (version is < 1 or > StateVersion) throw new InvalidDataException($"the state of a forecaster has version {version}, this program reads 1 to {StateVersion}");
        var (step, last) = (reader.Long(), reader.Long());
        var (remembered, newest, since, after) = (reader.Int(), reader.Int(), reader.Int(), reader.Int());
        if (step <= 0 || remembered is < 0 or > MemoryCount || newest is < -1 or >= MemoryCount || since < 0 || after < 1)
            throw new InvalidDataException($"the state of a forecaster has a step of {step} ticks, {remembered} values, the newest at {newest}");
        var centre = reader.Double();
        var memory = new float[MemoryCount];
        reader.Floats(memory);
        var smoothing = TrigonometricSmoothing.Load(ref reader, hasDamping: version > 1);
        var loaded = new LiveForecaster(step, memory, smoothing, LeadErrors.Load(ref reader, hasPairs: version < 3, hasTail: version > 3));
        (loaded._lastTicks, loaded._rememberedCount, loaded._newest) = (last, remembered, newest);
        (loaded._sinceFit, loaded._refitAfter, loaded._centre) = (since, after, centre);
        return loaded;
    }

    private static LiveForecaster Fit(RegularGrid grid, int refitAfter)
    {
        var (smoothing, errors) = LiveFit.Fit(grid);
        var fitted = new LiveForecaster(grid.StepTicks, new float[MemoryCount], smoothing, errors)
        {
            _refitAfter = refitAfter, _centre = smoothing.Level, _lastTicks = grid.LastTicks,
        };
        foreach (var value in grid.Values.AsSpan(Math.Max(0, grid.Values.Length - MemoryCount))) fitted.Remember(value);
        return fitted;
    }

    private void Remember(double value)
    {
        _newest = (_newest + 1) % MemoryCount;
        if (_newest == 0) Recentre();
        _memory[_newest] = (float)(value - _centre);
        _rememberedCount = Math.Min(_rememberedCount + 1, MemoryCount);
    }

    /// <summary>Once a turn of the memory: distances from the present level keep their digits.</summary>
    private void Recentre()
    {
        var shift = _centre - _smoothing.Level;
        for (var i = 0; i < _memory.Length; i++) _memory[i] = (float)(_memory[i] + shift);
        _centre = _smoothing.Level;
    }

    private (long Start, double[] Values) Remembered()
    {
        var values = new double[_rememberedCount];
        for (var i = 0; i < values.Length; i++) values[i] = _centre + _memory[(_newest - i + MemoryCount) % MemoryCount];
        Array.Reverse(values);
        return (_lastTicks - (values.Length - 1) * StepTicks, values);
    }
}
