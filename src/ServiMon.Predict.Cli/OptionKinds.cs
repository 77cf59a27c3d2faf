using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Cli;

/// <summary>Options by what their value is, each with one clear line for a bad value.</summary>
internal static class OptionKinds
{
    private static readonly string[] TimeFormats =
        ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", "yyyy-MM-ddTHH:mm:sszzz", "yyyy-MM-ddTHH:mmZ", "yyyy-MM-dd"];

    /// <summary>A bound on nonsense that keeps spans of that many days within what a clock can hold.</summary>
    private const int MostNumber = 1_000_000;

    public static Option<string> RequiredPath(string name, string valueName, string description) =>
        new(name) { HelpName = valueName, Description = description, Required = true };

    public static Option<string?> OptionalPath(string name, string valueName, string description) =>
        new(name) { HelpName = valueName, Description = description };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    public static Option<int?> WholeNumber(string name, string description, int least, int most, bool required = false) =>
        new(name)
        {
            HelpName = "N", Description = description, Required = required,
            CustomParser = result =>
            {
                var text = Text(result);
                if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
                result.AddError($"{name}: '{text}' is no whole number from {least} to {most}");
                return null;
            },
        };

    public static Option<double?> PositiveNumber(string name, string valueName, string description, bool required = false) =>
        new(name)
        {
            HelpName = valueName, Description = description, Required = required,
            CustomParser = result =>
            {
                var text = Text(result);
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= MostNumber) return value;
                result.AddError($"{name}: '{text}' is no number above 0, at most {MostNumber}");
                return null;
            },
        };

    public static Option<DateTimeOffset?> Time(string name, string description) =>
        new(name)
        {
            HelpName = "TIME", Description = description,
            CustomParser = result =>
            {
                var text = Text(result);
                if (DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
                    return time;
                result.AddError($"{name}: '{text}' is no time; write it in UTC like 2024-01-31T00:00:00Z");
                return null;
            },
        };

    public static Option<TimeSpan?> Span(string name, string description) =>
        new(name)
        {
            HelpName = "SPAN", Description = description,
            CustomParser = result =>
            {
                var text = Text(result);
                if (DurationText.TryParse(text, out var span) && span > TimeSpan.Zero) return span;
                result.AddError($"{name}: '{text}' is no span of time above zero: expected {DurationText.Grammar}");
                return null;
            },
        };

    public static Option<string?> OneOf(string name, string description, IReadOnlyList<string> allowed) =>
        new(name)
        {
            HelpName = string.Join('|', allowed), Description = description,
            CustomParser = result =>
            {
                var text = Text(result);
                if (allowed.Contains(text)) return text;
                result.AddError($"{name}: '{text}' is not one of {string.Join(", ", allowed)}");
                return null;
            },
        };

    private static string Text(ArgumentResult result) => result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
}
