using System.Globalization;
using System.Net;

namespace ServiMon.Predict.Training.Evaluation;

/// <summary>Numbers, times and escaped text as the page of a report has them.</summary>
internal static class PageText
{
    /// <summary>Below this, three decimals would show too little of a number.</summary>
    private const double Small = 0.01;

    public static string Escaped(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Three decimals, or two digits of a number near zero; a dash for what is not defined.</summary>
    public static string Number(double? value) => value switch
    {
        null => "–",
        { } v when !double.IsFinite(v) => "–",
        0 => "0",
        { } v when Math.Abs(v) < Small => Minus(v.ToString("G2", CultureInfo.InvariantCulture)),
        { } v => Fixed(v),
    };

    private static string Fixed(double value) => Minus(value.ToString("0.000;-0.000;0.000", CultureInfo.InvariantCulture));

    /// <summary>As people say it: no zeros at the end.</summary>
    public static string Short(double value) => Minus(value.ToString("G2", CultureInfo.InvariantCulture));

    public static string Interval(double? low, double? high) => low is null || high is null ? "–" : $"{Fixed(low.Value)} to {Fixed(high.Value)}";

    /// <summary>One decimal, or two digits below 1 %; what is not quite 100 % does not become it.</summary>
    public static string Percent(double share) => share is > 0.9995 and < 1
        ? "> 99.9 %"
        : (share * 100).ToString(share is > 0 and < 0.01 ? "G2" : "0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Thousands apart, by a space that does not break.</summary>
    public static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u00a0');

    public static string Count(long count, string one, string many) => $"{Whole(count)} {(count == 1 ? one : many)}";

    /// <summary>In the unit that leaves one to three digits: s, min, h or d.</summary>
    public static string Span(double? seconds) => seconds switch
    {
        null => "–",
        < 120 => Tenth(seconds.Value, "s"),
        < 2 * 3600 => Tenth(seconds.Value / 60, "min"),
        < 2 * 86400 => Tenth(seconds.Value / 3600, "h"),
        _ => Tenth(seconds.Value / 86400, "d"),
    };

    public static string Time(long ticks) => new DateTime(ticks, DateTimeKind.Utc).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A coordinate.</summary>
    public static string At(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Tenth(double value, string unit) =>
        value.ToString(value < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + "\u00a0" + unit;

    private static string Minus(string text) => text.Replace('-', '\u2212');
}
