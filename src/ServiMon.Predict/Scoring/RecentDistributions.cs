using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// How the values of a profile's metrics were distributed lately, over all assets that are scored: in parts by event time, of which the oldest is
/// forgotten when a new one begins.
/// </summary>
/// <remarks>
/// Of the steps of a part the first 4,096 are taken; of those that follow one in two, each counting twice, until as many are taken again; then one in
/// four, and so on. So n steps cost about 4,096 log2(1 + n / 4,096) additions, whatever the size of the fleet, and shares stay unbiased. Steps are taken by
/// one thread; distances may be asked for by any.
/// </remarks>
public sealed class RecentDistributions
{
    /// <summary>Steps that must have had a value of a metric before its distance is told: of so few, chance alone makes 0.14 (Massart 1990, at 95 %).</summary>
    public const long LeastSteps = 100;

    private const int PartCount = 8;

    /// <summary>Steps taken of a part before only half as many are.</summary>
    private const int StepsAtOneShare = 4096;

    private const int MostHalvings = 30;

    /// <summary>The span is at least this many steps of the grid, and at least a day: a season that metrics follow is in it whole.</summary>
    private const int LeastSpanSteps = 1440;

    private readonly Lock _gate = new();
    private readonly MetricSpec[] _metrics;
    private readonly MetricDistributions[] _parts;
    private readonly int[] _taken = new int[PartCount];
    private readonly QuantileSketch _merged = new(MetricDistributions.Accuracy, MetricDistributions.MaxBuckets);
    private readonly double[] _values;
    private readonly Random _random;
    private readonly long _partTicks;
    private long _newest = -1;
    private long _pending;

    /// <param name="seed">Of the choice of steps.</param>
    public RecentDistributions(Profile profile, int seed)
    {
        _metrics = [.. profile.Metrics];
        _parts = [.. Enumerable.Range(0, PartCount).Select(_ => new MetricDistributions([.. _metrics.Select(m => m.Name)]))];
        _values = new double[_metrics.Length];
        _random = new Random(seed);
        _partTicks = Math.Max(TimeSpan.TicksPerDay, LeastSpanSteps * profile.Step.Ticks) / PartCount;
    }

    /// <summary>What is looked back on when the newest part is full.</summary>
    public TimeSpan Span => TimeSpan.FromTicks(PartCount * _partTicks);

    /// <summary>True when these are distributions of the profile's metrics, read alike.</summary>
    public bool IsOf(Profile profile) => profile.Metrics.Select(Reading).SequenceEqual(_metrics.Select(Reading));

    /// <summary>Asks whether the next step is to be taken.</summary>
    /// <param name="ticks">UTC ticks of the step.</param>
    /// <returns>K places for its values after rate and scale, to be filled before <see cref="Take"/>; empty when it is not.</returns>
    public Span<double> Wanted(long ticks)
    {
        var part = ticks / _partTicks;
        if (part <= _newest - PartCount) return [];
        if (part > _newest) Begin(part);
        var halvings = Math.Min(_taken[part % PartCount] / StepsAtOneShare, MostHalvings);
        if (halvings > 0 && _random.Next(1 << halvings) != 0) return [];
        _pending = part;
        return _values;
    }

    /// <summary>Takes the step that was wanted.</summary>
    public void Take()
    {
        var at = _pending % PartCount;
        lock (_gate) _parts[at].Add(_values, 1L << Math.Min(_taken[at] / StepsAtOneShare, MostHalvings));
        _taken[at]++;
    }

    /// <summary>Steps of the span that had a value of the metric, and how far their distribution is from that of a reference.</summary>
    /// <param name="reference">Of the same metrics.</param>
    /// <returns>The distance of Kolmogorov and Smirnov, 0 to 1; NaN where one of the two knows fewer than <see cref="LeastSteps"/> values.</returns>
    public (long StepCount, double Distance) DistanceTo(MetricDistributions reference, int metric)
    {
        lock (_gate)
        {
            _merged.Clear();
            foreach (var part in _parts) _merged.Merge(part[metric]);
            var isKnown = Math.Min(_merged.Count, reference[metric].Count) >= LeastSteps;
            return (_merged.Count, isKnown ? _merged.DistanceTo(reference[metric]) : double.NaN);
        }
    }

    private void Begin(long part)
    {
        lock (_gate)
            for (var forgotten = Math.Max(_newest + 1, part - PartCount + 1); forgotten <= part; forgotten++)
            {
                _parts[forgotten % PartCount].Clear();
                _taken[forgotten % PartCount] = 0;
            }
        _newest = part;
    }

    private static (string, MetricKind, double) Reading(MetricSpec metric) => (metric.Name, metric.Kind, metric.Scale);
}
