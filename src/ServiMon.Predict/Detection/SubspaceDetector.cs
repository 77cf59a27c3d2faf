using System.Numerics.Tensors;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Detection;

/// <summary>The outcome of one step of all metrics together.</summary>
/// <param name="Score">Root mean square of what the common directions do not explain, in deviations of the metrics; 0 or more.</param>
/// <param name="PValue">In (0, 1]: about uniform while the metrics go together as they did.</param>
public readonly record struct SubspaceRow(double Score, double PValue);

/// <summary>
/// Whether an asset's metrics still go together: a few common directions are learned as the steps come, and what they leave unexplained
/// of a step is its anomaly, shared out among the metrics.
/// </summary>
/// <remarks>
/// Candid covariance-free incremental principal components (Weng, Zhang, Hwang 2003) of the standardised metrics, O(rank x K) a step, no
/// allocation; the residual is the squared prediction error of Jackson and Mudholkar 1979. A missing value counts as expected. Metrics are
/// standardised by exponentially weighted moments and winsorised at 5 deviations. Not thread-safe.
/// </remarks>
public sealed class SubspaceDetector
{
    private const byte Version = 1;

    /// <summary>Deviations count for no more, so one wild metric turns no direction.</summary>
    private const float Winsor = 5;

    /// <summary>Steps before outcomes are given.</summary>
    private const int WarmUpCount = 60;

    /// <summary>Half-life of moments and directions: 2,000 steps.</summary>
    private static readonly double Forgetting = 1 - Math.Pow(2, -1.0 / 2000);

    /// <summary>Weng et al., eq. 10: how much newer steps weigh more than older ones while directions are young.</summary>
    private const double Amnesia = 2;

    private readonly double[] _mean;
    private readonly double[] _variance;
    private readonly long[] _seen;
    private readonly float[] _directions;
    private readonly float[] _residual;
    private readonly float[] _learned;
    private readonly TailProbability _tail = new();

    /// <param name="metricCount">K, at least 2.</param>
    /// <param name="rank">Common directions, 1 to K - 1; by default 4, or K - 1 where that is less.</param>
    public SubspaceDetector(int metricCount, int? rank = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(metricCount, 2);
        Rank = rank ?? Math.Min(4, metricCount - 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Rank, 1, nameof(rank));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(Rank, metricCount, nameof(rank));
        MetricCount = metricCount;
        _mean = new double[metricCount];
        _variance = new double[metricCount];
        _seen = new long[metricCount];
        _directions = new float[Rank * metricCount];
        _residual = new float[metricCount];
        _learned = new float[metricCount];
    }

    public int MetricCount { get; }

    public int Rank { get; }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>Bytes of state, for all metrics together.</summary>
    public int StateBytes =>
        MetricCount * (2 * sizeof(double) + sizeof(long) + (Rank + 2) * sizeof(float)) + TailProbability.StateBytes;

    /// <summary>Judges a step by those before it, then learns from it.</summary>
    /// <param name="values">K values, NaN for missing.</param>
    /// <param name="contributions">Receives K shares of the unexplained, 0 to 1, which sum to 1 or are all 0; or empty.</param>
    public SubspaceRow Observe(ReadOnlySpan<double> values, Span<double> contributions)
    {
        if (values.Length != MetricCount) throw new ArgumentException($"{values.Length} values for {MetricCount} metrics", nameof(values));
        if (!contributions.IsEmpty && contributions.Length != MetricCount)
            throw new ArgumentException($"room for {contributions.Length} shares of {MetricCount} metrics", nameof(contributions));
        StepCount++;
        var present = Standardise(values);
        _residual.CopyTo(_learned, 0);
        for (var i = 0; i < Rank; i++) Deflate(_residual, Direction(i));
        var square = TensorPrimitives.SumOfSquares<float>(_residual);
        for (var k = 0; k < contributions.Length; k++) contributions[k] = square > 0 ? (double)_residual[k] * _residual[k] / square : 0;
        Learn();
        if (StepCount <= WarmUpCount || present == 0) return new SubspaceRow(0, 1);
        var score = Math.Sqrt(square / (double)present);
        var p = _tail.PValue(score);
        _tail.Add(score);
        return new SubspaceRow(score, p);
    }

