using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Scoring;

/// <summary>
/// Says why a probability is what it is, by functional group and in words. The universal evidence is taken apart by what it is about (limits,
/// probes, missing metrics, ...), and each of these counts for the group of the metric that it concerns.
/// </summary>
internal static class DriverExplanation
{
    /// <summary>Shares below this are not worth a word.</summary>
    private const double LeastShare = 0.01;

    /// <param name="monitor">The monitor that made the evidence, in the state that it was then.</param>
    public static IReadOnlyList<Driver> Of(ScoringModel model, AssetMonitor monitor, ReadOnlySpan<float> evidence)
    {
        var hazard = model.Hazard;
        var columns = model.Evidence.Layout.Columns;
        var plan = model.Plan;
        var shares = new double[plan.PartCount];
        hazard.Contributions(evidence, model.Reference.Neutral.AsSpan(), plan.PartOf, shares);

        var reason = new DriverReason(model.Evidence, plan.BaselineColumns, monitor, evidence);
        var parts = new List<Driver>();
        for (var p = 0; p < shares.Length; p++)
        {
            if (shares[p] == 0) continue;
            parts.Add(p >= DriverReason.TopicCount
                ? reason.OfGroup(hazard.Groups[p - DriverReason.TopicCount], shares[p])
                : reason.OfTopic((DriverTopic)p, columns[plan.PartOf.IndexOf(p)].Group, shares[p]));
        }
        return ByGroup(parts);
    }

    /// <summary>The parts by group, largest share first. A group speaks with the words of its largest part.</summary>
    public static IReadOnlyList<Driver> ByGroup(IEnumerable<Driver> parts)
    {
        var groups = parts.GroupBy(d => d.Group)
            .Select(g => new Driver(g.Key, g.Sum(d => d.Share), g.MaxBy(d => d.Detail.Length == 0 ? 0 : d.Share)!.Detail))
            .Where(d => d.Share >= LeastShare).OrderByDescending(d => d.Share).ToArray();
        var total = groups.Sum(d => d.Share);
        return [.. groups.Select(d => d with { Share = d.Share / total })];
    }
}
