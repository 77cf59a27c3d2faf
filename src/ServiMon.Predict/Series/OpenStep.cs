using System.Collections.Immutable;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Series;

/// <summary>One grid step that still takes samples. What it closes to does not depend on the order in which they came.</summary>
/// <param name="stepTicks">Its length.</param>
internal sealed class OpenStep(int metricCount, long stepTicks)
{
    /// <summary>
    /// Samples of one metric that are kept of a step one by one, and the parts of equal length into which a step with more of them is divided: then
    /// the oldest sample of each part is kept. 128 KB at most.
    /// </summary>
    public const int MostSamples = 8192;

    private readonly double[] _values = new double[metricCount];
    private readonly long[] _ticks = new long[metricCount];
    private readonly List<(long Ticks, double Value)>?[] _all = new List<(long, double)>?[metricCount];
    private readonly bool[] _isCrowded = new bool[metricCount];
    private readonly long _partTicks = (stepTicks + MostSamples - 1) / MostSamples;

    public long Step { get; private set; }

    public long NewestTicks { get; private set; }

    public void Clear(long step)
    {
        Step = step;
        Array.Fill(_values, double.NaN);
        Array.Fill(_ticks, long.MinValue);
        foreach (var list in _all) list?.Clear();
        Array.Clear(_isCrowded);
        NewestTicks = long.MinValue;
    }

    /// <returns>Accepted; Duplicate when the metric had a sample of the same time already; Crowded when it had an older one in the same part of a crowded step.</returns>
    public SampleOutcome Put(int metric, Aggregation aggregation, long ticks, double value)
    {
        NewestTicks = Math.Max(NewestTicks, ticks);
        if (aggregation != Aggregation.Last) return PutInList(metric, ticks, value);
        if (ticks == _ticks[metric])
        {
            if (Prefer(value, _values[metric])) _values[metric] = value;
            return SampleOutcome.Duplicate;
        }
        if (ticks > _ticks[metric])
        {
            _ticks[metric] = ticks;
            _values[metric] = value;
        }
        return SampleOutcome.Accepted;
    }

    public ReadOnlySpan<double> Close(ImmutableArray<MetricSpec> metrics)
    {
        for (var i = 0; i < metricCount; i++)
        {
            if (_all[i] is not { Count: > 0 } list) continue;
            double sum = 0, max = double.NegativeInfinity, min = double.PositiveInfinity;
            foreach (var (_, value) in list)
            {
                sum += value;
                max = Math.Max(max, value);
                min = Math.Min(min, value);
            }
            _values[i] = metrics[i].Aggregation switch
            {
                Aggregation.Mean => sum / list.Count,
                Aggregation.Sum => sum,
                Aggregation.Max => max,
                Aggregation.Min => min,
                _ => list[^1].Value,
            };
        }
        return _values;
    }

    /// <summary>Two steps of the same samples give the same bytes, whatever the order of arrival.</summary>
    public void Save(StateWriter writer)
    {
        writer.Long(Step);
        writer.Long(NewestTicks);
        for (var i = 0; i < metricCount; i++)
        {
            if (_all[i] is { Count: > 0 } list)
            {
                writer.Int(_isCrowded[i] ? -list.Count : list.Count);
                foreach (var (ticks, value) in list)
                {
                    writer.Long(ticks);
                    writer.Double(value);
                }
                continue;
            }
            var isThere = _ticks[i] != long.MinValue;
            writer.Int(isThere ? 1 : 0);
            if (!isThere) continue;
            writer.Long(_ticks[i]);
            writer.Double(_values[i]);
        }
    }

    public void Load(ref StateReader reader, ImmutableArray<MetricSpec> metrics)
    {
        Clear(reader.Long());
        var newest = reader.Long();
        for (var i = 0; i < metricCount; i++)
        {
            var count = reader.Int();
            _isCrowded[i] = count < 0;
            for (var n = reader.Checked(Math.Abs((long)count), sizeof(long) + sizeof(double)); n > 0; n--)
                Put(i, metrics[i].Aggregation, reader.Long(), reader.Double());
        }
        NewestTicks = newest;
    }

    private SampleOutcome PutInList(int metric, long ticks, double value)
    {
        var list = _all[metric] ??= [];
        // Ascending by time, and most samples come in order.
        var at = list.Count == 0 || list[^1].Ticks < ticks ? list.Count : FirstFrom(list, ticks);
        if (at < list.Count && list[at].Ticks == ticks)
        {
            if (Prefer(value, list[at].Value)) list[at] = (ticks, value);
            return SampleOutcome.Duplicate;
        }
        if (_isCrowded[metric])
        {
            if (at > 0 && PartOf(list[at - 1].Ticks) == PartOf(ticks)) return SampleOutcome.Crowded;
            if (at < list.Count && PartOf(list[at].Ticks) == PartOf(ticks))
            {
                list[at] = (ticks, value);
                return SampleOutcome.Crowded;
            }
        }
        list.Insert(at, (ticks, value));
        if (list.Count <= MostSamples || _isCrowded[metric]) return SampleOutcome.Accepted;
        _isCrowded[metric] = true;
        var kept = 0;
        for (var i = 0; i < list.Count; i++)
            if (kept == 0 || PartOf(list[kept - 1].Ticks) != PartOf(list[i].Ticks)) list[kept++] = list[i];
        list.RemoveRange(kept, list.Count - kept);
        return SampleOutcome.Crowded;
    }

    /// <summary>The first place whose time is this or newer.</summary>
    private static int FirstFrom(List<(long Ticks, double Value)> list, long ticks)
    {
        var (low, high) = (0, list.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (list[middle].Ticks < ticks) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private long PartOf(long ticks) => ticks / _partTicks;

    /// <summary>Of two samples of one time the larger is kept; of +0 and -0, +0.</summary>
    public static bool Prefer(double candidate, double current) =>
        candidate > current || (candidate == current && !double.IsNegative(candidate) && double.IsNegative(current));
}
