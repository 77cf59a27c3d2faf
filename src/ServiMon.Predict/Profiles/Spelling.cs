namespace ServiMon.Predict.Profiles;

/// <summary>Guesses what a misspelt word should have been.</summary>
public static class Spelling
{
    /// <summary>The known names that are most like a word, the most alike first, leaving out those with over half of the letters wrong.</summary>
    /// <param name="count">Most names to give.</param>
    public static IReadOnlyList<string> Nearest(string word, IEnumerable<string> known, int count) =>
    [
        .. known.Select(name => (Name: name, Distance: Distance(word, name)))
            .Where(n => n.Distance <= Math.Max(1, Math.Max(word.Length, n.Name.Length) / 2))
            .OrderBy(n => n.Distance).ThenBy(n => n.Name, StringComparer.Ordinal).Take(count).Select(n => n.Name),
    ];

    /// <summary>The known name that is meant, or null: a third of the letters wrong is still recognisable, more is a different word.</summary>
    public static string? Near(string word, IEnumerable<string> known)
    {
        string? nearest = null;
        var least = int.MaxValue;
        foreach (var name in known)
        {
            var allowed = Math.Max(1, Math.Max(word.Length, name.Length) / 3);
            if (Math.Abs(word.Length - name.Length) > allowed || Distance(word, name) is var distance && (distance > allowed || distance >= least)) continue;
            (nearest, least) = (name, distance);
        }
        return nearest;
    }

    /// <summary><c>; did you mean 'x'?</c>, or nothing when no name is near.</summary>
    public static string Hint(string word, IEnumerable<string> known) => Near(word, known) is { } name ? $"; did you mean '{name}'?" : "";

    /// <summary>An end of a sentence that suggests the nearest allowed word, or that lists them all when none is near.</summary>
    public static string Suggest(string word, IReadOnlyCollection<string> allowed) =>
        Near(word, allowed) is { } name ? $"did you mean '{name}'?" : $"allowed: {string.Join(", ", allowed)}";

    /// <summary>Insertions, deletions and replacements from one word to the other (Levenshtein 1966), ignoring case.</summary>
    private static int Distance(string from, string to)
    {
        if (from.Length > 64) return int.MaxValue;
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                var same = char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]);
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (same ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
