using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Detection;

/// <summary>Takes the season out of a whole series, by times on a local clock: a day that comes and goes is no change of level.</summary>
/// <remarks>
/// Classical decomposition made robust: each phase of a season has the median of how far its values lie from the moving mean of one season around them, which a change of
/// level disturbs in one cycle only. Tried are the day, the week, the day by its kind (working days, weekends) and what <see cref="SeasonDetection"/> finds; the one that leaves
/// least is taken, if it leaves little enough.
/// </remarks>
internal static class HistorySeason
{
    /// <summary>Cycles from which on a median of a phase says something.</summary>
    private const double LeastCycles = 4;

    /// <summary>Weeks from which on the level of weekends beside that of working days is part of a season; before that only how each day goes.</summary>
    private const double LeastWeeks = 3;

    /// <summary>Days from which on the two kinds of them are told apart.</summary>
    private const double LeastDays = 8;

    private const int LeastPhases = 3;

    private const int NearSteps = 2;

    /// <summary>Larger values are left as they are: their sums would overflow.</summary>
    private const double Bound = 1e120;

    /// <summary>A season known by every other cycle leaves less than this share of the square of the others' mean distance.</summary>
    private const double MostLeft = 0.9;

    /// <summary>Share of a season's values that must be there around one for its moving mean.</summary>
    private const double LeastPresent = 0.5;

    /// <summary>The values without their season; as they are where there is none.</summary>
    /// <param name="ticks">n times, UTC, 100 ns, ascending.</param>
    /// <param name="values">n values; those that are not finite stay as they are.</param>
    /// <param name="zone">Whose days and weeks count; null for UTC.</param>
    public static double[] Removed(ReadOnlySpan<long> ticks, ReadOnlySpan<double> values, TimeZoneInfo? zone)
    {
        var result = values.ToArray();
        int[] kept = [.. Enumerable.Range(0, result.Length).Where(i => Math.Abs(result[i]) <= Bound)];
        if (kept.Length < LeastPhases * LeastCycles) return result;
        long[] times = new long[kept.Length], local = new long[kept.Length];
        var x = new double[kept.Length];
        var clock = new LocalTime(zone ?? TimeZoneInfo.Utc);
        for (var i = 0; i < kept.Length; i++) (times[i], local[i], x[i]) = (ticks[kept[i]], clock.At(ticks[kept[i]]), values[kept[i]]);
        var step = MedianStep(times);
        if (step <= 0) return result;
        Season? best = null;
        foreach (var (window, phaseCount, phases) in Candidates(times, local, x, step))
        {
            var season = Season.Of(times, x, window, phases, phaseCount, LeastPresent * window / step);
            if (season is not null && season.Left < (best?.Left ?? MostLeft)) best = season;
        }

        if (best is null) return result;
        for (var i = 0; i < kept.Length; i++) result[kept[i]] -= best.Profile[best.Phases[i]];
        return result;
    }

    /// <summary>What may be a season: the window of its moving mean, its phases, and each value's phase.</summary>
    private static IEnumerable<(long Window, int PhaseCount, int[] Phases)> Candidates(long[] times, long[] local, double[] x, long step)
    {
        const long day = TimeSpan.TicksPerDay, week = 7 * day;
        var span = times[^1] - times[0] + step;
        // One that is found by its autocorrelation may be a step off, which over many cycles is another phase.
        var found = Found(times, x, step).SelectMany(s => Enumerable.Range(s - NearSteps, 2 * NearSteps + 1)).Distinct();
        foreach (var (length, from) in new[] { (day, local), (week, local) }.Concat(found.Select(s => (s * step, times))))
        {
            var phases = PhaseCount(length);
            if (phases >= LeastPhases && span >= LeastCycles * length) yield return (length, phases, Phases(from, length, phases));
        }

        var inDay = PhaseCount(day);
        if (inDay < LeastPhases || span < LeastDays * day) yield break;
        var byKind = Phases(local, day, inDay);
        for (var i = 0; i < byKind.Length; i++)
            if (new DateTime(local[i]).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) byKind[i] += inDay;
        yield return (span < LeastWeeks * week ? day : week, 2 * inDay, byKind);

        // None where most of a season's places would be empty.
        int PhaseCount(long length) => length / step <= x.Length / LeastCycles ? (int)(length / step) : 0;
    }

