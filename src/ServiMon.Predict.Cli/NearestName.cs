namespace ServiMon.Predict.Cli;

/// <summary>Suggests the name that a user may have meant.</summary>
internal static class NearestName
{
    /// <summary><c>; did you mean 'x'?</c>, or nothing when no name is near.</summary>
    public static string Suggest(string written, IEnumerable<string> names)
    {
        var nearest = names.Select(n => (Name: n, Distance: Distance(written, n))).OrderBy(n => n.Distance).FirstOrDefault();
        // Up to a third of the letters wrong is a slip; more is another word.
        return nearest.Name is not null && nearest.Distance <= Math.Max(1, nearest.Name.Length / 3) ? $"; did you mean '{nearest.Name}'?" : "";
    }

    /// <summary>Letters to insert, remove or replace, ignoring case (Levenshtein, 1966).</summary>
    internal static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, replaced);
            }
        }
        return row[^1];
    }
}
