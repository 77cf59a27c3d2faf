using System.Buffers.Text;

namespace ServiMon.Predict.Storage.Csv;

/// <summary>How the zone of a time is written.</summary>
internal enum ZoneForm : byte { None, UpperZ, LowerZ, HoursMinutesColon, HoursMinutes, Hours }

/// <summary>The way a time is written: with the ticks it gives back the text exactly as read.</summary>
/// <param name="Separator">Between date and time: <c>T</c>, <c>t</c> or a space.</param>
/// <param name="Fraction">Digits of the second's fraction; -1 when there are no seconds at all.</param>
internal readonly record struct TimeShape(char Separator, sbyte Fraction, ZoneForm Zone, bool NegativeZone, short OffsetMinutes)
{
    /// <summary>The form that this program writes: <c>2024-01-01T00:00:00Z</c>.</summary>
    public static TimeShape Canonical => new('T', 0, ZoneForm.UpperZ, false, 0);

    public string Render(long utcTicks)
    {
        var local = new DateTime(utcTicks + OffsetMinutes * TimeSpan.TicksPerMinute, DateTimeKind.Unspecified);
        Span<char> text = stackalloc char[40];
        local.TryFormat(text, out _, "yyyy-MM-dd", null);
        text[10] = Separator;
        local.TryFormat(text[11..], out var length, Fraction < 0 ? "HH:mm" : "HH:mm:ss", null);
        length += 11;
        if (Fraction > 0)
        {
            text[length++] = '.';
            var fraction = utcTicks % TimeSpan.TicksPerSecond;
            for (var scale = TimeSpan.TicksPerSecond / 10; scale >= CsvTime.FractionScale(Fraction); scale /= 10)
                text[length++] = (char)('0' + fraction / scale % 10);
        }
        return string.Concat(text[..length], ZoneText());
    }

    private string ZoneText()
    {
        var minutes = Math.Abs((int)OffsetMinutes);
        var sign = NegativeZone ? '-' : '+';
        return Zone switch
        {
            ZoneForm.None => "",
            ZoneForm.UpperZ => "Z",
            ZoneForm.LowerZ => "z",
            ZoneForm.HoursMinutesColon => $"{sign}{minutes / 60:00}:{minutes % 60:00}",
            ZoneForm.HoursMinutes => $"{sign}{minutes / 60:00}{minutes % 60:00}",
            _ => $"{sign}{minutes / 60:00}",
        };
    }
}

/// <summary>
/// Times as ISO 8601: date, <c>T</c> or space, <c>HH:mm[:ss[.fraction]]</c>, then <c>Z</c>, an offset (converted to UTC) or
/// nothing (UTC). A fraction has up to 9 digits; what is finer than a tick (100 ns) is cut off.
/// </summary>
internal static class CsvTime
{
    public const string Form = "write ISO-8601 UTC such as 2024-01-01T00:00:00Z";

    /// <summary>Digits of a second's fraction that ticks can hold.</summary>
    private const int TickDigits = 7;

    /// <param name="exact">False when the text cannot be given back from ticks and shape.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out long ticks, out TimeShape shape, out bool exact)
    {
        ticks = 0;
        shape = default;
        exact = true;
        if (text.Length < 16 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')) return false;
        if (!Digits(text[..4], out var year) || !Digits(text[5..7], out var month) || !Digits(text[8..10], out var day)) return false;
        if (!Digits(text[11..13], out var hour) || !Digits(text[14..16], out var minute)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59) return false;
        ticks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks;
        var separator = (char)text[10];
        var rest = text[16..];
        sbyte fraction = -1;
        if (rest.Length >= 3 && rest[0] == ':')
        {
            if (!Digits(rest[1..3], out var second) || second > 59) return false;
            ticks += second * TimeSpan.TicksPerSecond;
            rest = rest[3..];
            fraction = 0;
            if (rest.Length > 1 && rest[0] == '.' && !TakeFraction(ref rest, ref ticks, out fraction, out exact)) return false;
        }
        if (!TakeZone(rest, out var zone, out var negative, out var offset)) return false;
        ticks -= offset * TimeSpan.TicksPerMinute;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) return false;
        shape = new TimeShape(separator, fraction, zone, negative, offset);
        return true;
    }

    /// <summary>The canonical text: seconds, and a fraction only when there is one.</summary>
    public static string Text(long ticks)
    {
        var fraction = ticks % TimeSpan.TicksPerSecond;
        if (fraction == 0) return TimeShape.Canonical.Render(ticks);
        sbyte digits = TickDigits;
        for (; fraction % 10 == 0; fraction /= 10) digits--;
        return (TimeShape.Canonical with { Fraction = digits }).Render(ticks);
    }

    /// <summary>What to say of a cell that is no time.</summary>
    public static string Problem(string column, ReadOnlySpan<byte> cell)
    {
        var text = CsvText.Shown(cell);
        if (cell.IsEmpty) return $"{column} is empty; {Form}";
        var plain = Utf8Parser.TryParse(cell, out double _, out var used) && used == cell.Length;
        return plain ? $"{column} '{text}' is a plain number; {Form}" : $"{column} '{text}' is not a time; {Form}";
    }

    internal static long FractionScale(int digits)
    {
        var scale = TimeSpan.TicksPerSecond;
        for (var i = 0; i < digits; i++) scale /= 10;
        return scale;
    }

    private static bool TakeFraction(ref ReadOnlySpan<byte> rest, ref long ticks, out sbyte digits, out bool exact)
    {
        digits = 0;
        var scale = TimeSpan.TicksPerSecond;
        var i = 1;
        for (; i < rest.Length && rest[i] is >= (byte)'0' and <= (byte)'9'; i++)
        {
            scale /= 10;
            ticks += (rest[i] - '0') * scale;
        }
        exact = i - 1 <= TickDigits;
        digits = (sbyte)Math.Min(i - 1, TickDigits);
        rest = rest[i..];
        return i > 1 && i - 1 <= 9;
    }

    private static bool TakeZone(ReadOnlySpan<byte> text, out ZoneForm zone, out bool negative, out short offset)
    {
        (zone, negative, offset) = (ZoneForm.None, false, 0);
        if (text.IsEmpty) return true;
        if (text.Length == 1)
        {
            zone = text[0] == 'Z' ? ZoneForm.UpperZ : ZoneForm.LowerZ;
            return text[0] is (byte)'Z' or (byte)'z';
        }
        if (text[0] is not ((byte)'+' or (byte)'-')) return false;
        negative = text[0] == '-';
        int hours, minutes = 0;
        switch (text.Length)
        {
            case 3 when Digits(text[1..3], out hours): zone = ZoneForm.Hours; break;
            case 5 when Digits(text[1..3], out hours) && Digits(text[3..5], out minutes): zone = ZoneForm.HoursMinutes; break;
            case 6 when text[3] == ':' && Digits(text[1..3], out hours) && Digits(text[4..6], out minutes): zone = ZoneForm.HoursMinutesColon; break;
            default: return false;
        }
        // ISO 8601 offsets in use run to 14 h; 18 h is the bound that XML Schema and java.time set.
        if (hours > 18 || minutes > 59) return false;
        offset = (short)((hours * 60 + minutes) * (negative ? -1 : 1));
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + (b - '0');
        }
        return true;
    }
}
