using System.Collections.Immutable;

namespace ServiMon.Predict.Profiles;

/// <summary>
/// Completes a profile from the names of the data's columns. Names only: the same columns always give the same profile, whatever the
/// values are. The rules are those of Prometheus naming (unit and <c>_total</c> at the end) and of plain column names; what no rule knows
/// is a gauge in the group <c>pressure</c>.
/// </summary>
public static class ProfileInference
{
    /// <summary>Adds the metrics that the profile does not name, with kind, group, role and limit guessed from the columns' names.</summary>
    /// <param name="columns">Metric names in the order of the data; <c>time</c>, the profile's identity labels and repeated names are skipped.</param>
    /// <returns>
    /// The metrics in the order of the columns; then those the profile names and the data do not have, in the profile's order.
    /// Completing twice changes nothing. A metric that serves as a limit always has a lane, even when <c>ignore</c> covers it.
    /// </returns>
    public static Profile Complete(Profile profile, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(columns);
        var named = profile.Metrics.ToDictionary(m => m.Name, StringComparer.Ordinal);
        var guesses = profile.InferMetrics ? Guess(profile, columns, named) : [];
        var inferred = guesses.ToDictionary(g => g.Spec.Name, g => g.Spec, StringComparer.Ordinal);
        var ordered = ImmutableArray.CreateBuilder<MetricSpec>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
            if ((named.TryGetValue(column, out var spec) || inferred.TryGetValue(column, out spec)) && placed.Add(column)) ordered.Add(spec);
        foreach (var spec in profile.Metrics)
            if (placed.Add(spec.Name)) ordered.Add(spec);
        foreach (var limit in ordered.Select(m => m.Limit?.Metric).OfType<string>().ToList())
            if (placed.Add(limit)) ordered.Add(AsLimit(limit, 1, profile.Groups).Spec);
        return profile with { Metrics = ordered.ToImmutable() };
    }

    /// <summary>True when a pattern of <see cref="Profile.Ignore"/> covers the name; <c>*</c> stands for any text.</summary>
    public static bool Ignores(this Profile profile, string name)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.Ignore.Any(pattern => Matches(pattern, name));
    }

    /// <summary>The guesses for the columns that the profile does not name, in the order of the columns.</summary>
    internal static List<MetricGuess> Guess(Profile profile, IReadOnlyList<string> columns, IReadOnlyDictionary<string, MetricSpec> named)
    {
        // Each limit with the factor of the metric that it limits, for both are in the same unit.
        var neededLimits = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var limit in profile.Metrics.Select(m => m.Limit?.Metric).OfType<string>()) neededLimits[limit] = 1;
        var usable = columns.Distinct(StringComparer.Ordinal).Where(IsUsable).ToList();
        var all = usable.ConvertAll(c => named.TryGetValue(c, out var spec) ? new MetricGuess(spec, "") : MetricGuess.Of(c, profile.Groups));
        var limits = LimitGuess.Of(all.ConvertAll(g => g.Spec));
        foreach (var name in named.Keys) limits.Remove(name);
        foreach (var guess in all)
            if (limits.TryGetValue(guess.Spec.Name, out var limit) && limit.Limit.Metric is { } metric)
                neededLimits.TryAdd(metric, guess.Spec.Scale);
        var requests = RequestCounters(all);
        var guesses = new List<MetricGuess>();
        foreach (var guess in all)
        {
            if (named.ContainsKey(guess.Spec.Name)) continue;
            if (neededLimits.TryGetValue(guess.Spec.Name, out var scale)) guesses.Add(AsLimit(guess.Spec.Name, scale, profile.Groups));
            else if (limits.TryGetValue(guess.Spec.Name, out var limit))
                guesses.Add(new MetricGuess(guess.Spec with { Limit = limit.Limit }, $"{guess.Why}; limit: {limit.Why}"));
            else if (requests.Contains(guess.Spec.Name))
                guesses.Add(new MetricGuess(guess.Spec with { Role = MetricRole.Request }, $"{guess.Why}; counts all operations"));
            else guesses.Add(guess);
        }

        return guesses;

        bool IsUsable(string column)
        {
            if (named.ContainsKey(column) || neededLimits.ContainsKey(column)) return true;
            return column != "time" && !profile.Identity.Contains(column) && !MetricGuess.IsClock(column) && !profile.Ignores(column);
        }
    }

    private static MetricGuess AsLimit(string name, double scale, ImmutableArray<string> groups) => new(
        MetricGuess.Of(name, MetricKind.Static, groups).Spec with { Role = MetricRole.None, Scale = scale }, "the limit of another metric");

    /// <summary>
    /// The counter of all operations, of which errors are a share: only names that end in it, and of those only the shortest, for a
    /// longer name counts a part (<c>cache_requests_total</c>). None is guessed when the profile names one.
    /// </summary>
    private static HashSet<string> RequestCounters(List<MetricGuess> all)
    {
        if (all.Exists(g => g.Spec.Role == MetricRole.Request)) return [];
        var counters = all.Where(g => g.Spec is { Kind: MetricKind.Counter, Role: MetricRole.None })
            .Select(g => MetricWords.Of(g.Spec.Name))
            .Where(w => w.Stem is [.., "requests" or "queries" or "operations" or "transactions"] or [.., "commands", "processed"])
            .Where(w => w.SecondsScale is null && w.Last is "total" or "count" && !w.Contains("cache")).ToList();
        var shortest = counters.Count == 0 ? 0 : counters.Min(w => w.Stem.Length);
        return [.. counters.Where(w => w.Stem.Length == shortest).Select(w => w.Name)];
    }

    /// <summary>Greedy matching that returns to the last <c>*</c>: at most the product of the lengths, and linear for ordinary patterns.</summary>
    private static bool Matches(string pattern, string name)
    {
        var (p, n, star, resume) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') (star, resume, p) = (p, n, p + 1);
            else if (p < pattern.Length && pattern[p] == name[n]) (p, n) = (p + 1, n + 1);
            else if (star >= 0) (p, n, resume) = (star + 1, resume + 1, resume + 1);
            else return false;
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
