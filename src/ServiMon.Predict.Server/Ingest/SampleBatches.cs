using ServiMon.Predict.Series;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>Samples of many assets, gathered into batches of one asset each that fit into a message. Pure.</summary>
internal sealed class SampleBatches(IngestBounds bounds)
{
    /// <summary>Bytes of a message: half of what brokers take by default, so that headers and framing never matter.</summary>
    private const int MostBytes = 500_000;

    private readonly Dictionary<AssetKey, List<(long UnixNanos, string Metric, double Value)>> _gathered = [];

    public void Add(AssetKey key, string metric, long unixNanos, double value)
    {
        if (!_gathered.TryGetValue(key, out var samples)) _gathered.Add(key, samples = []);
        samples.Add((unixNanos, metric, value));
    }

    /// <summary>
    /// Each asset's samples in order of time: if one metric came whole before the next, its newest sample would close the steps of the others.
    /// </summary>
    public List<V1.SampleBatch> Messages()
    {
        var messages = new List<V1.SampleBatch>();
        foreach (var (key, samples) in _gathered)
        {
            samples.Sort((a, b) => a.UnixNanos.CompareTo(b.UnixNanos));
            Split(key, samples, 0, samples.Count, messages);
        }
        return messages;
    }

    /// <summary>What brings the members of a composite into one partition: the asset's name up to the first slash.</summary>
    public static string PartitionKey(string asset) => AssetPath.Root(asset);

    private void Split(AssetKey key, List<(long UnixNanos, string Metric, double Value)> samples, int from, int to, List<V1.SampleBatch> messages)
    {
        // The middle of its range: times that lie centuries apart still have offsets.
        var batch = new V1.SampleBatch { Profile = key.Profile, Asset = key.Asset, BaseTimeUnixNanos = samples[from].UnixNanos / 2 + samples[to - 1].UnixNanos / 2 };
        var position = new Dictionary<string, uint>();
        for (var i = from; i < to; i++)
        {
            if (!position.TryGetValue(samples[i].Metric, out var metric))
            {
                position.Add(samples[i].Metric, metric = (uint)batch.Metrics.Count);
                batch.Metrics.Add(samples[i].Metric);
            }
            batch.TimeOffsetNanos.Add(samples[i].UnixNanos - batch.BaseTimeUnixNanos);
            batch.MetricIndex.Add(metric);
            batch.Value.Add(samples[i].Value);
        }
        if (to - from == 1 || (to - from <= bounds.MessageSamples && batch.CalculateSize() <= Math.Min(MostBytes, bounds.MessageBytes)))
        {
            messages.Add(batch);
            return;
        }
        Split(key, samples, from, from + (to - from) / 2, messages);
        Split(key, samples, from + (to - from) / 2, to, messages);
    }
}
