namespace ServiMon.Predict.Statistics;

/// <summary>
/// Quantiles of a stream with a bounded relative error (Masson, Rim, Lee 2019: DDSketch). Sketches of the same accuracy merge without loss.
/// </summary>
/// <remarks>
/// A value x &gt; 0 falls into the bucket ceil(log_gamma x), gamma = (1 + a) / (1 - a); the bucket's middle 2 gamma^i / (gamma + 1) lies within
/// the share a of each of its values. Negative values mirror this, zero has a bucket of its own. When more buckets are in use than allowed,
/// those nearest to zero are joined: quantiles among those lose the promise, all others keep it, and
/// <see cref="CollapsedCount"/> tells how many values are concerned.
/// </remarks>
public sealed class QuantileSketch
{
    private const byte Version = 1;

    /// <summary>Smaller values count as zero: their logarithm is still exact enough, their reciprocal no longer finite.</summary>
    private const double Smallest = 1e-300;

    private readonly double _logGamma;
    private readonly BucketRun _positive;
    private readonly BucketRun _negative;
    private long _zeros;

    /// <param name="accuracy">a, the relative error promised, in [0.0001, 0.5].</param>
    /// <param name="maxBuckets">For each sign, 16 to 65,536. 2,048 at 1 % span 17 decades.</param>
    public QuantileSketch(double accuracy = 0.01, int maxBuckets = 2048)
    {
        if (!(accuracy is >= 1e-4 and <= 0.5)) throw new ArgumentOutOfRangeException(nameof(accuracy), accuracy, "must be from 0.0001 to 0.5");
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBuckets, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxBuckets, 65_536);
        Accuracy = accuracy;
        _logGamma = Math.Log((1 + accuracy) / (1 - accuracy));
        _positive = new BucketRun(maxBuckets);
        _negative = new BucketRun(maxBuckets);
    }

    /// <summary>The relative error promised.</summary>
    public double Accuracy { get; }

    public int MaxBuckets => _positive.MaxLength;

    /// <summary>Values added.</summary>
    public long Count => _zeros + _positive.Total + _negative.Total;

    /// <summary>Values for which the promise is lost, because their bucket was joined with others.</summary>
    public long CollapsedCount => _positive.Collapsed + _negative.Collapsed;

    /// <summary>The least and the largest value added, exactly; NaN while there is none.</summary>
    public double Min { get; private set; } = double.NaN;

    public double Max { get; private set; } = double.NaN;

    /// <summary>Adds a finite value; others are passed over.</summary>
    /// <param name="count">How often it counts; at least 1.</param>
    /// <returns>Whether it was added.</returns>
    public bool Add(double value, long count = 1)
    {
        if (!double.IsFinite(value)) return false;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (value > Smallest) _positive.Add(Index(value), count);
        else if (value < -Smallest) _negative.Add(Index(-value), count);
        else _zeros += count;
        Min = double.IsNaN(Min) ? value : Math.Min(Min, value);
        Max = double.IsNaN(Max) ? value : Math.Max(Max, value);
        return true;
    }

    /// <summary>A value within the promised share of the one that has rank floor(q (n - 1)) among the n added, in ascending order.</summary>
    /// <param name="q">In [0, 1].</param>
    /// <returns>NaN while nothing was added.</returns>
    public double Quantile(double q)
    {
        if (!(q is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(q), q, "must be from 0 to 1");
        if (Count == 0) return double.NaN;
        var rank = (long)Math.Floor(q * (Count - 1));
        double value;
        if (rank < _negative.Total) value = -Middle(_negative.IndexFromTop(rank));
        else if (rank < _negative.Total + _zeros) value = 0;
        else value = Middle(_positive.IndexFromBottom(rank - _negative.Total - _zeros));
        return Math.Clamp(value, Min, Max);
    }

    /// <summary>The share of the values added that is at most <paramref name="value"/>, to the width of its bucket; NaN while there is none.</summary>
    public double ShareUpTo(double value)
    {
        if (Count == 0) return double.NaN;
        var below = value >= 0 ? _negative.Total + (value > Smallest ? _zeros + _positive.CountUpTo(Index(value)) : _zeros)
            : _negative.Total - _negative.CountUpTo(Index(-value) - 1);
        return below / (double)Count;
    }

    /// <summary>The share of the values added that is less than <paramref name="value"/>, to the width of its bucket; NaN while there is none.</summary>
    public double ShareBelow(double value)
    {
        if (Count == 0) return double.NaN;
        var below = value > Smallest ? _negative.Total + _zeros + _positive.CountUpTo(Index(value) - 1)
            : value >= -Smallest ? _negative.Total : _negative.Total - _negative.CountUpTo(Index(-value));
        return below / (double)Count;
    }

    /// <summary>
    /// The largest difference between the shares of the two's values up to any value (Kolmogorov and Smirnov), looked at between buckets: the
    /// exact one is larger by no more than the share of the values in one bucket.
    /// </summary>
    /// <param name="other">Of the same accuracy.</param>
    /// <returns>0 to 1; NaN while one of the two is empty.</returns>
    public double DistanceTo(QuantileSketch other)
    {
        CheckAccuracy(other);
        if (Count == 0 || other.Count == 0) return double.NaN;
        long own = 0, others = 0;
        var most = 0.0;
        for (var i = Math.Max(_negative.End, other._negative.End) - 1; i >= Math.Min(_negative.First, other._negative.First); i--)
            Step(_negative.CountOf(i), other._negative.CountOf(i), i > Math.Max(_negative.Joined, other._negative.Joined));
        Step(0, 0, isKnown: true);
        Step(_zeros, other._zeros, isKnown: true);
        for (var i = Math.Min(_positive.First, other._positive.First); i < Math.Max(_positive.End, other._positive.End); i++)
            Step(_positive.CountOf(i), other._positive.CountOf(i), i >= Math.Max(_positive.Joined, other._positive.Joined));
        return most;

        void Step(long here, long there, bool isKnown)
        {
            own += here;
            others += there;
            if (isKnown) most = Math.Max(most, Math.Abs(own / (double)Count - others / (double)other.Count));
        }
    }

    /// <summary>Forgets the values and keeps the memory: a sketch that is filled again and again allocates nothing in the end.</summary>
    public void Clear()
    {
        _positive.Clear();
        _negative.Clear();
        _zeros = 0;
        (Min, Max) = (double.NaN, double.NaN);
    }

    /// <summary>Adds all that another sketch has seen; the result is the same as if this one had seen it.</summary>
    public void Merge(QuantileSketch other)
    {
        CheckAccuracy(other);
        if (other.Count == 0) return;
        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Count == 0 ? other.Max : Math.Max(Max, other.Max);
        _positive.Merge(other._positive);
        _negative.Merge(other._negative);
        _zeros += other._zeros;
    }

    /// <summary>Writes version, accuracy, bound, zeros, extremes and both runs of buckets.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(Version);
        writer.Double(Accuracy);
        writer.Int(MaxBuckets);
        writer.Packed(_zeros);
        writer.Double(Min);
        writer.Double(Max);
        _positive.Save(writer);
        _negative.Save(writer);
    }

    /// <exception cref="InvalidDataException">When the bytes are of another version or damaged.</exception>
    public static QuantileSketch Load(ref StateReader reader)
    {
        var version = reader.Byte();
        if (version != Version) throw new InvalidDataException($"the sketch is of version {version}, not {Version}");
        var accuracy = reader.Double();
        var maxBuckets = reader.Int();
        if (!(accuracy is >= 1e-4 and <= 0.5) || maxBuckets is < 16 or > 65_536)
            throw new InvalidDataException($"the sketch says accuracy {accuracy} and {maxBuckets} buckets");
        var sketch = new QuantileSketch(accuracy, maxBuckets) { _zeros = reader.Packed(), Min = reader.Double(), Max = reader.Double() };
        sketch._positive.Load(ref reader);
        sketch._negative.Load(ref reader);
        return sketch;
    }

    private void CheckAccuracy(QuantileSketch other)
    {
        if (other.Accuracy != Accuracy) throw new ArgumentException($"a sketch of accuracy {other.Accuracy} and one of {Accuracy}", nameof(other));
    }

    private int Index(double size) => (int)Math.Ceiling(Math.Log(size) / _logGamma);

    private double Middle(int index) => Math.Exp(index * _logGamma) * 2 / (Math.Exp(_logGamma) + 1);
}
