using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>One line of a report on the Numenta Anomaly Benchmark.</summary>
/// <param name="What">The detector, and how its threshold was chosen.</param>
/// <param name="FalsePerSeriesDay">Rows outside all windows at or above the threshold, for each series and day.</param>
internal sealed record NabLine(string What, string Profile, double Score, double Threshold, int WindowsHit, int Windows, double FalsePerSeriesDay);

/// <summary>What the detector reaches on the Numenta Anomaly Benchmark, with trivial detectors beside it.</summary>
/// <param name="Lines">All profiles; then each half of the series, odd and even by name, at the threshold of the other.</param>
internal sealed record NabReport(string Benchmark, int Series, long Rows, int Windows, IReadOnlyList<NabLine> Lines)
{
    public static NabReport Of(NabCorpus corpus, IReadOnlyList<DetectionRow[]> detections, int seed)
    {
        var all = corpus.Series;
        double[][] scores = [.. detections.Select(rows => rows.Select(r => r.Score).ToArray())];
        var lines = new List<NabLine>();
        foreach (var profile in corpus.Profiles) lines.Add(Line("detector, best threshold", all, scores, profile, null));
        var standard = corpus.Profiles.FirstOrDefault(p => p.Name == "standard") ?? corpus.Profiles[0];
        lines.AddRange(Halves(all, scores, standard));
        lines.Add(Line("nothing is detected", all, [.. scores.Select(s => new double[s.Length])], standard, 1));
        var random = new Random(seed);
        lines.Add(Line("random", all, [.. scores.Select(s => s.Select(_ => random.NextDouble()).ToArray())], standard, null));
        return new NabReport("nab", all.Count, all.Sum(s => (long)s.Series.Ticks.Length), all.Sum(s => s.WindowCount), lines);
    }

    private static IEnumerable<NabLine> Halves(IReadOnlyList<NabSeries> all, double[][] scores, NabProfile profile)
    {
        NabSeries[][] half = [.. Enumerable.Range(0, 2).Select(h => all.Where((_, i) => i % 2 == h).ToArray())];
        double[][][] halfScores = [.. Enumerable.Range(0, 2).Select(h => scores.Where((_, i) => i % 2 == h).ToArray())];
        double raw = 0, windows = 0;
        for (var h = 0; h < 2; h++)
        {
            var threshold = NabScorer.BestThreshold(half[1 - h], halfScores[1 - h], profile);
            var line = Line($"detector, {(h == 0 ? "even" : "odd")} half, threshold of the other", half[h], halfScores[h], profile, threshold);
            raw += NabScorer.At(half[h], halfScores[h], profile, threshold).Raw;
            windows += half[h].Sum(s => s.WindowCount);
            yield return line;
        }

        var nothing = -windows * profile.FalseNegative;
        yield return new NabLine("detector, both halves so", profile.Name, 100 * (raw - nothing) / (windows * profile.TruePositive - nothing), double.NaN, 0, (int)windows, double.NaN);
    }

    private static NabLine Line(string what, IReadOnlyList<NabSeries> series, IReadOnlyList<double[]> scores, NabProfile profile, double? threshold)
    {
        var result = NabScorer.At(series, scores, profile, threshold ?? NabScorer.BestThreshold(series, scores, profile));
        var days = series.Sum(s => new TimeSpan(s.Series.Ticks.Max() - s.Series.Ticks.Min()).TotalDays * s.Window.Count(w => w != NabSeries.Probation) / s.Window.Length);
        return new NabLine(what, profile.Name, result.Score, result.Threshold, result.WindowsHit, result.Windows, result.FalsePositives / days);
    }
}
