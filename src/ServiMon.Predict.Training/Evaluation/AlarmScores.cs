namespace ServiMon.Predict.Training.Evaluation;

/// <summary>
/// What alarms at a threshold would have done: incidents caught, lead times, false alarm episodes. An unbroken run of false alarmed rows
/// counts one episode for each horizon it lasts, so that an alarm that never goes off is not one episode.
/// </summary>
internal static class AlarmScores
{
    public static readonly double[] Budgets = [0.01, 0.1, 1.0];

    /// <summary>Rows further apart than this many steps do not belong to one episode.</summary>
    private const double EpisodeGap = 1.5;

    /// <summary>Thresholds tried: ranks that grow by this factor, so that they are dense at the top.</summary>
    private const double RankGrowth = 1.03;

    /// <param name="starts">Incident starts of each asset, ascending.</param>
    public static IReadOnlyList<AlarmScore> Score(IReadOnlyList<ScoredRow> rows, IReadOnlyList<long[]> starts, TimeSpan horizon, TimeSpan step)
    {
        if (rows.Count == 0) return [];
        var days = rows.Count * step.TotalDays;
        var catchable = Catchable(rows, starts, horizon);
        var trials = Thresholds(rows).Select(t => Try(rows, starts, catchable, horizon, step, t)).ToList();
        var always = Try(rows, starts, catchable, horizon, step, double.NegativeInfinity);
        return [.. Budgets.Select(budget =>
        {
            var vacuous = always.Episodes / days <= budget;
            var best = trials.Where(t => t.Episodes / days <= budget)
                .OrderByDescending(t => t.Leads.Count).ThenByDescending(t => Median(t.Leads) ?? 0).ThenBy(t => t.Episodes).FirstOrDefault();
            return best is null
                ? new AlarmScore(budget, null, 0, catchable.Count, null, 0, vacuous)
                : new AlarmScore(budget, best.Threshold, best.Leads.Count, catchable.Count, Median(best.Leads), best.Episodes / days, vacuous);
        })];
    }

    private static HashSet<(int, long)> Catchable(IReadOnlyList<ScoredRow> rows, IReadOnlyList<long[]> starts, TimeSpan horizon)
    {
        var found = new HashSet<(int, long)>();
        foreach (var row in rows)
        {
            var all = starts[row.Asset];
            for (var i = After(all, row.Ticks); i < all.Length && row.Ticks >= all[i] - horizon.Ticks; i++) found.Add((row.Asset, all[i]));
        }
        return found;
    }

    private static List<double> Thresholds(IReadOnlyList<ScoredRow> rows)
    {
        var sorted = rows.Select(r => r.Probability).OrderDescending().ToArray();
        var thresholds = new List<double>();
        for (var rank = 0; rank < sorted.Length; rank = Math.Max(rank + 1, (int)(rank * RankGrowth)))
            if (thresholds.Count == 0 || sorted[rank] < thresholds[^1]) thresholds.Add(sorted[rank]);
        if (sorted[^1] < thresholds[^1]) thresholds.Add(sorted[^1]);
        return thresholds;
    }

    private static Trial Try(IReadOnlyList<ScoredRow> rows, IReadOnlyList<long[]> starts, HashSet<(int, long)> catchable, TimeSpan horizon, TimeSpan step, double threshold)
    {
        long episodes = 0;
        var leads = new Dictionary<(int, long), double>();
        long runStart = 0, runEnd = 0;
        var runAsset = -1;
        foreach (var row in rows)
        {
            if (row.Probability < threshold) continue;
            var all = starts[row.Asset];
            var next = After(all, row.Ticks);
            if (next < all.Length && row.Ticks >= all[next] - horizon.Ticks)
            {
                var start = all[next];
                if (catchable.Contains((row.Asset, start))) leads.TryAdd((row.Asset, start), TimeSpan.FromTicks(start - row.Ticks).TotalSeconds);
                continue;
            }
            if (runAsset == row.Asset && row.Ticks - runEnd <= EpisodeGap * step.Ticks) runEnd = row.Ticks;
            else
            {
                episodes += Count();
                (runAsset, runStart, runEnd) = (row.Asset, row.Ticks, row.Ticks);
            }
        }
        return new Trial(threshold, episodes + Count(), [.. leads.Values]);

        long Count() => runAsset < 0 ? 0 : Math.Max(1, (long)Math.Ceiling((runEnd - runStart + step.Ticks) / (double)horizon.Ticks - 1e-9));
    }

    /// <summary>Index of the first start after the time, by bisection.</summary>
    private static int After(long[] starts, long ticks)
    {
        int from = 0, to = starts.Length;
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (starts[middle] <= ticks) from = middle + 1;
            else to = middle;
        }
        return from;
    }

    private static double? Median(IReadOnlyList<double> values)
    {
        if (values.Count == 0) return null;
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed record Trial(double Threshold, long Episodes, IReadOnlyList<double> Leads);
}