    private static int[] Found(long[] times, double[] x, long step)
    {
        // After a gap as long as a grid there is one value to go by.
        if (times[^1] - times[^2] >= (RegularGrid.MaxCount - 1) * step) return [];
        var grid = RegularGrid.From(times, x, TimeSpan.FromTicks(step));
        // The calendar is tried anyway: no lag is a day here.
        return SeasonDetection.Find(grid.Values, long.MaxValue);
    }

    private static int[] Phases(long[] times, long length, int count) => [.. times.Select(t => (int)((double)(t % length) * count / length))];

    private static long MedianStep(long[] times)
    {
        long[] steps = [.. times.Skip(1).Zip(times, (b, a) => b - a).Where(s => s > 0).Order()];
        return steps.Length == 0 ? 0 : steps[steps.Length / 2];
    }

    /// <summary>A season fitted.</summary>
    /// <param name="Profile">For each phase, what it adds.</param>
    /// <param name="Phases">Each value's.</param>
    /// <param name="Left">Share of the squared mean distance that it leaves in cycles that it was not learned from.</param>
    private sealed record Season(double[] Profile, int[] Phases, double Left)
    {
        public static Season? Of(long[] times, double[] x, long window, int[] phases, int phaseCount, double leastPresent)
        {
            var distances = FromMovingMean(times, x, window, leastPresent);
            // What a cycle has cannot be held against itself: each is judged by the others of the other parity.
            var byParity = new[] { new List<double>[phaseCount], new List<double>[phaseCount] };
            var all = new List<double>[phaseCount];
            for (var i = 0; i < x.Length; i++)
            {
                if (double.IsNaN(distances[i])) continue;
                (byParity[Parity(i)][phases[i]] ??= []).Add(distances[i]);
                (all[phases[i]] ??= []).Add(distances[i]);
            }

            var others = byParity.Select(Medians).ToArray();
            double before = 0, after = 0;
            for (var i = 0; i < x.Length; i++)
            {
                if (double.IsNaN(distances[i])) continue;
                before += Math.Abs(distances[i]);
                after += Math.Abs(distances[i] - others[1 - Parity(i)][phases[i]]);
            }

            return before > 0 ? new Season(Medians(all), phases, Math.Pow(after / before, 2)) : null;

            int Parity(int i) => (int)((times[i] - times[0]) / window % 2);
        }

        /// <summary>How far values lie from the mean of the window around them; NaN where it reaches beyond the series or holds few.</summary>
        private static double[] FromMovingMean(long[] times, double[] x, long window, double leastPresent)
        {
            var distances = new double[x.Length];
            var sums = new double[x.Length + 1];
            for (var i = 0; i < x.Length; i++) sums[i + 1] = sums[i] + (x[i] - x[0]);
            int from = 0, to = 0;
            for (var i = 0; i < x.Length; i++)
            {
                var (start, end) = (times[i] - window / 2, times[i] - window / 2 + window);
                while (times[from] < start) from++;
                while (to < x.Length && times[to] < end) to++;
                var isWhole = start >= times[0] && end <= times[^1] && to - from >= leastPresent;
                distances[i] = isWhole ? x[i] - x[0] - (sums[to] - sums[from]) / (to - from) : double.NaN;
            }

            return distances;
        }

        private static double[] Medians(List<double>[] byPhase) => [.. byPhase.Select(p => p is null ? 0 : Median(p))];

        private static double Median(List<double> values)
        {
            values.Sort();
            var middle = values.Count / 2;
            return values.Count % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
        }
    }
}
