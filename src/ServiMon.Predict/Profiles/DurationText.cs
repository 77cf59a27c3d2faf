using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ServiMon.Predict.Profiles;

/// <summary>
/// Spans of time as people write them: <c>250ms</c>, <c>2s</c>, <c>1.75s</c>, <c>15m</c>, <c>1h30m</c>, <c>7d</c>. Units from the largest to
/// the smallest, each at most once, without spaces or sign; only the last number may have a fraction. Resolution 100 ns.
/// </summary>
public static class DurationText
{
    /// <summary>The longest span that can be written, 36,525 days: a century, far beyond any horizon and safe from overflow in sums.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(36525);

    /// <summary>What a problem says about how a span is written.</summary>
    public const string Grammar = "a number and a unit (ms, s, m, h, d), such as 250ms, 2s, 15m, 1h30m, 7d";

    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <exception cref="FormatException">The text is no span of time.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var span) ? span : throw new FormatException($"'{text}' is no span of time: expected {Grammar}");

    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text)) return false;
        decimal ticks = 0;
        var position = 0;
        var nextUnit = 0;
        while (position < text.Length)
        {
            var digits = position;
            while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] == '.')) position++;
            var letters = position;
            while (position < text.Length && char.IsAsciiLetterLower(text[position])) position++;
            var number = text[digits..letters];
            var unit = Array.FindIndex(Units, u => u.Unit == text[letters..position]);
            if (unit < nextUnit || number.Length is 0 or > 20) return false;
            if (!char.IsAsciiDigit(number[0]) || !char.IsAsciiDigit(number[^1])) return false;
            if (number.Contains('.') && position < text.Length) return false;
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
            if (value > Longest.Ticks) return false;
            ticks += value * Units[unit].Ticks;
            nextUnit = unit + 1;
        }

        if (ticks > Longest.Ticks) return false;
        span = TimeSpan.FromTicks((long)decimal.Round(ticks));
        return true;
    }

    /// <summary>The shortest exact text; <see cref="Parse"/> gives the same span back.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative span, or one above <see cref="Longest"/>.</exception>
    public static string Format(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(span, Longest);
        if (span == TimeSpan.Zero) return "0s";
        var text = new StringBuilder();
        var rest = span.Ticks;
        foreach (var (unit, ticks) in Units)
        {
            var last = ticks == TimeSpan.TicksPerMillisecond;
            var count = last ? rest / (decimal)ticks : rest / ticks;
            if (count == 0) continue;
            text.Append(count.ToString("0.####", CultureInfo.InvariantCulture)).Append(unit);
            rest %= ticks;
        }

        return text.ToString();
    }
}
