namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>From the messages of one topic to samples, none of them larger than is allowed.</summary>
internal sealed class BoundedParser(TopicOptions topic, IngestBounds bounds)
{
    private readonly ParsedSamples _samples = new(bounds.MessageSamples);

    public ISampleFormat Format { get; } = SampleFormats.Create(topic);

    /// <summary>The samples of the last message; none when it had a fault.</summary>
    public ParsedSamples Samples => _samples;

    /// <summary>Reads one message whole, or nothing of it with a fault.</summary>
    public MessageFault Parse(ReadOnlySpan<byte> message)
    {
        _samples.Clear();
        if (message.IsEmpty) return MessageFault.Empty;
        if (message.Length > bounds.MessageBytes) return MessageFault.TooLarge;
        var fault = Format.Parse(message, _samples);
        if (fault != MessageFault.None) _samples.Clear();
        return fault;
    }
}
