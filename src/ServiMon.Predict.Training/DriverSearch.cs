using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Training;

/// <summary>
/// Finds metrics that set the operating regime where the profile names none: settings that take a few well separated values, go back and
/// forth between them within most assets, and explain most of what most other metrics do. A flag of dying changes once and comes not
/// back, an attribute never changes, and an event explains little: none of them passes.
/// </summary>
internal static class DriverSearch
{
    /// <summary>Fewer rows say nothing.</summary>
    private const int LeastRows = 200;

    private const int MostValues = 12;

    /// <summary>The values leave this share of the variance, as regimes told apart well do; see <see cref="RegimeFit"/>.</summary>
    private const double TightShare = 1e-3;

    /// <summary>Every value is taken by this share of the rows and by half of the assets.</summary>
    private const double LeastShare = 0.02;

    /// <summary>Changes of value for each asset on average, in the rows looked at: there and back twice.</summary>
    private const double LeastChanges = 4;

    /// <summary>A metric is set by the regime when the regime explains this share of its variance; half of the other metrics must be.</summary>
    private const double ExplainedShare = 0.5;

    /// <summary>One more driver must leave at most this part of the variance that the drivers before it left.</summary>
    private const double WorthwhileRest = 0.7;

    /// <summary>Of drivers whose leftovers differ by less than this, the one with the better separated values is taken.</summary>
    private const double AsGood = 0.02;

    /// <param name="rows">N rows of K values after rate and scale.</param>
    /// <param name="assetOf">N indices: which asset a row is of; rows of one asset stand together, in order of time.</param>
    /// <returns>Indices of the drivers, ascending; none when nothing looks like one.</returns>
    public static int[] Find(IReadOnlyList<double[]> rows, IReadOnlyList<int> assetOf)
    {
        if (rows.Count < LeastRows) return [];
        var k = rows[0].Length;
        var lanes = new List<Lane>();
        var settings = new List<Setting>();
        for (var m = 0; m < k; m++)
        {
            var column = rows.Select(r => r[m]).ToArray();
            if (!column.All(double.IsFinite) || column.Min() == column.Max()) continue;
            var setting = Setting.Of(m, column);
            lanes.Add(new Lane(m, setting is null, Array.ConvertAll(column, EvidenceModel.Transform)));
            if (setting is not null && ComesAndGoes(setting.Value, assetOf)) settings.Add(setting);
        }
        return Choose(settings, lanes);
    }

    /// <param name="Metric">Its index.</param>
    /// <param name="IsMoving">It does not keep to a few values.</param>
    /// <param name="Values">N values as evidence sees them.</param>
    private sealed record Lane(int Metric, bool IsMoving, double[] Values);

    private static int[] Choose(List<Setting> settings, List<Lane> lanes)
    {
        var chosen = new List<int>();
        int[]? labels = null;
        var rest = 1.0;
        while (settings.Count > 0)
        {
            var options = settings.Select(s => (Setting: s, Labels: Joint(labels, s.Value))).Where(o => o.Labels is not null)
                .Select(o => (o.Setting, o.Labels, Left: Left(lanes, o.Setting.Metric, chosen, o.Labels!))).ToList();
            if (options.Count == 0) break;
            var least = options.Min(o => o.Left.Mean);
            var best = options.Where(o => o.Left.Mean <= least + AsGood).MinBy(o => o.Setting.Tightness);
            if (labels is null && !best.Left.IsMost || best.Left.Mean > WorthwhileRest * rest) break;
            (labels, rest) = (best.Labels, best.Left.Mean);
            chosen.Add(best.Setting.Metric);
            settings.Remove(best.Setting);
        }
        return [.. chosen.Order()];
    }

