using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>One line of a report on labelled events.</summary>
internal sealed record EventLine(
    string What, double F1, double Precision, double Recall, double FalseAlarmsPerSeriesDay, int Detected, int Events, int MedianDelayRows)
{
    public static EventLine Of(string what, EventResult r) =>
        new(what, r.F1, r.Precision, r.Recall, r.FalseAlarmsPerSeriesDay, r.Detected, r.Events, r.MedianDelayRows);
}

/// <summary>What the default verdict reaches on labelled events, with trivial verdicts beside it.</summary>
internal sealed record EventReport(string Benchmark, int Series, long Rows, int Events, double SeriesDays, IReadOnlyList<EventLine> Lines)
{
    public static EventReport Of(IReadOnlyList<EventSeries> series, IReadOnlyList<DetectionRow[]> detections, int seed)
    {
        var whole = EventScorer.Of(series, (s, i) => detections[s][i].Verdict != Verdict.None);
        var lines = new List<EventLine>
        {
            EventLine.Of("default verdict", whole),
            EventLine.Of("default verdict, even half (constants chosen here)", Half(series, detections, 0)),
            EventLine.Of("default verdict, odd half", Half(series, detections, 1)),
            EventLine.Of("spikes alone", EventScorer.Of(series, (s, i) => detections[s][i].Verdict == Verdict.Spike)),
            EventLine.Of("no alarm ever", EventScorer.Of(series, (_, _) => false)),
            EventLine.Of("alarm at every row", EventScorer.Of(series, (_, _) => true)),
        };
        var rows = detections.Sum(d => (long)d.Length);
        var rate = detections.Sum(d => d.Count(r => r.Verdict != Verdict.None)) / (double)rows;
        var random = new Random(seed);
        var drawn = detections.Select(d => d.Select(_ => random.NextDouble() < rate).ToArray()).ToArray();
        lines.Add(EventLine.Of("random at the same rate", EventScorer.Of(series, (s, i) => drawn[s][i])));
        return new EventReport("events", series.Count, rows, whole.Events, whole.SeriesDays, lines);
    }

    private static EventResult Half(IReadOnlyList<EventSeries> series, IReadOnlyList<DetectionRow[]> detections, int half)
    {
        EventSeries[] own = [.. series.Where((_, i) => i % 2 == half)];
        return EventScorer.Of(own, (s, i) => detections[2 * s + half][i].Verdict != Verdict.None);
    }
}
