using System.Buffers.Text;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>Numbers as Prometheus and InfluxDB spell them.</summary>
internal static class NumberText
{
    /// <summary>A decimal number, or NaN, Inf, +Inf, -Inf in these spellings; the whole text or nothing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        if (text.IsEmpty)
        {
            value = 0;
            return false;
        }
        if (text[^1] is >= (byte)'0' and <= (byte)'9' or (byte)'.')
            return Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;
        value = text.SequenceEqual("NaN"u8) ? double.NaN
            : text.SequenceEqual("+Inf"u8) || text.SequenceEqual("Inf"u8) ? double.PositiveInfinity
            : double.NegativeInfinity;
        return double.IsNaN(value) || double.IsPositiveInfinity(value) || text.SequenceEqual("-Inf"u8);
    }
}
