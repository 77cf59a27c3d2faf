using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>Models whose risk rises with a single column of the evidence.</summary>
internal static class LookingAt
{
    public static ScoringModel Column(EvidenceModel evidence, string column)
    {
        var (profile, width) = (evidence.Profile, evidence.Layout.Width);
        var weights = new double[width];
        weights[evidence.Layout.Columns.Select(c => c.Name).ToList().IndexOf(column)] = 1;
        var bucket = new BucketHazard
        {
            Base = 0.01,
            Components = [new LinearModel(new float[width], [.. Enumerable.Repeat(1f, width)], weights, -2, 10)],
            Calibration = new PlattCalibration(1, 0),
        };
        var hazard = new HazardModel(
            [.. profile.Horizons.Select(h => h.Span)], [.. profile.Horizons.Select(_ => bucket)], profile.Groups,
            [.. evidence.Layout.Columns.Select(c => profile.Groups.IndexOf(c.Group))]);
        return new ScoringModel(evidence, hazard, new EvidenceReference([.. new float[width]], [.. profile.Metrics.Select(_ => true)]));
    }
}
