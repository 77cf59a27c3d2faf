using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Training.Reading;

/// <summary>The time in which the next incident is near.</summary>
/// <param name="Incident">Its index in the timeline.</param>
/// <param name="From">UTC ticks, inclusive.</param>
/// <param name="To">The incident's start, exclusive.</param>
internal readonly record struct NearWindow(int Incident, long From, long To)
{
    /// <summary>The windows of an asset, in order; an incident right behind another has a short one.</summary>
    /// <param name="span">How long before an incident is near.</param>
    /// <param name="first">The asset's first row.</param>
    public static IEnumerable<NearWindow> Of(Timeline timeline, long span, long first)
    {
        var before = long.MinValue;
        for (var i = 0; i < timeline.Incidents.Count; i++)
        {
            var start = timeline.Incidents[i].Start;
            var from = Math.Max(first, Math.Max(before, start - span));
            if (from < start) yield return new NearWindow(i, from, start);
            before = start;
        }
    }
}
