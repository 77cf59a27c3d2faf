namespace ServiMon.Predict.Forecasting;

/// <summary>What the smoothing learns at, and how errors carry over. Immutable.</summary>
/// <param name="Level">0 to 1.</param>
/// <param name="Trend">0 to 1.</param>
/// <param name="Season">0 to 1, shared by all harmonics.</param>
/// <param name="Correlation">Of neighbouring errors, 0 to below 1.</param>
/// <param name="Damping">What is left of the trend after a step, above 0 to 1.</param>
internal readonly record struct SmoothingRates(double Level, double Trend, double Season, double Correlation, double Damping = SmoothingRates.UsualDamping)
{
    /// <summary>A trend is over after some fifty steps, unless the series says otherwise.</summary>
    public const double UsualDamping = 0.98;

    /// <summary>Before anything is fitted.</summary>
    public static readonly SmoothingRates Start = new(0.3, 0, 0, 0);
}

/// <summary>One harmonic of a season: its frequency is <paramref name="Number"/> / <paramref name="Season"/> per step.</summary>
internal readonly record struct Harmonic(int Season, int Number)
{
    public double Angle => 2 * Math.PI * Number / Season;
}

/// <summary>
/// Damped exponential smoothing with seasons as turning harmonics and first-order autocorrelated errors (the trigonometric innovations model
/// of De Livera, Hyndman and Snyder 2011, without its transformation): a step, a gap and a look any number of steps ahead cost one turn of
/// every harmonic, however long the season.
/// </summary>
internal sealed class TrigonometricSmoothing
{
    private readonly Harmonic[] _harmonics;
    private readonly double[] _turns;
    private readonly double[] _waves;
    private double _level;
    private double _trend;
    private double _error;

    public TrigonometricSmoothing(SmoothingRates rates, Harmonic[] harmonics, double level, ReadOnlySpan<double> waves, double trend = 0)
    {
        Rates = rates;
        _harmonics = harmonics;
        (_level, _trend) = (level, trend);
        _waves = waves.ToArray();
        _turns = new double[2 * harmonics.Length];
        for (var j = 0; j < harmonics.Length; j++) (_turns[2 * j + 1], _turns[2 * j]) = Math.SinCos(harmonics[j].Angle);
    }

    private TrigonometricSmoothing(TrigonometricSmoothing other)
    {
        (Rates, _harmonics, _turns, _waves) = (other.Rates, other._harmonics, other._turns, [.. other._waves]);
        (_level, _trend, _error) = (other._level, other._trend, other._error);
    }

    public SmoothingRates Rates { get; }

    /// <summary>Where the series stands without season and error.</summary>
    public double Level => _level;

    public ReadOnlySpan<Harmonic> Harmonics => _harmonics;

    public TrigonometricSmoothing Copy() => new(this);

    /// <summary>The error of what was expected at the next step, had the value been this.</summary>
    public double ErrorOf(double value) => value - Ahead(1);

    /// <summary>Goes one step on and learns from its value.</summary>
    /// <param name="value">Finite.</param>
    /// <param name="most">An error beyond this is learned from as if it were this.</param>
    public void Step(double value, double most)
    {
        var season = Turn();
        var expected = _level + Rates.Damping * _trend;
        var carried = Rates.Correlation * _error;
        var error = Math.Clamp(value - expected - season - carried, -most, most);
        _level = expected + Rates.Level * error;
        _trend = Rates.Damping * _trend + Rates.Trend * error;
        _error = carried + error;
        if (_harmonics.Length == 0) return;
        var share = Rates.Season * error / _harmonics.Length;
        for (var j = 0; j < _waves.Length; j += 2) _waves[j] += share;
    }

    /// <summary>Goes on without values.</summary>
    public void Skip(long steps)
    {
        var (drift, left) = Drift(steps);
        _level += drift;
        _trend *= left;
        _error *= Math.Pow(Rates.Correlation, steps);
        for (var j = 0; j < _harmonics.Length; j++)
        {
            var (sin, cos) = Math.SinCos(Angle(j, steps));
            (_waves[2 * j], _waves[2 * j + 1]) = (_waves[2 * j] * cos + _waves[2 * j + 1] * sin, _waves[2 * j + 1] * cos - _waves[2 * j] * sin);
        }
    }

