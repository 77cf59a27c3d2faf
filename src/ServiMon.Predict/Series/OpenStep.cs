using System.Collections.Immutable;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Series;

/// <summary>One grid step that still takes samples. What it closes to does not depend on the order in which they came.</summary>
internal sealed class OpenStep(int metricCount)
{
    private readonly double[] _values = new double[metricCount];
    private readonly long[] _ticks = new long[metricCount];
    private readonly List<(long Ticks, double Value)>?[] _all = new List<(long, double)>?[metricCount];

    public long Step { get; private set; }

    public long NewestTicks { get; private set; }

    public void Clear(long step)
    {
        Step = step;
        Array.Fill(_values, double.NaN);
        Array.Fill(_ticks, long.MinValue);
        foreach (var list in _all) list?.Clear();
        NewestTicks = long.MinValue;
    }

    /// <summary>False when the metric had a sample of the same time already.</summary>
    public bool Put(int metric, Aggregation aggregation, long ticks, double value)
    {
        NewestTicks = Math.Max(NewestTicks, ticks);
        if (aggregation != Aggregation.Last) return PutInList(metric, ticks, value);
        if (ticks == _ticks[metric])
        {
            if (Prefer(value, _values[metric])) _values[metric] = value;
            return false;
        }
        if (ticks > _ticks[metric])
        {
            _ticks[metric] = ticks;
            _values[metric] = value;
        }
        return true;
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
                writer.Int(list.Count);
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
            for (var n = reader.Count(sizeof(long) + sizeof(double)); n > 0; n--)
                Put(i, metrics[i].Aggregation, reader.Long(), reader.Double());
        NewestTicks = newest;
    }

    private bool PutInList(int metric, long ticks, double value)
    {
        var list = _all[metric] ??= [];
        // Ascending by time, and most samples come in order: the place is at the end or near it.
        var at = list.Count;
        while (at > 0 && list[at - 1].Ticks > ticks) at--;
        if (at > 0 && list[at - 1].Ticks == ticks)
        {
            if (Prefer(value, list[at - 1].Value)) list[at - 1] = (ticks, value);
            return false;
        }
        list.Insert(at, (ticks, value));
        return true;
    }

    /// <summary>Of two samples of one time the larger is kept; of +0 and -0, +0.</summary>
    public static bool Prefer(double candidate, double current) =>
        candidate > current || (candidate == current && !double.IsNegative(candidate) && double.IsNegative(current));
}
