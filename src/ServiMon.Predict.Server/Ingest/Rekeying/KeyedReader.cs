using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest.Rekeying;

/// <summary>From a message of one topic to samples whose asset is known.</summary>
/// <param name="profiles">Those that are served, in the order in which they are asked.</param>
internal sealed class KeyedReader(TopicOptions topic, IReadOnlyList<LiveProfile> profiles, IngestBounds bounds)
{
    private readonly BoundedParser _parser = new(topic, bounds);
    private readonly SeriesTable<Target> _series = new(Find(topic, profiles, bounds), _ => false);

    public string Format => _parser.Format.Name;

    /// <summary>Reads one message whole, or nothing of it with a fault.</summary>
    /// <param name="now">By the service's clock.</param>
    /// <param name="dropped">Told why a sample does not count.</param>
    public MessageFault Read(SourcePartition source, long offset, ReadOnlySpan<byte> message, DateTimeOffset now, Action<DropReason> dropped, out KeyedMessage read)
    {
        read = new KeyedMessage(source, offset, now.UtcTicks, []);
        if (_parser.Parse(message) is not MessageFault.None and var fault) return fault;
        var parsed = _parser.Samples;
        var latest = (now + bounds.Ahead).UtcTicks;
        var newest = parsed.Count == 0 ? now.UtcTicks : long.MinValue;
        var samples = new List<KeyedSample>(parsed.Count);
        for (var i = 0; i < parsed.Count; i++)
        {
            var (ticks, value) = (parsed.Ticks(i), parsed.Value(i));
            newest = Math.Max(newest, Math.Min(ticks, latest));
            var target = _series.Find(_parser.Format, parsed.Identity(i));
            var isWithin = UnixTime.TryNanoseconds(ticks, out var nanos);
            var reason = target.Reason != DropReason.None ? target.Reason : !double.IsFinite(value) ? DropReason.NotFinite
                : ticks > latest ? DropReason.Ahead : isWithin ? DropReason.None : DropReason.Late;
            if (reason == DropReason.None) samples.Add(new KeyedSample(target.Asset, target.Metric, nanos, value));
            else dropped(reason);
        }
        read = new KeyedMessage(source, offset, newest, samples);
        return MessageFault.None;
    }

    private static Func<SeriesIdentity?, Target> Find(TopicOptions topic, IReadOnlyList<LiveProfile> profiles, IngestBounds bounds)
    {
        var resolver = new SeriesResolver(bounds);
        return series =>
        {
            var reason = resolver.Resolve(series, profiles, topic.Profile, out var profile, out var asset, out _);
            return new Target(reason, new AssetKey(profile?.Name ?? "", asset), series?.Metric ?? "");
        };
    }

    private readonly record struct Target(DropReason Reason, AssetKey Asset, string Metric);
}
