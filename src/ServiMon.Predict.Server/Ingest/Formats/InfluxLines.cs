using System.Buffers.Text;
using System.Text;

namespace ServiMon.Predict.Server.Ingest.Formats;

/// <summary>
/// InfluxDB's line protocol, one or more lines a message: <c>cpu,host=a usage_idle=99.1,n=3i,up=true 1422568543702900257</c>. Each field is a
/// series, as with <see cref="TelegrafJson"/>; texts are no samples, booleans are 1 and 0. Every line has a time, in nanoseconds by default.
/// </summary>
/// <remarks>A backslash escapes comma, equals sign, space and itself in names, and quote and itself in texts.</remarks>
public sealed class InfluxLines(TimeUnit unit = TimeUnit.Nanoseconds) : ISampleFormat
{
    public string Name => "influx";

    public MessageFault Parse(ReadOnlySpan<byte> message, ParsedSamples target)
    {
        while (!message.IsEmpty)
        {
            var line = message[..LineEnd(message)];
            message = message[Math.Min(line.Length + 1, message.Length)..];
            line = line.TrimEnd("\r "u8).TrimStart(" "u8);
            if (line.IsEmpty || line[0] == (byte)'#') continue;
            if (ReadLine(line, target) is not MessageFault.None and var fault) return fault;
        }
        return target.Count == 0 ? MessageFault.Empty : MessageFault.None;
    }

    public SeriesIdentity? ReadIdentity(ReadOnlySpan<byte> identity)
    {
        if (!ParsedSamples.TrySplit(identity, out var series, out var field, out _)) return null;
        var nameEnd = End(series, ","u8);
        var labels = new List<KeyValuePair<string, string>>();
        for (var rest = series[nameEnd..]; !rest.IsEmpty;)
        {
            rest = rest[1..];
            var tag = rest[..End(rest, ","u8)];
            rest = rest[tag.Length..];
            var equals = End(tag, "="u8);
            if (equals == 0 || equals >= tag.Length - 1) return null;
            labels.Add(new(Unescape(tag[..equals]), Unescape(tag[(equals + 1)..])));
        }
        return nameEnd == 0 ? null : new SeriesIdentity(FieldName.Join(Unescape(series[..nameEnd]), Unescape(field)), labels);
    }

    private MessageFault ReadLine(ReadOnlySpan<byte> line, ParsedSamples target)
    {
        var series = line[..End(line, " "u8)];
        line = line[series.Length..].TrimStart(" "u8);
        if (series.IsEmpty || line.IsEmpty) return MessageFault.Syntax;
        var first = target.Count;
        while (true)
        {
            var field = line[..End(line, "= ,"u8)];
            if (field.IsEmpty || field.Length >= line.Length - 1 || line[field.Length] != (byte)'=') return MessageFault.Syntax;
            line = line[(field.Length + 1)..];
            var isText = line[0] == (byte)'"';
            var length = isText ? TextEnd(line) : line.IndexOfAny(" ,"u8) is >= 0 and var end ? end : line.Length;
            if (length <= 0) return isText ? MessageFault.Syntax : MessageFault.BadValue;
            if (!isText)
            {
                if (!TryValue(line[..length], out var value)) return MessageFault.BadValue;
                if (target.Add(series, field, default, 0, value) is not MessageFault.None and var fault) return fault;
            }
            line = line[length..];
            if (line.IsEmpty || line[0] != (byte)',') break;
            line = line[1..];
            if (line.IsEmpty) return MessageFault.Syntax;
        }
        if (line.IsEmpty) return MessageFault.MissingPart;
        line = line.TrimStart(" "u8);
        if (!Utf8Parser.TryParse(line, out long time, out var consumed) || consumed != line.Length || !UnixTime.TryTicks(time, unit, out var ticks))
            return MessageFault.BadTime;
        target.SetTicks(first, ticks);
        return MessageFault.None;
    }

    private static bool TryValue(ReadOnlySpan<byte> text, out double value)
    {
        var last = text[^1];
        if (last == (byte)'i' && Utf8Parser.TryParse(text[..^1], out long whole, out var consumed) && consumed == text.Length - 1)
        {
            value = whole;
            return true;
        }
        if (last == (byte)'u' && Utf8Parser.TryParse(text[..^1], out ulong natural, out consumed) && consumed == text.Length - 1)
        {
            value = natural;
            return true;
        }
        var isTrue = text.SequenceEqual("t"u8) || text.SequenceEqual("T"u8) || text.SequenceEqual("true"u8) || text.SequenceEqual("True"u8) || text.SequenceEqual("TRUE"u8);
        value = isTrue ? 1 : 0;
        return isTrue || text.SequenceEqual("f"u8) || text.SequenceEqual("F"u8) || text.SequenceEqual("false"u8) || text.SequenceEqual("False"u8)
            || text.SequenceEqual("FALSE"u8) || NumberText.TryParse(text, out value);
    }

    /// <summary>End of the line: a line feed inside a quoted text is part of it.</summary>
    private static int LineEnd(ReadOnlySpan<byte> text)
    {
        var inText = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\') i++;
            else if (text[i] == (byte)'"' && (inText || i > 0 && text[i - 1] == (byte)'=')) inText = !inText;
            else if (text[i] == (byte)'\n' && !inText) return i;
        }
        return text.Length;
    }

    /// <summary>Length up to the first of the stops that no backslash escapes.</summary>
    private static int End(ReadOnlySpan<byte> text, ReadOnlySpan<byte> stops)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\') i++;
            else if (stops.Contains(text[i])) return i;
        }
        return text.Length;
    }

    /// <summary>Length of the quoted text at the start, both quotes included; -1 when it does not end.</summary>
    private static int TextEnd(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\') i++;
            else if (text[i] == (byte)'"') return i + 1;
        }
        return -1;
    }

    private static string Unescape(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'\\') < 0) return Encoding.UTF8.GetString(text);
        var plain = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\' && i + 1 < text.Length && text[i + 1] is (byte)',' or (byte)'=' or (byte)' ' or (byte)'\\') i++;
            plain[length++] = text[i];
        }
        return Encoding.UTF8.GetString(plain.AsSpan(0, length));
    }
}
