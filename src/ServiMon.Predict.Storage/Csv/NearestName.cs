namespace ServiMon.Predict.Storage.Csv;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The known name with the smallest edit distance (Levenshtein 1966), or null when none is near: at most a third of the longer name.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in known)
        {
            var allowed = Math.Max(name.Length, candidate.Length) / 3;
            if (Math.Abs(name.Length - candidate.Length) > allowed) continue;
            var distance = Distance(name, candidate);
            if (distance > allowed || distance >= bestDistance) continue;
            (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
