using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;

namespace ServiMon.Predict.Tests.Scoring;

internal static class CompositeModels
{
    /// <summary>A model of assets and of their composites with random hazards.</summary>
    public static ScoringModel Random(EvidenceModel evidence, int seed)
    {
        var random = new Random(seed);
        var (profile, layout) = (evidence.Profile, evidence.Composite.Layout);
        BucketHazard Bucket() => new()
        {
            Base = 0.01 + 0.1 * random.NextDouble(),
            Components = [new LinearModel(new float[layout.Width], [.. Enumerable.Repeat(1f, layout.Width)], [.. layout.Columns.Select(_ => random.NextDouble() - 0.5)], -2, 10)],
            Calibration = new PlattCalibration(0.5, 0),
        };
        var hazard = new HazardModel([.. profile.Horizons.Select(h => h.Span)], [.. profile.Horizons.Select(_ => Bucket())], profile.Groups,
            [.. layout.Columns.Select(c => profile.Groups.IndexOf(c.Group))]);
        return ScoringModels.Random(evidence, seed) with { Composite = new CompositeModel(hazard, [.. new float[layout.Width]]) };
    }
}
