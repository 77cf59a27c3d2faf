namespace ServiMon.Predict.Training.Hazards;

/// <summary>Which fold each row is tested in; below 0 for rows that only train: -1 in every fold, -2 - f in all but fold f, in which others of their group are tested.</summary>
internal sealed record FoldPlan(int Count, int[] Fold)
{
    /// <summary>True when the row is trained on where the fold is tested.</summary>
    public bool Trains(int row, int fold) => Fold[row] != fold && Fold[row] != -2 - fold;

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
        for (var r = 0; r < rows.Count; r++)
            fold[r] = !foldOf.TryGetValue(rows.Group[r], out var own) ? -1 : evaluated(r) ? own : -2 - own;
        return new FoldPlan(folds, fold);
    }
}
