using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Forecasting;

/// <summary>
/// How far a live forecaster is off, 1, 2, 4, … steps ahead: at each lead one forecast is pending at a time, so that a step costs two
/// comparisons on average. Errors in units of their lead's usual size share one histogram, from which intervals of any level are read
/// (split-conformal, with the forgetting of Barber et al. 2023).
/// </summary>
internal sealed class LeadErrors
{
    /// <summary>Leads of 1 to 256 steps.</summary>
    public const int LeadCount = 9;

    private const int BinCount = 40;

    /// <summary>Bins of a quarter of an octave, up to 8 times the usual size.</summary>
    private const int BinsPerOctave = 4;

    private const int UnitBin = 28;

    /// <summary>Errors that the normal shape, believed in before there are any, counts for.</summary>
    private const double PriorCount = 30;

    /// <summary>An error counts half after 700 more.</summary>
    private const double Kept = 0.999;

    /// <summary>The usual size forgets over some fifty errors, never faster.</summary>
    private const double LeastRate = 0.02;

    /// <summary>Errors that the size counts for that a lead's neighbours let expect. This and the next two: chosen on simulated series of seed 1.</summary>
    private const double GrowthCount = 4;

    /// <summary>What the growth over one doubling of the lead keeps of its weight at the next.</summary>
    private const double KeptGrowth = 0.2;

    /// <summary>
    /// Share by which a walk's errors are worth less than their number: stretches overlap by half and have half of the error in common. Errors
    /// that do not grow have nothing in common.
    /// </summary>
    private const double Overlap = 0.3;

    /// <summary>Of a random walk's errors, in powers of two for each doubling of the lead.</summary>
    private const double WalkGrowth = 0.5;

    /// <summary>Errors of a lead before its size is a unit to measure further ones in.</summary>
    private const int SettledErrors = 10;

    private readonly double[] _pending;
    private readonly int[] _due;
    private readonly float[] _sizes;
    private readonly int[] _counts;
    private readonly float[] _bins;

    public LeadErrors()
    {
        (_pending, _due, _sizes, _counts, _bins) = (new double[LeadCount], new int[LeadCount], new float[LeadCount], new int[LeadCount], new float[BinCount]);
        for (var b = 0; b < BinCount; b++) _bins[b] = (float)(PriorCount * (PriorShare(Upper(b)) - (b > 0 ? PriorShare(Upper(b - 1)) : 0)));
    }

    private LeadErrors(LeadErrors other) =>
        (_pending, _due, _sizes, _counts, _bins) = ([.. other._pending], [.. other._due], [.. other._sizes], [.. other._counts], [.. other._bins]);

    /// <summary>The usual (mean absolute) error one step ahead; 0 before there are any.</summary>
    public double OneStep => _sizes[0];

    public int OneStepCount => _counts[0];

    public LeadErrors Copy() => new(this);

    /// <summary>Takes notice of the newest value; to be called when the smoothing has learned from it.</summary>
    /// <param name="value">NaN for a step without one.</param>
    /// <param name="smoothing">At that step.</param>
    public void Observe(double value, TrigonometricSmoothing smoothing)
    {
        for (var lead = 0; lead < LeadCount; lead++)
        {
            var isFirst = _due[lead] == 0;
            if (!isFirst && --_due[lead] > 0) continue;
            var error = isFirst ? double.NaN : value - _pending[lead];
            if (!double.IsNaN(error)) Add(lead, error);
            _due[lead] = 1 << lead;
            _pending[lead] = smoothing.Ahead(1 << lead);
        }
    }

    /// <summary>Forgets what is pending: the series went on unseen.</summary>
    public void Restart(TrigonometricSmoothing smoothing)
    {
        for (var lead = 0; lead < LeadCount; lead++)
        {
            _due[lead] = 1 << lead;
            _pending[lead] = smoothing.Ahead(1 << lead);
        }
    }

    /// <summary>One more error at a lead of 2^<paramref name="lead"/> steps.</summary>
    public void Add(int lead, double error)
    {
        var size = Math.Abs(error);
        if (_counts[lead] >= SettledErrors && _sizes[lead] > 0)
        {
            for (var b = 0; b < BinCount; b++) _bins[b] *= (float)Kept;
            var ratio = size / _sizes[lead];
            _bins[ratio > 0 ? Math.Clamp((int)Math.Floor(BinsPerOctave * Math.Log2(ratio)) + UnitBin, 0, BinCount - 1) : 0]++;
        }

        _counts[lead] = Math.Min(_counts[lead] + 1, int.MaxValue - 1);
        _sizes[lead] += (float)((size - _sizes[lead]) * Math.Max(LeastRate, 1.0 / _counts[lead]));
    }

