using System.CommandLine;
using System.Globalization;
using ServiMon.Predict.Cli.Input;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Cli.Verbs;

/// <summary>The options of <c>detect</c> that say what counts as a spike, and by whose clock.</summary>
internal static class DetectionChoice
{
    private static readonly string[] Directions = ["both", "up", "down"];

    private static readonly Option<double?> Alarms = new("--false-alarms-per-day")
    {
        HelpName = "N",
        Description = "Spike verdicts a day that a series without anomalies may get, 0.0001 to 10000 [default: 0.1]",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && value is >= DetectorOptions.LeastAlarms and <= DetectorOptions.MostAlarms) return value;
            result.AddError($"--false-alarms-per-day: '{text}' is no number from 0.0001 to 10000");
            return null;
        },
    };

    private static readonly Option<string?> Direction = OptionKinds.OneOf("--direction", "Which way spikes go; both is the default", Directions);

    private static readonly Option<string?> TimeZone = OptionKinds.OptionalPath(
        "--time-zone", "ZONE", "Whose clock the hours of the week follow, e.g. Europe/Rome [default: the profile's, else UTC]");

    private static readonly Option<string?> Profile = OptionKinds.OptionalPath("--profile", "P", "Profile whose time zone counts, and which says what the samples are [default: drafted from them]: a path, or a name in models/");

    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Alarms, Direction, TimeZone, Profile }) command.Options.Add(option);
    }

    /// <summary>What was chosen.</summary>
    /// <exception cref="InputException">With every option that cannot be.</exception>
    public static DetectorOptions Of(VerbRun run)
    {
        var problems = new InputProblems();
        var named = run.Value(TimeZone) is { } name ? problems.Try(() => ForecastVerb.Zone(name)!) : null;
        var profiled = run.Value(Profile) is { } profile ? problems.Try(() => ProfileZone(profile)) : null;
        problems.ThrowIfAny();
        var defaults = new DetectorOptions();
        return new DetectorOptions
        {
            FalseAlarmsPerDay = run.Value(Alarms) ?? defaults.FalseAlarmsPerDay,
            Direction = run.Value(Direction) is { } direction ? (SpikeDirection)Array.IndexOf(Directions, direction) : defaults.Direction,
            Zone = named ?? profiled,
        };
    }

    /// <summary>The profile as given, or null.</summary>
    public static string? ProfileOf(VerbRun run) => run.Value(Profile);

    /// <summary>Options that another engine would leave unheard.</summary>
    /// <exception cref="InputException">With each that was given.</exception>
    public static void RefuseAny(VerbRun run)
    {
        Option[] given = [.. new Option[] { Alarms, Direction, TimeZone, Profile }.Where(o => run.Parsed.GetResult(o) is not null)];
        if (given.Length > 0) throw new InputException([.. given.Select(o => new Problem(o.Name, "is not known to --engine mlnet"))]);
    }

    private static TimeZoneInfo ProfileZone(string profile)
    {
        var read = ProfileFiles.Read(profile);
        if (read.TimeZone is not { } name) return TimeZoneInfo.Utc;
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone : throw new InputException($"{read.Source}: time_zone", $"'{name}' is no time zone that this machine knows");
    }
}
