using System.Collections.Immutable;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Evidence;

/// <summary>
/// How the values of each of K metrics are distributed over the steps of many assets, rates for counters: one sketch a metric. Merging in any order
/// gives the same bytes as having seen everything in one place.
/// </summary>
/// <param name="metrics">Names of the metrics, in the order of the values.</param>
public sealed class MetricDistributions(ImmutableArray<string> metrics)
{
    /// <summary>Relative error of every quantile.</summary>
    public const double Accuracy = 0.01;

    /// <summary>Buckets of a sketch for each sign: they span a factor of 700 million.</summary>
    public const int MaxBuckets = 1024;

    /// <summary>The quantiles that are shown to people.</summary>
    public static readonly ImmutableArray<double> Levels = [0.01, 0.05, 0.5, 0.95, 0.99];

    private const byte Version = 1;

    private readonly QuantileSketch[] _sketches = [.. metrics.Select(_ => new QuantileSketch(Accuracy, MaxBuckets))];

    public ImmutableArray<string> Metrics { get; } = metrics;

    /// <summary>Steps added, by weight.</summary>
    public long StepCount { get; private set; }

    /// <summary>The distribution of a metric's values: by weight, those that were missing left out.</summary>
    public QuantileSketch this[int metric] => _sketches[metric];

    /// <summary>Takes one step of one asset.</summary>
    /// <param name="values">K values; NaN for missing.</param>
    /// <param name="weight">Steps that it stands for.</param>
    public void Add(ReadOnlySpan<double> values, long weight = 1)
    {
        if (values.Length != _sketches.Length) throw new ArgumentException($"{values.Length} values, expected {_sketches.Length}", nameof(values));
        for (var m = 0; m < values.Length; m++) _sketches[m].Add(values[m], weight);
        StepCount += weight;
    }

    public void Merge(MetricDistributions other)
    {
        if (!other.Metrics.SequenceEqual(Metrics)) throw new ArgumentException("the distributions are of other metrics", nameof(other));
        for (var m = 0; m < _sketches.Length; m++) _sketches[m].Merge(other._sketches[m]);
        StepCount += other.StepCount;
    }

    /// <inheritdoc cref="QuantileSketch.Clear"/>
    public void Clear()
    {
        foreach (var sketch in _sketches) sketch.Clear();
        StepCount = 0;
    }

    public void Save(StateWriter writer)
    {
        writer.Byte(Version);
        writer.Packed(StepCount);
        writer.Int(_sketches.Length);
        for (var m = 0; m < _sketches.Length; m++)
        {
            writer.Text(Metrics[m]);
            _sketches[m].Save(writer);
        }
    }

    /// <exception cref="InvalidDataException">When the bytes are of another version or damaged.</exception>
    public static MetricDistributions Load(ref StateReader reader)
    {
        var version = reader.Byte();
        if (version != Version) throw new InvalidDataException($"the distributions are of version {version}, not {Version}");
        var steps = reader.Packed();
        var names = new string[reader.Count(LeastBytes)];
        var sketches = new QuantileSketch[names.Length];
        for (var m = 0; m < names.Length; m++)
        {
            names[m] = reader.Text();
            sketches[m] = QuantileSketch.Load(ref reader);
            if (sketches[m].Accuracy != Accuracy || sketches[m].MaxBuckets != MaxBuckets)
                throw new InvalidDataException($"the sketch of {names[m]} has accuracy {sketches[m].Accuracy} and {sketches[m].MaxBuckets} buckets");
        }
        var loaded = new MetricDistributions([.. names]) { StepCount = steps };
        sketches.CopyTo(loaded._sketches, 0);
        return loaded;
    }

    /// <summary>Bytes that a metric without a name and without values takes.</summary>
    private const int LeastBytes = 48;
}
