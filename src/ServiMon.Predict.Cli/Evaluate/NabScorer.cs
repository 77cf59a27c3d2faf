namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>What a detector reaches at a threshold.</summary>
/// <param name="Raw">The sum of what its detections are worth and of what missed windows cost.</param>
/// <param name="Score">The same on a scale where detecting nothing is 0 and perfection 100.</param>
/// <param name="FalsePositives">Rows outside all windows at or above the threshold.</param>
internal readonly record struct NabResult(string Profile, double Threshold, double Raw, double Score, int WindowsHit, int Windows, int FalsePositives);

/// <summary>Scores rows as the Numenta Anomaly Benchmark does; proved on the rows that are published with it.</summary>
internal static class NabScorer
{
    /// <summary>The threshold over a set of series at which the score is greatest; the highest where several are.</summary>
    /// <param name="scores">For each series its rows' scores, higher = more anomalous.</param>
    public static double BestThreshold(IReadOnlyList<NabSeries> series, IReadOnlyList<double[]> scores, NabProfile profile)
    {
        var rows = new List<(double Score, int Series, int Row)>();
        var gains = series.Select(s => new double[s.WindowCount]).ToArray();
        var total = 0.0;
        for (var s = 0; s < series.Count; s++)
        {
            Array.Fill(gains[s], double.NaN);
            for (var i = 0; i < scores[s].Length; i++)
            {
                var window = series[s].Window[i];
                if (window == NabSeries.Probation) continue;
                rows.Add((scores[s][i], s, i));
                if (window < 0 || !double.IsNaN(gains[s][window])) continue;
                gains[s][window] = -profile.FalseNegative;
                total -= profile.FalseNegative;
            }
        }

        rows.Sort((a, b) => b.Score.CompareTo(a.Score));
        var (best, threshold) = (total, double.PositiveInfinity);
        for (var at = 0; at < rows.Count;)
        {
            var score = rows[at].Score;
            for (; at < rows.Count && rows[at].Score == score; at++)
            {
                var (_, s, i) = rows[at];
                var gain = series[s].Gain(i, profile);
                var window = series[s].Window[i];
                if (window < 0) total += gain;
                else if (gain > gains[s][window])
                {
                    total += gain - gains[s][window];
                    gains[s][window] = gain;
                }
            }

            if (total > best) (best, threshold) = (total, score);
        }

        return threshold;
    }

    /// <summary>What is reached with detections at and above a threshold.</summary>
    public static NabResult At(IReadOnlyList<NabSeries> series, IReadOnlyList<double[]> scores, NabProfile profile, double threshold)
    {
        double raw = 0, windows = 0, all = 0;
        int hits = 0, falsePositives = 0;
        for (var s = 0; s < series.Count; s++)
        {
            var best = new Dictionary<int, double>();
            for (var i = 0; i < scores[s].Length; i++)
            {
                var window = series[s].Window[i];
                if (window == NabSeries.Probation) continue;
                if (window >= 0) best.TryAdd(window, -profile.FalseNegative);
                if (!(scores[s][i] >= threshold)) continue;
                var gain = series[s].Gain(i, profile);
                if (window >= 0) best[window] = Math.Max(best[window], gain);
                else
                {
                    raw += gain;
                    falsePositives++;
                }
            }

            raw += best.Values.Sum();
            hits += best.Values.Count(v => v > -profile.FalseNegative);
            windows += best.Count;
            all += series[s].WindowCount;
        }

        var nothing = -all * profile.FalseNegative;
        return new NabResult(profile.Name, threshold, raw, 100 * (raw - nothing) / (all * profile.TruePositive - nothing), hits, (int)windows, falsePositives);
    }
}