    /// <summary>Makes this detector's state equal to another's of as many metrics and directions.</summary>
    public void CopyFrom(SubspaceDetector other)
    {
        if ((other.MetricCount, other.Rank) != (MetricCount, Rank))
            throw new ArgumentException($"{other.MetricCount} metrics in {other.Rank} directions, not {MetricCount} in {Rank}", nameof(other));
        var writer = new StateWriter();
        other.Save(writer);
        var reader = new StateReader(writer.Written.Span);
        Load(ref reader);
    }

    /// <summary>Writes the whole state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Byte(Version);
        writer.Int(MetricCount);
        writer.Int(Rank);
        writer.Long(StepCount);
        writer.Doubles(_mean);
        writer.Doubles(_variance);
        writer.Longs(_seen);
        writer.Floats(_directions);
        _tail.Save(writer);
    }

    /// <exception cref="InvalidDataException">When the bytes are of another version, of other sizes, or damaged.</exception>
    public void Load(ref StateReader reader)
    {
        var version = reader.Byte();
        if (version != Version) throw new InvalidDataException($"the state is of version {version}, not {Version}");
        var (metrics, rank) = (reader.Int(), reader.Int());
        if ((metrics, rank) != (MetricCount, Rank))
            throw new InvalidDataException($"the state is of {metrics} metrics in {rank} directions, not of {MetricCount} in {Rank}");
        StepCount = reader.Long();
        reader.Doubles(_mean);
        reader.Doubles(_variance);
        reader.Longs(_seen);
        reader.Floats(_directions);
        _tail.Load(ref reader);
    }

    /// <summary>Writes the standardised values and learns their moments.</summary>
    /// <returns>How many values there are.</returns>
    private int Standardise(ReadOnlySpan<double> values)
    {
        var present = 0;
        for (var k = 0; k < values.Length; k++)
        {
            _residual[k] = 0;
            if (!double.IsFinite(values[k])) continue;
            present++;
            // Larger values are taken as this large: their squares would overflow.
            var value = Math.Clamp(values[k], -1e150, 1e150);
            var difference = value - _mean[k];
            if (_variance[k] > 0) _residual[k] = (float)Math.Clamp(difference / Math.Sqrt(_variance[k]), -Winsor, Winsor);
            _seen[k]++;
            var rate = Math.Max(Forgetting, 1.0 / _seen[k]);
            _mean[k] += rate * difference;
            _variance[k] = (1 - rate) * (_variance[k] + rate * difference * difference);
        }

        return present;
    }

    private void Learn()
    {
        var rate = (float)Math.Max(Forgetting, Math.Min(1, (1 + Amnesia) / StepCount));
        for (var i = 0; i < Rank && i < StepCount; i++)
        {
            var direction = Direction(i);
            var length = TensorPrimitives.Norm<float>(direction);
            if (!(length > 0))
            {
                _learned.CopyTo(direction);
                return;
            }

            // Eq. 10: the direction turns toward the step by how far the step lies along it.
            var along = TensorPrimitives.Dot<float>(_learned, direction) / length;
            TensorPrimitives.Multiply(direction, 1 - rate, direction);
            TensorPrimitives.MultiplyAdd(_learned, rate * along, direction, direction);
            Deflate(_learned, direction);
        }
    }

    private static void Deflate(Span<float> step, ReadOnlySpan<float> direction)
    {
        var square = TensorPrimitives.SumOfSquares(direction);
        if (square > 0) TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<float>(step, direction) / square, step, step);
    }

    private Span<float> Direction(int i) => _directions.AsSpan(i * MetricCount, MetricCount);
}
