namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// One shape of message. Parsing allocates nothing for a sample: the series stays the bytes by which the message names it, and is read
/// by <see cref="ReadIdentity"/> only when these bytes are seen for the first time.
/// </summary>
public interface ISampleFormat
{
    /// <summary>As in the configuration.</summary>
    string Name { get; }

    /// <summary>Reads a message. Never throws, whatever the bytes.</summary>
    /// <param name="target">Cleared by the caller. With a fault, what it holds means nothing: a message counts whole or not at all.</param>
    MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target);

    /// <summary>What the bytes of a series say; null when they make no sense.</summary>
    SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity);
}