    /// <summary>What is expected so many steps ahead, at least one.</summary>
    public double Ahead(long steps)
    {
        var value = _level + Drift(steps).Sum + Math.Pow(Rates.Correlation, steps) * _error;
        for (var j = 0; j < _harmonics.Length; j++)
        {
            var (sin, cos) = steps == 1 ? (_turns[2 * j + 1], _turns[2 * j]) : Math.SinCos(Angle(j, steps));
            value += _waves[2 * j] * cos + _waves[2 * j + 1] * sin;
        }

        return value;
    }

    /// <summary>
    /// Were the series as the model says: the deviation of the error at each of the next steps in that of the first, sqrt(1 + psi_1² + psi_2² + ...), and
    /// its correlation with the error of the step before, sum psi_j psi_(j-1) over both deviations; 0 for the first.
    /// </summary>
    public (double[] Deviations, double[] Correlations) ErrorLaw(int steps) => ErrorLaw(Rates, steps);

    /// <inheritdoc cref="ErrorLaw(int)" />
    public (double[] Deviations, double[] Correlations) ErrorLaw(SmoothingRates rates, int steps)
    {
        double[] deviations = new double[steps], correlations = new double[steps];
        double square = 0, product = 0, drift = 0, left = 1, carried = 1, before = 0;
        // Of all harmonics together the mean square over a turn; they turn little in one step.
        var season = _harmonics.Length > 0 ? rates.Season * rates.Season / (2 * _harmonics.Length) : 0;
        for (var h = 0; h < steps; h++)
        {
            var psi = h == 0 ? 1 : rates.Level + drift + carried;
            square += psi * psi + (h == 0 ? 0 : season);
            product += psi * before + (h == 0 ? 0 : season);
            deviations[h] = Math.Sqrt(square);
            if (h > 0) correlations[h] = Math.Clamp(product / (deviations[h] * deviations[h - 1]), 0, 1);
            left *= rates.Damping;
            drift += rates.Trend * left;
            carried *= rates.Correlation;
            before = psi;
        }

        return (deviations, correlations);
    }

    public void Save(StateWriter writer)
    {
        writer.Doubles([Rates.Level, Rates.Trend, Rates.Season, Rates.Correlation, Rates.Damping, _level, _trend, _error]);
        writer.Int(_harmonics.Length);
        foreach (var harmonic in _harmonics)
        {
            writer.Int(harmonic.Season);
            writer.Int(harmonic.Number);
        }

        writer.Doubles(_waves);
    }

    /// <param name="hasDamping">False for states of version 1, in which every trend was damped as usual.</param>
    public static TrigonometricSmoothing Load(ref StateReader reader, bool hasDamping)
    {
        var rates = new double[hasDamping ? 5 : 4];
        var stands = new double[3];
        reader.Doubles(rates);
        reader.Doubles(stands);
        var damping = hasDamping ? rates[4] : SmoothingRates.UsualDamping;
        if (!(damping is > 0 and <= 1)) throw new InvalidDataException($"the damping of a trend is {damping}; allowed are above 0 to 1");
        var harmonics = new Harmonic[reader.Count(24)];
        for (var j = 0; j < harmonics.Length; j++)
        {
            harmonics[j] = new Harmonic(reader.Int(), reader.Int());
            if (harmonics[j].Season < 2) throw new InvalidDataException($"a season of {harmonics[j].Season} steps; allowed are 2 or more");
        }

        var waves = new double[2 * harmonics.Length];
        reader.Doubles(waves);
        return new TrigonometricSmoothing(new SmoothingRates(rates[0], rates[1], rates[2], rates[3], damping), harmonics, stands[0], waves, stands[1])
        {
            _error = stands[2],
        };
    }

    private double Turn()
    {
        var sum = 0.0;
        for (var j = 0; j < _waves.Length; j += 2)
        {
            var (cos, sin) = (_turns[j], _turns[j + 1]);
            (_waves[j], _waves[j + 1]) = (_waves[j] * cos + _waves[j + 1] * sin, _waves[j + 1] * cos - _waves[j] * sin);
            sum += _waves[j];
        }

        return sum;
    }

    /// <summary>Whole turns are left out first, so that long gaps lose no precision.</summary>
    private double Angle(int j, long steps) => 2 * Math.PI * (steps % _harmonics[j].Season * _harmonics[j].Number % _harmonics[j].Season) / _harmonics[j].Season;

    /// <summary>The trend's sum over the steps, and what is left of it after them.</summary>
    private (double Sum, double Left) Drift(long steps)
    {
        if (_trend == 0 || Rates.Damping >= 1) return (_trend * steps, 1);
        var left = Math.Pow(Rates.Damping, steps);
        return (_trend * Rates.Damping * (1 - left) / (1 - Rates.Damping), left);
    }
}