    /// <summary>Mean share of the other metrics' variance that the labels leave, and whether they explain most of them, the moving ones also by themselves.</summary>
    private static (double Mean, bool IsMost) Left(List<Lane> lanes, int driver, List<int> chosen, int[] labels)
    {
        var others = lanes.Where(l => l.Metric != driver && !chosen.Contains(l.Metric))
            .Select(l => (l.IsMoving, Share: Explained(l.Values, labels))).ToList();
        if (!others.Any(o => o.IsMoving)) return (1, false);
        return (1 - others.Average(o => o.Share), Most(others) && Most(others.Where(o => o.IsMoving).ToList()));

        static bool Most(List<(bool IsMoving, double Share)> some) => 2 * some.Count(o => o.Share >= ExplainedShare) >= some.Count;
    }

    private static bool ComesAndGoes(int[] value, IReadOnlyList<int> assetOf)
    {
        var seen = new HashSet<(int Asset, int Value)>();
        var changes = 0;
        for (var i = 0; i < value.Length; i++)
        {
            seen.Add((assetOf[i], value[i]));
            if (i > 0 && assetOf[i] == assetOf[i - 1] && value[i] != value[i - 1]) changes++;
        }
        var assets = assetOf.Distinct().Count();
        return changes >= LeastChanges * assets && seen.GroupBy(s => s.Value).All(g => 2 * g.Count() >= assets);
    }

    /// <summary>Both at once; null when that is more regimes than are looked for.</summary>
    private static int[]? Joint(int[]? labels, int[] value)
    {
        if (labels is null) return value;
        var number = new Dictionary<(int, int), int>();
        var joint = new int[value.Length];
        for (var i = 0; i < joint.Length; i++)
        {
            if (!number.TryGetValue((labels[i], value[i]), out var n)) number[(labels[i], value[i])] = n = number.Count;
            joint[i] = n;
        }
        return number.Count <= MostValues ? joint : null;
    }

    /// <summary>Share of the variance between the labels (eta squared); 0 for a constant.</summary>
    private static double Explained(double[] lane, int[] labels)
    {
        var count = labels.Max() + 1;
        var (sum, rows) = (new double[count], new int[count]);
        var mean = lane.Average();
        for (var i = 0; i < lane.Length; i++)
        {
            sum[labels[i]] += lane[i] - mean;
            rows[labels[i]]++;
        }
        double between = 0;
        for (var l = 0; l < count; l++)
            if (rows[l] > 0) between += sum[l] * sum[l] / rows[l];
        var total = lane.Sum(v => (v - mean) * (v - mean));
        return total > 0 ? between / total : 0;
    }

    /// <param name="Metric">Its index.</param>
    /// <param name="Value">N numbers of the value that each row has, from 0.</param>
    /// <param name="Tightness">Share of the variance within the values; less is better separated.</param>
    private sealed record Setting(int Metric, int[] Value, double Tightness)
    {
        /// <summary>The column as a setting when it takes a few well separated values; cut at the widest gaps.</summary>
        public static Setting? Of(int metric, double[] column)
        {
            var sorted = column.Order().ToArray();
            var n = sorted.Length;
            var mean = sorted.Average();
            var total = sorted.Sum(v => (v - mean) * (v - mean));
            var cuts = Enumerable.Range(1, n - 1).OrderByDescending(i => sorted[i] - sorted[i - 1]).Take(MostValues - 1).ToArray();
            for (var count = 1; count <= cuts.Length; count++)
            {
                int[] ends = [.. cuts.Take(count).Order(), n];
                var within = Within(sorted, ends);
                if (within > TightShare * total) continue;
                var starts = ends.Prepend(0).ToArray();
                if (ends.Where((end, i) => end - starts[i] < LeastShare * n).Any()) return null;
                var firsts = ends.SkipLast(1).Select(e => sorted[e]).ToArray();
                return new Setting(metric, Array.ConvertAll(column, v => firsts.Count(f => v >= f)), within / total);
            }
            return null;
        }

        private static double Within(double[] sorted, int[] ends)
        {
            double within = 0;
            var start = 0;
            foreach (var end in ends)
            {
                double mean = 0;
                for (var i = start; i < end; i++) mean += sorted[i] / (end - start);
                for (var i = start; i < end; i++) within += (sorted[i] - mean) * (sorted[i] - mean);
                start = end;
            }
            return within;
        }
    }
}
