using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>
/// Sorts pushed samples into those that can count, as batches of one asset each that fit into a message, and those that cannot, with the
/// reason. What depends on the samples before (late, duplicate) shows only when they are read. Pure.
/// </summary>
internal sealed class PushSorter(IReadOnlyList<LiveProfile> profiles, string? onlyProfile, IngestBounds bounds, long latestTicks)
{
    /// <summary>Samples that were not taken and are named one by one.</summary>
    private const int MostNamed = 1000;

    private readonly SeriesResolver _resolver = new(bounds);
    private readonly SampleBatches _taken = new(bounds);
    private readonly Dictionary<string, long> _dropped = [];
    private readonly List<(string Field, string Reason)> _first = [];
    private long _accepted;

    public SampleReceipt Receipt => new(_accepted, _dropped) { FirstDropped = _first };

    public void Add(V1.SampleBatch batch, int index)
    {
        var reasons = new DropReason[batch.Metrics.Count];
        for (var m = 0; m < reasons.Length; m++)
            reasons[m] = _resolver.Resolve(new SeriesIdentity(batch.Metrics[m], []) { Profile = batch.Profile, Asset = batch.Asset }, profiles, onlyProfile, out _, out _, out _);
        var key = new AssetKey(batch.Profile, batch.Asset);
        for (var i = 0; i < batch.Value.Count; i++)
        {
            var metric = (int)batch.MetricIndex[i];
            Add(key, reasons[metric], batch.Metrics[metric], batch.BaseTimeUnixNanos + batch.TimeOffsetNanos[i], batch.Value[i], ("batches", index, i));
        }
    }

    public void Add(V1.LabelledSeries series, int index)
    {
        var identity = new SeriesIdentity(series.Metric, [.. series.Labels]) { Profile = series.Profile.Length > 0 ? series.Profile : null };
        var reason = _resolver.Resolve(identity, profiles, onlyProfile, out var profile, out var asset, out _);
        var key = new AssetKey(profile?.Name ?? "", asset);
        for (var i = 0; i < series.Value.Count; i++)
            Add(key, reason, series.Metric, series.BaseTimeUnixNanos + series.TimeOffsetNanos[i], series.Value[i], ("series", index, i));
    }

    /// <summary>The samples that can count.</summary>
    public List<V1.SampleBatch> Messages() => _taken.Messages();

    private void Add(AssetKey key, DropReason reason, string metric, long unixNanos, double value, (string List, int Index, int Sample) place)
    {
        if (reason == DropReason.None)
        {
            if (!double.IsFinite(value)) reason = DropReason.NotFinite;
            else if (!UnixTime.TryTicks(unixNanos, TimeUnit.Nanoseconds, out var ticks) || ticks > latestTicks) reason = DropReason.Ahead;
        }
        if (reason == DropReason.None)
        {
            _taken.Add(key, metric, unixNanos, value);
            _accepted++;
            return;
        }
        var text = reason.Text();
        _dropped[text] = _dropped.GetValueOrDefault(text) + 1;
        if (_first.Count < MostNamed) _first.Add((FormattableString.Invariant($"{place.List}[{place.Index}].value[{place.Sample}]"), text));
    }
}
