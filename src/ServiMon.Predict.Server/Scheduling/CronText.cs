using System.Globalization;

namespace ServiMon.Predict.Server.Scheduling;

/// <summary>
/// Cron expressions of two kinds: Quartz's with six or seven fields, seconds first, and cron's own with five (minute, hour, day of month, month,
/// day of week), which is put into Quartz's.
/// </summary>
internal static class CronText
{
    private const int DaysOfWeek = 7;

    private static readonly string[] DayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <returns>Quartz's expression for the text.</returns>
    /// <exception cref="FormatException">When five fields say what Quartz cannot, or nothing.</exception>
    public static string ToQuartz(string text)
    {
        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5) return text;
        var (minute, hour, dayOfMonth, month, dayOfWeek) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
        var anyDayOfMonth = dayOfMonth is "*" or "?";
        if (dayOfWeek is "*" or "?") return $"0 {minute} {hour} {(anyDayOfMonth ? "*" : dayOfMonth)} {month} ?";
        if (!anyDayOfMonth)
            throw new FormatException("a day of month and a day of week, of which cron takes either, are not supported together; write * for one of them");
        return $"0 {minute} {hour} ? {month} {string.Join(',', Days(dayOfWeek).Select(d => (d + 1).ToString(CultureInfo.InvariantCulture)))}";
    }

    /// <summary>The days that a field names, 0 for Sunday: cron counts from 0 (7 is Sunday too), Quartz from 1.</summary>
    private static SortedSet<int> Days(string field)
    {
        var days = new SortedSet<int>();
        foreach (var part in field.Split(','))
        {
            var slash = part.IndexOf('/');
            var range = slash < 0 ? part : part[..slash];
            var every = slash < 0 ? 1 : int.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw Bad(field);
            var dash = range.IndexOf('-');
            var from = range == "*" ? 0 : Day(dash < 0 ? range : range[..dash], field);
            var to = range == "*" ? DaysOfWeek - 1 : dash < 0 ? slash < 0 ? from : DaysOfWeek - 1 : Day(range[(dash + 1)..], field);
            if (to < from) to += DaysOfWeek;
            for (var day = from; day <= to; day += every) days.Add(day % DaysOfWeek);
        }
        return days;
    }

    private static int Day(string text, string field)
    {
        var named = Array.IndexOf(DayNames, text.ToUpperInvariant());
        if (named >= 0) return named;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) && day <= DaysOfWeek ? day : throw Bad(field);
    }

    private static FormatException Bad(string field) => new($"'{field}' is no day of week; allowed: 0 to 7 (0 and 7 are Sunday) or SUN to SAT, with '-', '/' and ','");
}
