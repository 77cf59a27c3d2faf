using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Ingest;

/// <summary>From a message of one topic to the fleet: parse, find each series, offer each sample.</summary>
internal sealed class MessageReader
{
    private readonly LiveFleet _fleet;
    private readonly IngestBounds _bounds;
    private readonly TimeProvider _time;
    private readonly BoundedParser _parser;
    private readonly SeriesTable<SeriesTarget> _series;
    private readonly Action<LiveSlot, SourcePartition>? _scattered;
    private SourcePartition _source;

    /// <param name="scattered">Told of an asset, once, that samples came from another partition than its first.</param>
    public MessageReader(TopicOptions topic, LiveFleet fleet, IngestBounds bounds, TimeProvider time, Action<LiveSlot, SourcePartition>? scattered = null)
    {
        _scattered = scattered;
        _fleet = fleet;
        _bounds = bounds;
        _time = time;
        _parser = new BoundedParser(topic, bounds);
        _series = new SeriesTable<SeriesTarget>(series => fleet.Resolve(series, topic.Profile, _source), target => target.Slot is { IsGone: true }, cleared: fleet.ForgetSeries);
    }

    public string Format => _parser.Format.Name;

    /// <summary>Newest time of the last message's samples, UTC ticks.</summary>
    public long NewestTicks { get; private set; }

    /// <summary>Samples of the last message.</summary>
    public int SampleCount => _parser.Samples.Count;

    /// <summary>Takes one message whole, or not at all with a fault.</summary>
    public MessageFault Take(SourcePartition source, ReadOnlySpan<byte> message) => Take(source, message, _time.GetUtcNow());

    /// <summary>The same at a time that was read from the clock a little before.</summary>
    public MessageFault Take(SourcePartition source, ReadOnlySpan<byte> message, DateTimeOffset now)
    {
        _source = source;
        if (_parser.Parse(message) is not MessageFault.None and var fault) return fault;
        var samples = _parser.Samples;
        var latest = (now + _bounds.Ahead).UtcTicks;
        NewestTicks = long.MinValue;
        var target = default(SeriesTarget);
        for (var i = 0; i < samples.Count; i++)
        {
            var ticks = samples.Ticks(i);
            NewestTicks = Math.Max(NewestTicks, ticks);
            target = _series.Find(_parser.Format, samples.Identity(i));
            _fleet.Offer(target, ticks, samples.Value(i), latest);
        }
        // One asset of a message is enough: where keys are missing, it is soon that of each.
        if (target.Slot is { IsScattered: false } slot && (slot.Home.Partition != source.Partition || slot.Home.Topic != source.Topic))
        {
            slot.IsScattered = true;
            _scattered?.Invoke(slot, source);
        }
        // A message may hold nothing but what is passed over.
        if (samples.Count == 0) NewestTicks = latest - _bounds.Ahead.Ticks;
        return MessageFault.None;
    }

    /// <summary>Asks anew where each series leads: profiles changed, or room was made.</summary>
    public void Forget() => _series.Clear();
}
