using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>
/// Changes of level: the likelihood ratio of two Gaussian means with one variance against one mean, over a window that restarts at each
/// change found, GLR = L/2 [log(RSS0 / L) - log(RSS1 / L)] &gt; 40, at least 8 values on either side.
/// </summary>
/// <remarks>
/// The ratio assumes independent values; persistence inflates it by (1 + r) / (1 - r), r the lag-1 autocorrelation left on the two sides
/// (the variance of the mean of an AR(1) series, Box, Jenkins, Reinsel). It is divided by that and by another 1 + r, since r comes out too
/// low in short stretches and real persistence dies out more slowly than an AR(1) series'; and a change smaller than the deviation of the
/// whole past is none. Both were chosen on one half of the Microsoft cloud monitoring series and checked on the other. Splits are tried at a geometric grid of
/// ages and the best one located exactly once the bar is crossed: about ten comparisons a value in all. The window is the last 256 values
/// since the last change; sums are relative to a reference that is renewed whenever the buffer is moved.
/// </remarks>
internal sealed class ChangepointChannel
{
    private const double Bar = 40;

    /// <summary>Least change of the mean, in standard deviations of the whole past.</summary>
    private const double LeastStep = 1;

    private const int MinSide = 8;
    private const int WindowSize = 256;
    private const int BufferSize = 2 * WindowSize;

    /// <summary>Rounding of a value's last digits must not look like a change of a constant series.</summary>
    private const double RoundingShare = 1e-12;

    private static readonly int[] Ages = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192];

    /// <summary>The bar as a ratio of residual sums of squares, by the window's length.</summary>
    private static readonly double[] RatioBars = [.. Enumerable.Range(0, WindowSize + 1).Select(length => Math.Exp(2 * Bar / length))];

    private readonly double[] _values = new double[BufferSize];
    private readonly long[] _ticks = new long[BufferSize];

    // Entry i holds the sum over values 0 .. i-1 of the buffer, relative to the reference.
    private readonly double[] _sums = new double[BufferSize + 1];
    private readonly double[] _squares = new double[BufferSize + 1];
    private readonly double[] _products = new double[BufferSize + 1];
    private RunningMoments _past;
    private double _reference;
    private int _count;

    /// <summary>The time of the first value after a change that this value makes certain, or null; then learns from it.</summary>
    public long? Observe(long ticks, double value)
    {
        if (_count == BufferSize) Keep(BufferSize - WindowSize);
        if (_count == 0) _reference = value;
        Append(ticks, value);
        _past.Add(value);
        var start = Math.Max(0, _count - WindowSize);
        var length = _count - start;
        if (length < 2 * MinSide) return null;

        var rounding = RoundingShare * _reference;
        var floor = length * rounding * rounding;
        var whole = Rss(start, _count) + floor;
        var ratio = RatioBars[length];
        foreach (var age in Ages)
        {
            if (age > length - MinSide) break;
            // The cheap test first: most values pass no further than this comparison.
            var near = _count - age;
            if (whole <= ratio * (SplitRss(start, near) + floor) || !Exceeds(start, near, whole, floor)) continue;
            var split = BestSplit(start);
            if (_count - split < MinSide || !Exceeds(start, split, whole, floor)) return null;
            var location = _ticks[split];
            Keep(split);
            return location;
        }

        return null;
    }

    /// <summary>
    /// The likeliest split, also one too near to the end to be given out yet: without those, a change would be told a row or two early
    /// and located before it happened.
    /// </summary>
    private int BestSplit(int start)
    {
        var best = start + MinSide;
        var least = double.PositiveInfinity;
        for (var split = start + MinSide; split < _count; split++)
        {
            var rss = SplitRss(start, split);
            if (rss >= least) continue;
            least = rss;
            best = split;
        }

        return best;
    }

    private bool Exceeds(int start, int split, double whole, double floor)
    {
        var length = _count - start;
        var parts = SplitRss(start, split);
        var likelihood = 0.5 * length * Math.Log(whole / (parts + floor));
        var step = Math.Abs(Mean(split, _count) - Mean(start, split));
        if (double.IsNaN(likelihood) || step < LeastStep * _past.Deviation) return false;
        var covariance = LagCovariance(start, split) + LagCovariance(split, _count);
        var persistence = parts > floor ? Math.Clamp(covariance / parts, 0, 1 - 1.0 / length) : 0;
        return likelihood * (1 - persistence) > Bar * (1 + persistence) * (1 + persistence);
    }

    private double Mean(int from, int to) => (_sums[to] - _sums[from]) / (to - from);

    private double SplitRss(int start, int split) => Rss(start, split) + Rss(split, _count);

    private double Rss(int from, int to)
    {
        var sum = _sums[to] - _sums[from];
        return Math.Max(0, _squares[to] - _squares[from] - sum * sum / (to - from));
    }

    /// <summary>Sum of (x[i] - mean)(x[i-1] - mean) over the pairs that lie wholly in from .. to-1.</summary>
    private double LagCovariance(int from, int to)
    {
        var mean = Mean(from, to);
        var pairs = _products[to] - _products[from + 1];
        var later = _sums[to] - _sums[from + 1];
        var earlier = _sums[to - 1] - _sums[from];
        return pairs - mean * (later + earlier) + (to - from - 1) * mean * mean;
    }

    private void Append(long ticks, double value)
    {
        var x = value - _reference;
        var previous = _count > 0 ? _values[_count - 1] - _reference : 0;
        _values[_count] = value;
        _ticks[_count] = ticks;
        _sums[_count + 1] = _sums[_count] + x;
        _squares[_count + 1] = _squares[_count] + x * x;
        _products[_count + 1] = _products[_count] + x * previous;
        _count++;
    }

    /// <summary>Drops the values before <paramref name="from"/> and sums the rest anew around their mean.</summary>
    private void Keep(int from)
    {
        var kept = _count - from;
        Array.Copy(_values, from, _values, 0, kept);
        Array.Copy(_ticks, from, _ticks, 0, kept);
        var mean = 0.0;
        for (var i = 0; i < kept; i++) mean += (_values[i] - mean) / (i + 1);
        _reference = mean;
        _count = 0;
        for (var i = 0; i < kept; i++) Append(_ticks[i], _values[i]);
    }
}
