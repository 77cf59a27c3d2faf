using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Training.Hazards;

/// <summary>The distribution of the anomaly level that live levels are ranked against.</summary>
internal static class AnomalyReference
{
    // At steps of 2 percent in the tail share this many reach from 1 to below one in 20,000.
    private const int KnotCount = 512;

    /// <summary>Ranks with one added to both counts, so that no share is 0; null when the column holds no number.</summary>
    public static AnomalyRatio? Fit(EvidenceTable table, int column, double cap)
    {
        var levels = new List<(float Level, float Weight)>();
        for (var r = 0; r < table.Count; r++)
        {
            var level = table.Values[(long)r * table.Width + column];
            if (!float.IsNaN(level)) levels.Add((level, table.Weight[r]));
        }
        if (levels.Count == 0) return null;
        levels.Sort((a, b) => b.Level.CompareTo(a.Level));
        var total = levels.Sum(l => (double)l.Weight);
        var sum = 0.0;
        var (kept, tails) = (new List<float>(), new List<double>());
        var next = 0.0;
        for (var i = 0; i < levels.Count; i++)
        {
            sum += levels[i].Weight;
            var lastOfLevel = i + 1 == levels.Count || levels[i + 1].Level < levels[i].Level;
            if (!lastOfLevel) continue;
            var tail = (sum + 1) / (total + 1);
            if (tail < next && i + 1 < levels.Count) continue;
            kept.Add(levels[i].Level);
            tails.Add(Math.Min(1, tail));
            next = kept.Count < KnotCount ? tail * 1.02 : double.PositiveInfinity;
        }
        kept.Reverse();
        tails.Reverse();
        return new AnomalyRatio(column, [.. kept], [.. tails], cap);
    }
}
