using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ServiMon.Predict.Profiles;

/// <summary>Drafts a commented profile from the columns of a data set, for people to correct.</summary>
public static partial class ProfileDraft
{
    /// <summary>Multiples of the step for the horizons: 15, 30 and 60 steps suit assets that live for a few hundred steps.</summary>
    private static readonly ImmutableArray<int> HorizonSteps = [15, 30, 60];

    private static readonly ImmutableArray<(string Unit, long Ticks)> Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
    ];

    /// <summary>A profile that <see cref="ProfileReader.Parse"/> accepts, with a reason beside every guess.</summary>
    /// <param name="name">The profile's name.</param>
    /// <param name="step">Spacing of the grid, 1 ms to 7 days.</param>
    /// <param name="columns">Metric names in the order of the data.</param>
    /// <param name="sampleStatistics">What a sample of the values looked like, by column; columns may be absent.</param>
    /// <exception cref="ArgumentException">The name or the step is not allowed in a profile.</exception>
    /// <exception cref="InputException">A column's name cannot be a metric's, or there are more than 10,000.</exception>
    public static string Write(
        string name, TimeSpan step, IReadOnlyList<string> columns, IReadOnlyDictionary<string, ColumnStatistics>? sampleStatistics = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var text = new StringBuilder();
        text.Append("# Drafted from the names of the data's columns: check the guesses, correct them, delete what is no evidence.\n");
        text.Append(CultureInfo.InvariantCulture, $"profile: {name}\n");
        text.Append(CultureInfo.InvariantCulture, $"step: {InOneUnit(step)}  # spacing of the samples\n");
        var horizons = HorizonSteps.Select(steps => InOneUnit(steps * step));
        text.Append("# 15, 30 and 60 steps. Better: the spans that leave time to act, and that are short beside an asset's life.\n");
        text.Append(CultureInfo.InvariantCulture, $"horizons: [{string.Join(", ", horizons)}]\n");
        if (!ProfileReader.TryParse(text.ToString(), "draft", out var minimal, out var problems))
            throw new ArgumentException(string.Join("; ", problems), nameof(name));
        Check(columns);
        AppendDefaults(text, minimal);
        var left = columns.Where(MetricGuess.IsClock).Distinct(StringComparer.Ordinal).ToList();
        if (left.Count > 0) text.Append("\n# Clock readings: they say when, not how.\nignore:\n");
        foreach (var column in left) text.Append(CultureInfo.InvariantCulture, $"  - {Quoted(column)}\n");
        var guesses = ProfileInference.Guess(minimal, columns, ImmutableDictionary<string, MetricSpec>.Empty);
        text.Append(guesses.Count > 0 ? "\nmetrics:\n" : "");
        foreach (var guess in guesses) AppendMetric(text, guess, sampleStatistics?.GetValueOrDefault(guess.Spec.Name));
        return text.ToString();
    }

    private static void Check(IReadOnlyList<string> columns)
    {
        var problems = columns.Select((column, i) => (i, What: MetricSection.CheckName(column))).Where(c => c.What is not null)
            .Select(c => new Problem($"column {c.i + 1}", c.What!)).ToList();
        if (columns.Count > MetricSection.MostMetrics)
            problems.Add(new Problem("columns", $"{columns.Count} metrics; allowed: at most {MetricSection.MostMetrics}"));
        if (problems.Count > 0) throw new InputException(problems);
    }

    private static void AppendDefaults(StringBuilder text, Profile profile)
    {
        text.Append("\n# Defaults; remove the # to change one.\n");
        text.Append(CultureInfo.InvariantCulture, $"# lateness: {InOneUnit(profile.Lateness)}\n");
        text.Append(CultureInfo.InvariantCulture, $"# warm_up: {InOneUnit(profile.WarmUp)}\n");
        text.Append(CultureInfo.InvariantCulture, $"# stale_after: {InOneUnit(profile.StaleAfter)}\n");
        text.Append(CultureInfo.InvariantCulture, $"# half_lives: [{string.Join(", ", profile.HalfLives.Select(InOneUnit))}]\n");
        text.Append(CultureInfo.InvariantCulture, $"# groups: [{string.Join(", ", profile.Groups)}]\n");
        text.Append("# infer_metrics: true      # take columns that are not named below, too\n");
        text.Append("# drivers: []              # metrics that set the operating regime (load, ambient temperature)\n");
        text.Append("# failure_rules: []        # how an incident is seen in the metrics, where nobody records incidents\n");
    }

    private static void AppendMetric(StringBuilder text, MetricGuess guess, ColumnStatistics? statistics)
    {
        var spec = guess.Spec;
        var why = guess.Why;
        // A level in a known unit may well rise for a whole sample; a number without one that only rises is a running total.
        if (spec is { Kind: MetricKind.Gauge, Role: MetricRole.None, Limit: null, Unit: "" } && statistics is { LooksCumulative: true })
        {
            spec = spec with { Kind = MetricKind.Counter };
            why += "; rises all the time in the sample: a counter";
        }

        if (statistics is { IsConstant: true })
            why += string.Create(CultureInfo.InvariantCulture, $"; always {statistics.Minimum} in the sample");
        if (statistics is { Count: 0 }) why += "; without a value in the sample";
        var fields = new List<string> { $"kind: {MetricSection.Kinds[(int)spec.Kind]}", $"group: {spec.Group}" };
        // The role is written wherever reading would guess another one from the name.
        var read = MetricGuess.Of(spec.Name, spec.Kind, GroupGuess.Default).Spec;
        if (spec.Role != read.Role || spec.Role != MetricRole.None) fields.Add($"role: {MetricSection.Roles[(int)spec.Role]}");
        if (spec.Limit is { } limit) fields.Add("limit: " + LimitText(limit));
        if (spec.Scale != read.Scale) fields.Add(string.Create(CultureInfo.InvariantCulture, $"scale: {spec.Scale:R}"));
        text.Append(CultureInfo.InvariantCulture, $"  {Quoted(spec.Name)}: {{{string.Join(", ", fields)}}}  # {why}\n");
    }

    private static string LimitText(MetricLimit limit)
    {
        var what = limit.Constant is { } constant ? constant.ToString("R", CultureInfo.InvariantCulture) : Quoted(limit.Metric!);
        if (!limit.Remaining && (limit.Constant is not null || YamlFields.Number(limit.Metric!) is null)) return what;
        var key = limit.Constant is null ? "metric" : "constant";
        return limit.Remaining ? $"{{{key}: {what}, remaining: true}}" : $"{{{key}: {what}}}";
    }

    /// <summary>The span as a number of the largest unit that divides it.</summary>
    private static string InOneUnit(TimeSpan span)
    {
        foreach (var (unit, ticks) in Units)
            if (span > TimeSpan.Zero && span.Ticks % ticks == 0) return (span.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        // A span that cannot be written is left for the reader to refuse.
        return span >= TimeSpan.Zero && span <= DurationText.Longest
            ? DurationText.Format(span)
            : span.ToString("c", CultureInfo.InvariantCulture);
    }

    /// <summary>A name as YAML: plain where that is safe, else in double quotes.</summary>
    private static string Quoted(string name) =>
        PlainName().IsMatch(name) && name is not ("null" or "none")
            ? name
            : "\"" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}
