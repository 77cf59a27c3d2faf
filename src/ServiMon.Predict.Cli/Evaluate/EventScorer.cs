namespace ServiMon.Predict.Cli.Evaluate;

/// <summary>How alarms meet events, over a set of series.</summary>
/// <param name="Detected">Events with an alarm within them.</param>
/// <param name="FalseAlarms">Alarms outside all events; the rows after one that belong to it are not counted again.</param>
/// <param name="MedianDelayRows">From an event's first row to its first alarm.</param>
internal readonly record struct EventResult(int Events, int Detected, int FalseAlarms, double SeriesDays, int MedianDelayRows)
{
    public double Precision => Detected + FalseAlarms > 0 ? Detected / (double)(Detected + FalseAlarms) : 0;

    public double Recall => Events > 0 ? Detected / (double)Events : 0;

    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    public double FalseAlarmsPerSeriesDay => SeriesDays > 0 ? FalseAlarms / SeriesDays : 0;
}

/// <summary>Scores alarms by events rather than by rows.</summary>
internal static class EventScorer
{
    /// <summary>Rows after a counted false alarm that belong to it; then a lasting alarm counts again.</summary>
    private const int FalseAlarmRows = 10;

    public static EventResult Of(IReadOnlyList<EventSeries> series, Func<int, int, bool> isAlarm)
    {
        int events = 0, detected = 0, falseAlarms = 0;
        var days = 0.0;
        var delays = new List<int>();
        for (var s = 0; s < series.Count; s++)
        {
            var one = series[s];
            var seen = new bool[one.Starts.Count];
            var last = int.MinValue / 2;
            for (var i = one.FirstScored; i < one.Owner.Length; i++)
            {
                if (!isAlarm(s, i)) continue;
                var owner = one.Owner[i];
                if (owner >= 0 && !seen[owner])
                {
                    seen[owner] = true;
                    delays.Add(i - one.Starts[owner]);
                }

                if (owner != EventSeries.Outside || i - last <= FalseAlarmRows) continue;
                falseAlarms++;
                last = i;
            }

            events += seen.Length;
            detected += seen.Count(s => s);
            days += one.ScoredDays;
        }

        return new EventResult(events, detected, falseAlarms, days, delays.Count > 0 ? delays.Order().ElementAt(delays.Count / 2) : 0);
    }
}
