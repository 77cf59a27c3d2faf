using System.Runtime.CompilerServices;
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

    /// <summary>The usual size forgets over some hundred errors, never faster.</summary>
    private const double LeastRate = 0.01;

    /// <summary>By what share of itself the growth over one doubling of the lead is off what the model says. Chosen on simulated series of seeds 11 and 101.</summary>
    private const double GrowthOff = 0.1;

    /// <summary>
    /// By what share it is off besides where errors grow as a walk's and none was seen at the lead; as of one more error, less with each that was. Chosen on simulated walks of 100 to 200 steps, seed 7001.
    /// </summary>
    private const double UnseenOff = 0.6;

    /// <summary>
    /// Share by which a walk's errors are worth less than their number: stretches overlap by half and have half of the error in common. Errors
    /// that do not grow have nothing in common.
    /// </summary>
    private const double Overlap = 0.3;

    /// <summary>Of a random walk's errors, in powers of two for each doubling of the lead.</summary>
    private const double WalkGrowth = 0.5;

    /// <summary>Errors of a lead before its size is a unit to measure further ones in.</summary>
    private const int SettledErrors = 10;

    // Within this object: five arrays of their own would not fit beside the rest into what a state may have.
    private PerLead<double> _pending;
    private PerLead<int> _due;
    private PerLead<float> _sizes;
    private PerLead<int> _counts;
    private Bins _bins;
    private ErrorTail _tail = new();

    public LeadErrors()
    {
        for (var b = 0; b < BinCount; b++) _bins[b] = (float)(PriorCount * (PriorShare(Upper(b)) - (b > 0 ? PriorShare(Upper(b - 1)) : 0)));
    }

    private LeadErrors(LeadErrors other) =>
        (_pending, _due, _sizes, _counts, _bins, _tail) = (other._pending, other._due, other._sizes, other._counts, other._bins, other._tail);

    /// <summary>The usual (mean absolute) error one step ahead; 0 before there are any.</summary>
    public double OneStep => _sizes[0];

    public int OneStepCount => _counts[0];

    public LeadErrors Copy() => new(this);

    /// <summary>Degrees of freedom of Student's t that errors one step ahead have, infinite for normal ones, and how far they are believed to be normal, 0 to 1.</summary>
    public (double Freedom, double Normality) Tail() => _tail.Freedom();

    /// <summary>Tails are the series' own, and are kept over a fit that rests on fewer errors.</summary>
    public void TakeTailOf(LeadErrors before)
    {
        if (before._tail.Worth > _tail.Worth) _tail = before._tail;
    }

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
            if (lead == 0) _tail.Add(ratio, kept: (float)Kept);
        }

        _counts[lead] = Math.Min(_counts[lead] + 1, int.MaxValue - 1);
        _sizes[lead] += (float)((size - _sizes[lead]) * Math.Max(LeastRate, 1.0 / _counts[lead]));
    }

    /// <summary>Half the widths of the intervals of a level, at the steps whose usual errors are given.</summary>
    /// <param name="sizes">As <see cref="Sizes"/> tells them.</param>
    /// <param name="off">Likewise. Few errors know a quantile badly: Student's t, with as many degrees of freedom as make a deviation that uncertain, over the Gaussian says by how much.</param>
    public double[] HalfWidths(ReadOnlySpan<double> sizes, ReadOnlySpan<double> off, double level)
    {
        var halves = new double[sizes.Length];
        var (quantile, normal) = (Quantile(level), StudentT.Quantile(0.5 + level / 2, double.PositiveInfinity));
        var (known, student) = (double.NaN, 1.0);
        for (var h = 0; h < sizes.Length; h++)
        {
            if (off[h] != known) (known, student) = (off[h], StudentT.Quantile(0.5 + level / 2, Math.Max(1, 0.5 / (off[h] * off[h]))) / normal);
            halves[h] = sizes[h] * quantile * student;
        }

        return halves;
    }

    /// <summary>
    /// Usual (mean absolute) errors of the next steps, and by what share of itself each may be off. On logarithms the sizes of the leads are a random walk
    /// about the growth that the model lets expect, which <see cref="GrowthOff"/> moves at each doubling and errors show (Kalman 1960).
    /// </summary>
    /// <param name="horizon">Steps.</param>
    /// <param name="growth">The model's deviation at each step; <see cref="LawSteps"/> of them.</param>
    /// <param name="absolutes">Mean absolute error in deviations at each of these steps.</param>
    /// <param name="modelOff">By what share of itself the model's deviation may be off at each of these steps, for intervals, where a margin is no bias: errors may then go on growing, or not, unlike what the model says. Empty for none.</param>
    public (double[] Sizes, double[] Off) Sizes(int horizon, ReadOnlySpan<double> growth, ReadOnlySpan<double> absolutes, ReadOnlySpan<double> modelOff)
    {
        double[] sizes = new double[horizon], off = new double[horizon];
        double size = _sizes[0], variance = SizeOff(absolutes[0]) / Math.Max(1, Worth(0));
        (sizes[0], off[0]) = (size, Math.Sqrt(variance));
        for (int lead = 1, from = 1; from < horizon; lead++, from *= 2)
        {
            var (near, nearVariance, to) = (size, variance, 2 * from);
            if (lead >= LeadCount)
            {
                // Beyond the last lead as a random walk's.
                for (var h = from; h < Math.Min(to, horizon); h++) (sizes[h], off[h]) = (size * Math.Sqrt((h + 1.0) / (1 << (LeadCount - 1))), Math.Sqrt(variance));
                continue;
            }

            var grown = growth[to - 1] / growth[from - 1];
            var walk = Math.Clamp(Math.Log2(grown) / WalkGrowth, 0, 1);
            var expected = grown * absolutes[to - 1] / absolutes[from - 1];
            size *= expected;
            variance += GrowthOff * GrowthOff;
            if (!modelOff.IsEmpty) variance += modelOff[to - 1] * modelOff[to - 1] - modelOff[from - 1] * modelOff[from - 1] + walk * UnseenOff * UnseenOff / (1 + _counts[lead]);
            if (_counts[lead] > 0 && _sizes[lead] > 0)
            {
                var seen = SizeOff(absolutes[to - 1]) / (Worth(lead) * (1 - Overlap * walk));
                size = size > 0 ? size * Math.Pow(_sizes[lead] / size, variance / (variance + seen)) : _sizes[lead];
                variance *= seen / (variance + seen);
            }

            // Between two leads as the model grows, and the rest evenly on logarithms.
            var rest = near > 0 ? Math.Log(size / (near * expected)) : 0;
            for (var h = from; h < Math.Min(to, horizon); h++)
            {
                var part = Math.Log2((h + 1.0) / from);
                sizes[h] = near > 0 ? near * growth[h] / growth[from - 1] * absolutes[h] / absolutes[from - 1] * Math.Exp(rest * part) : size;
                off[h] = Math.Sqrt(nearVariance + (variance - nearVariance) * part);
            }
        }

        return (sizes, off);
    }

    /// <summary>Steps of which the model's growth has to be known: to the next lead.</summary>
    public static int LawSteps(int horizon) => Math.Max(horizon, Math.Min(1 << (LeadCount - 1), (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)horizon)));

    /// <summary>By what share of itself one absolute error is off as their mean, squared: pi / 2 - 1 for normal ones.</summary>
    private static double SizeOff(double absolute) => 1 / (absolute * absolute) - 1;

    /// <summary>Errors that a lead's size is the mean of, forgetting included.</summary>
    private double Worth(int lead) => Math.Min(_counts[lead], 2 / LeastRate - 1);

    /// <summary>Deviations in a mean absolute error. Sizes that errors were divided by were off themselves, so the mean quotient is not 1.</summary>
    public double Shape()
    {
        double whole = 0, sum = 0, squares = 0;
        for (var b = 0; b < BinCount; b++)
        {
            var ratio = Math.Pow(2, (b + 0.5 - UnitBin) / BinsPerOctave);
            whole += _bins[b];
            sum += _bins[b] * ratio;
            squares += _bins[b] * ratio * ratio;
        }

        return Math.Sqrt(squares * whole) / sum;
    }

    public void Save(StateWriter writer)
    {
        writer.Doubles(_pending);
        foreach (var due in _due) writer.Int(due);
        writer.Floats(_sizes);
        foreach (var count in _counts) writer.Int(count);
        writer.Floats(_bins);
        _tail.Save(writer);
    }

    /// <param name="hasPairs">Four numbers of a pair of errors follow, which are no longer used.</param>
    /// <param name="hasTail">False for states up to version 3: errors are normal until they say otherwise.</param>
    public static LeadErrors Load(ref StateReader reader, bool hasPairs, bool hasTail)
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
        if (hasTail) errors._tail = ErrorTail.Load(ref reader);
        return errors;
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

    [InlineArray(LeadCount)]
    private struct PerLead<T>
    {
        private T _first;
    }

    [InlineArray(BinCount)]
    private struct Bins
    {
        private float _first;
    }
}