    /// <summary>Half the width of the interval of <paramref name="level"/>, <paramref name="steps"/> ahead (1 is the next).</summary>
    public double HalfWidth(int steps, double level)
    {
        var (size, count) = Size(steps);
        var freedom = Math.Max(1, count - 1);
        var student = StudentT.Quantile(0.5 + level / 2, freedom) / StudentT.Quantile(0.5 + level / 2, double.PositiveInfinity);
        return size * Quantile(level) * student;
    }

    /// <summary>Standard deviation of the error, <paramref name="steps"/> ahead (1 is the next).</summary>
    public double Deviation(int steps)
    {
        double whole = 0, squares = 0;
        for (var b = 0; b < BinCount; b++)
        {
            whole += _bins[b];
            squares += _bins[b] * Math.Pow(2, (b + 0.5 - UnitBin) * 2 / BinsPerOctave);
        }

        return Size(steps).Size * Math.Sqrt(squares / whole);
    }

    public void Save(StateWriter writer)
    {
        writer.Doubles(_pending);
        foreach (var due in _due) writer.Int(due);
        writer.Floats(_sizes);
        foreach (var count in _counts) writer.Int(count);
        writer.Floats(_bins);
    }

    /// <param name="hasPairs">Four numbers of a pair of errors follow, which are no longer used.</param>
    public static LeadErrors Load(ref StateReader reader, bool hasPairs)
    {
        var errors = new LeadErrors();
        reader.Doubles(errors._pending);
        for (var lead = 0; lead < LeadCount; lead++)
        {
            errors._due[lead] = reader.Int();
            if (errors._due[lead] < 0 || errors._due[lead] > 1 << lead)
                throw new InvalidDataException($"a forecast {1 << lead} steps ahead is due in {errors._due[lead]} steps");
        }

        reader.Floats(errors._sizes);
        for (var lead = 0; lead < LeadCount; lead++) errors._counts[lead] = reader.Int();
        reader.Floats(errors._bins);
        for (var i = hasPairs ? 4 : 0; i > 0; i--) reader.Double();
        return errors;
    }

    /// <summary>Between two leads on a power law through both, beyond the last one as a random walk's; and how many errors this is worth.</summary>
    private (double Size, double Count) Size(int steps)
    {
        var below = (int)Math.Log2(steps);
        double near = 0, far = _sizes[0], growth = 0, grown = 0;
        double nearCount = 0, farCount = _counts[0], nearWorth = 0, farWorth = farCount;
        for (var lead = 1; lead < LeadCount && lead <= below + 1; lead++)
        {
            (near, nearCount, nearWorth) = (far, farCount, farWorth);
            if (near > 0)
            {
                // Errors further ahead are few: a size is drawn to what the last doublings of the lead, most of all the very last, let expect.
                var expected = near * Math.Pow(2, grown > 0 ? Math.Clamp(growth / grown, 0, WalkGrowth) : WalkGrowth);
                var prior = Math.Min(nearCount / 2, GrowthCount);
                far = _counts[lead] > 0 && _sizes[lead] > 0 ? expected * Math.Pow(_sizes[lead] / expected, _counts[lead] / (_counts[lead] + prior)) : expected;
                farCount = _counts[lead] + prior;
                growth = KeptGrowth * growth + Math.Log2(far / near) * farCount;
                grown = KeptGrowth * grown + farCount;
            }
            else (far, farCount) = (_sizes[lead], _counts[lead]);
            farWorth = farCount * (1 - Overlap * (grown > 0 ? Math.Clamp(growth / grown / WalkGrowth, 0, 1) : 1));
        }

        if (below >= LeadCount - 1) return (far * Math.Sqrt(steps / (double)(1 << (LeadCount - 1))), farWorth);
        var between = Math.Log2(steps / (double)(1 << below));
        return near > 0 ? (near * Math.Pow(far / near, between), nearWorth * Math.Pow(farWorth / nearWorth, between)) : (far, farWorth);
    }

    private double Quantile(double level)
    {
        double whole = 0, sum = 0;
        foreach (var bin in _bins) whole += bin;
        for (var b = 0; b < BinCount; b++)
        {
            if (sum + _bins[b] < level * whole)
            {
                sum += _bins[b];
                continue;
            }

            // Inside a bin the logarithm is taken as even.
            return Upper(b) * Math.Pow(2, ((level * whole - sum) / _bins[b] - 1) / BinsPerOctave);
        }

        return Upper(BinCount - 1);
    }

    private static double Upper(int bin) => Math.Pow(2, (bin + 1 - UnitBin) / (double)BinsPerOctave);

    /// <summary>P(|e| at most so many mean absolute errors) for a normal e, whose mean absolute value is sqrt(2 / pi) deviations.</summary>
    private static double PriorShare(double ratio) => 2 * FirstPassage.NormalCdf(ratio * Math.Sqrt(2 / Math.PI)) - 1;
}
