namespace ServiMon.Predict.Training.Hazards;

/// <summary>Which fold each row is tested in; -1 for rows that only train.</summary>
internal sealed record FoldPlan(int Count, int[] Fold)
{
    /// <summary>
    /// Folds over whole groups: those with incidents are dealt out so that folds have as many incidents, the others so that they have as
    /// many rows.
    /// </summary>
    /// <returns>Null when fewer than two groups have incidents.</returns>
    public static FoldPlan? Make(HazardRows rows, Func<int, bool> evaluated, int wanted, int seed)
    {
        var sizes = new Dictionary<int, int>();
        var incidents = new Dictionary<int, HashSet<int>>();
        for (var r = 0; r < rows.Count; r++)
        {
            if (!evaluated(r)) continue;
            sizes[rows.Group[r]] = sizes.GetValueOrDefault(rows.Group[r]) + 1;
            if (rows.Incident[r] < 0) continue;
            if (!incidents.TryGetValue(rows.Group[r], out var seen)) incidents[rows.Group[r]] = seen = [];
            seen.Add(rows.Incident[r]);
        }
        if (incidents.Count < 2) return null;
        var folds = Math.Min(wanted, incidents.Count);
        var groups = sizes.Keys.Order().ToArray();
        new Random(seed).Shuffle(groups);
        var (load, rowsIn) = (new int[folds], new int[folds]);
        var foldOf = new Dictionary<int, int>();
        foreach (var group in groups.OrderByDescending(g => incidents.TryGetValue(g, out var seen) ? seen.Count : 0))
        {
            var count = incidents.TryGetValue(group, out var its) ? its.Count : 0;
            var best = 0;
            for (var f = 1; f < folds; f++)
            {
                var (a, b) = count > 0 ? ((load[f], rowsIn[f]), (load[best], rowsIn[best])) : ((rowsIn[f], 0), (rowsIn[best], 0));
                if (a.CompareTo(b) < 0) best = f;
            }
            foldOf[group] = best;
            load[best] += count;
            rowsIn[best] += sizes[group];
        }
        var fold = new int[rows.Count];
        for (var r = 0; r < rows.Count; r++) fold[r] = evaluated(r) ? foldOf[rows.Group[r]] : -1;
        return new FoldPlan(folds, fold);
    }
}
