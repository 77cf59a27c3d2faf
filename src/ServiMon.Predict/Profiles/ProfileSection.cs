using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Profiles;

/// <summary>Reads the keys of a profile's top level. Ranges are generous: they catch slips of the hand and bound memory.</summary>
internal sealed partial class ProfileSection(YamlFields file)
{
    public static readonly string[] Keys =
    [
        "profile", "step", "horizons", "lateness", "warm_up", "stale_after", "half_lives", "groups", "metrics", "ignore", "infer_metrics",
        "probes", "drivers", "infer_drivers", "identity", "failure_rules", "composite", "age_from_first_row", "prior_failures_per_year",
        "time_zone",
    ];

    public const int MostHorizons = 16;
    public const int MostGroups = 16;
    public const int MostPatterns = 1000;
    public const int MostDrivers = 64;
    public const int MostLabels = 8;
    public const int MostRules = 64;

    /// <summary>One failure a second: recorded stress tests fail every few minutes.</summary>
    public const double MostFailuresPerYear = 31_557_600;

    private static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestHorizon = TimeSpan.FromDays(3650);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);
    private static readonly string[] RuleKeys = ["kind", "metric", "when", "for"];

    /// <summary>The profile; to be used only when no problem was added.</summary>
    public Profile? Read(string source)
    {
        Require("profile", "step", "horizons");
        var name = Name("profile");
        var step = file.Duration("step", ShortestStep, LongestStep);
        var horizons = Horizons(step);
        var grid = step ?? TimeSpan.FromMinutes(1);
        var lateness = file.Duration("lateness", TimeSpan.Zero, LongestWait) ?? 2 * grid;
        var warmUp = file.Duration("warm_up", TimeSpan.Zero, LongestWait) ?? 3 * grid;
        var staleAfter = file.Duration("stale_after", step ?? ShortestStep, LongestHorizon) ?? 10 * grid;
        var halfLives = HalfLives(horizons);
        var groups = Groups();
        var section = new MetricSection(file, groups);
        var metrics = section.Read();
        var infers = file.Flag("infer_metrics") ?? true;
        section.CheckLimits(infers);
        var known = metrics.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        if (!infers && metrics.IsEmpty) file.Problem("infer_metrics", "is false and metrics names none: nothing is left to look at");
        var ignore = Names("ignore", MostPatterns, "the name of a metric, with * for any text");
        var drivers = Names("drivers", MostDrivers, "the name of a metric");
        if (!infers) Known("drivers", drivers, known);
        var infersDrivers = file.Flag("infer_drivers") ?? (infers && !file.Has("drivers"));
        var identity = file.Has("identity") ? Names("identity", MostLabels, "the name of a label") : ["asset"];
        if (identity.IsEmpty) file.Problem("identity", "names no label; expected 1 to 8");
        var rules = Rules(infers ? null : known);
        var composite = file.Flag("composite") ?? false;
        var age = file.Flag("age_from_first_row");
        var prior = file.Positive("prior_failures_per_year", MostFailuresPerYear);
        var zone = file.Text("time_zone", ZoneGrammar);
        if (zone is not null && !ZonePattern().IsMatch(zone)) file.Problem("time_zone", $"is '{zone}'; expected {ZoneGrammar}");
        if (name is null || step is null || horizons.IsEmpty) return null;
        return new Profile
        {
            Name = name, Step = grid, Horizons = horizons, Lateness = lateness, WarmUp = warmUp, StaleAfter = staleAfter,
            HalfLives = halfLives, Groups = groups, Metrics = metrics, Ignore = ignore, InferMetrics = infers, Drivers = drivers,
            InferDrivers = infersDrivers, Identity = identity, FailureRules = rules, Composite = composite, AgeFromFirstRow = age, PriorFailuresPerYear = prior,
            TimeZone = zone, Source = source,
        };
    }

    private void Require(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (!file.Has(key)) file.Problem(key, "is missing; every profile needs profile, step and horizons");
    }

    private string? Name(string key)
    {
        if (file.Text(key, NameGrammar) is not { } name) return null;
        if (IsName(name)) return name;
        file.Problem(key, $"is '{name}'; expected {NameGrammar}");
        return null;
    }

    public const string ZoneGrammar = "the name of a time zone such as Europe/Rome, at most 64 letters, digits and / _ + -";

    public const string NameGrammar = "1 to 64 letters, digits, '-', '_' or '.', beginning with a letter or digit";

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    private ImmutableArray<Horizon> Horizons(TimeSpan? step)
    {
        var horizons = ImmutableArray.CreateBuilder<Horizon>();
        if (file.Texts("horizons", MostHorizons, DurationText.Grammar) is not { } texts) return [];
        if (texts.Count == 0) file.Problem("horizons", $"is empty; expected 1 to {MostHorizons} spans of time, ascending");
        foreach (var (text, line) in texts)
        {
            if (file.Duration(line, "horizons", text, ShortestStep, LongestHorizon) is not { } span) continue;
            if (step is { } s && span < s) file.Problem("horizons", $"{text} is shorter than the step of {DurationText.Format(s)}");
            else if (horizons.Count > 0 && span == horizons[^1].Span) file.Problem("horizons", $"{text} is given twice");
            else if (horizons.Count > 0 && span < horizons[^1].Span)
                file.Problem("horizons", $"{text} follows {horizons[^1].Text}; expected ascending order");
            else horizons.Add(new Horizon(span, text));
        }

        return horizons.ToImmutable();
    }

    /// <summary>Three averages: one that follows a failure as it develops, one as long as the horizons, one between (1/10, 1/3, 1).</summary>
    private ImmutableArray<TimeSpan> HalfLives(ImmutableArray<Horizon> horizons)
    {
        if (file.Texts("half_lives", 3, DurationText.Grammar) is { } texts)
        {
            var spans = texts.ConvertAll(t => file.Duration(t.Line, "half_lives", t.Text, ShortestStep, LongestHorizon));
            if (texts.Count != 3) file.Problem("half_lives", $"has {texts.Count} entries; expected exactly 3, ascending");
            for (var i = 1; i < spans.Count; i++)
                if (spans[i] <= spans[i - 1]) file.Problem("half_lives", $"{texts[i].Text} follows {texts[i - 1].Text}; expected ascending order");
            return [.. spans.OfType<TimeSpan>()];
        }

        if (horizons.IsEmpty) return [];
        var mean = TimeSpan.FromTicks((long)Math.Exp(horizons.Average(h => Math.Log(h.Span.Ticks))));
        // Whole milliseconds: the mean of the logarithms leaves meaningless digits. Steps are 1 ms or more, so three remain distinct.
        return [Whole(mean / 10, 1), Whole(mean / 3, 2), Whole(mean, 3)];

        static TimeSpan Whole(TimeSpan span, int least) =>
            TimeSpan.FromMilliseconds(Math.Max(least, (long)Math.Round(span.TotalMilliseconds)));
    }

    private ImmutableArray<string> Groups()
    {
        if (!file.Has("groups")) return GroupGuess.Default;
        var groups = Names("groups", MostGroups, "the name of a group");
        foreach (var group in groups.Where(g => !IsName(g))) file.Problem("groups", $"'{group}' is no name; expected {NameGrammar}");
        if (!groups.IsEmpty) return groups;
        file.Problem("groups", $"names none; expected 1 to {MostGroups}, or leave the key out");
        return GroupGuess.Default;
    }

    private ImmutableArray<string> Names(string key, int most, string expected)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var (text, _) in file.Texts(key, most, expected) ?? [])
        {
            if (names.Contains(text)) file.Problem(key, $"'{text}' is given twice");
            else if (MetricSection.CheckName(text) is { } problem) file.Problem(key, $"'{text}': {problem}");
            else names.Add(text);
        }

        return names.ToImmutable();
    }

    private void Known(string key, IEnumerable<string> names, HashSet<string> known)
    {
        foreach (var name in names.Where(n => !known.Contains(n)))
            file.Problem(key, $"unknown metric '{name}': infer_metrics is false and metrics does not name it");
    }

    private ImmutableArray<FailureRule> Rules(HashSet<string>? known)
    {
        var rules = ImmutableArray.CreateBuilder<FailureRule>();
        foreach (var rule in file.Maps("failure_rules", MostRules, RuleKeys, "a mapping with kind, metric, when and for"))
        {
            foreach (var key in new[] { "kind", "metric", "when" })
                if (!rule.Has(key)) rule.Problem(key, "is missing");
            var kind = rule.Text("kind", NameGrammar);
            if (kind is not null && !IsName(kind)) rule.Problem("kind", $"is '{kind}'; expected {NameGrammar}");
            var metric = rule.Text("metric", "the name of a metric");
            if (metric is not null && known?.Contains(metric) == false)
                rule.Problem("metric", $"unknown metric '{metric}': infer_metrics is false and metrics does not name it");
            var held = rule.Duration("for", TimeSpan.Zero, LongestWait) ?? TimeSpan.Zero;
            if (Condition(rule) is { } when && kind is not null && metric is not null)
                rules.Add(new FailureRule(kind, metric, when.Comparison, when.Value, held));
        }

        return rules.ToImmutable();
    }

    private static (string Comparison, double Value)? Condition(YamlFields rule)
    {
        const string expected = "missing, or one of <, <=, >, >=, == and a number, such as \"< 1\"";
        if (rule.Text("when", expected) is not { } text) return null;
        if (text == "missing") return ("missing", 0);
        var match = ConditionPattern().Match(text);
        if (match.Success && YamlFields.Number(match.Groups[2].Value) is { } value) return (match.Groups[1].Value, value);
        rule.Problem("when", $"is '{text}'; expected {expected}");
        return null;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9/_+-]{0,63}$")]
    private static partial Regex ZonePattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^(<=|>=|==|<|>)\s*([^\s]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex ConditionPattern();
}
