using System.Globalization;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;

namespace ServiMon.Predict.Scoring;

/// <summary>Says why a probability is what it is, by functional group and in words.</summary>
internal static class DriverExplanation
{
    /// <summary>Shares below this are not worth a word.</summary>
    private const double LeastShare = 0.01;

    public static IReadOnlyList<Driver> Of(ScoringModel model, ReadOnlySpan<float> evidence)
    {
        var hazard = model.Hazard;
        Span<double> shares = stackalloc double[hazard.Groups.Length];
        hazard.GroupContributions(evidence, model.Reference.Neutral.AsSpan(), shares);
        var drivers = new List<Driver>();
        for (var g = 0; g < shares.Length; g++)
            if (shares[g] >= LeastShare) drivers.Add(new Driver(hazard.Groups[g], shares[g], Detail(model, evidence, hazard.Groups[g])));
        return [.. drivers.OrderByDescending(d => d.Share)];
    }

    /// <summary>The metric of the group that is furthest from the asset's own baseline, and by how much.</summary>
    private static string Detail(ScoringModel model, ReadOnlySpan<float> evidence, string group)
    {
        var layout = model.Evidence.Layout;
        var best = -1;
        for (var c = layout.UniversalCount; c < layout.Width; c++)
        {
            var column = layout.Columns[c];
            if (column.Group != group || !column.Name.EndsWith(LaneEvidence.BaselineScore, StringComparison.Ordinal)) continue;
            if (float.IsNaN(evidence[c])) continue;
            if (best < 0 || Math.Abs(evidence[c]) > Math.Abs(evidence[best])) best = c;
        }
        if (best < 0) return "";
        var metric = model.Evidence.Profile.Metrics[layout.Columns[best].Metric].Name;
        var score = evidence[best];
        return string.Create(CultureInfo.InvariantCulture, $"{metric} {Math.Abs(score):0.0} sd {(score < 0 ? "below" : "above")} its baseline");
    }
}
