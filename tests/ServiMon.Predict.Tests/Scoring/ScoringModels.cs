using System.Collections.Immutable;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>Models with random hazards, and rows for them.</summary>
internal static class ScoringModels
{
    public const long Second = TimeSpan.TicksPerSecond;

    public static readonly Profile Broker = TestProfiles.OfBroker() with
    {
        FailureRules = [new FailureRule("down", "probe_up", "<", 0.5, TimeSpan.FromSeconds(4))],
    };

    public static ScoringModel Random(EvidenceModel evidence, int seed)
    {
        var random = new Random(seed);
        var profile = evidence.Profile;
        var width = evidence.Layout.Width;
        BucketHazard Bucket() => new()
        {
            Base = 0.001 + 0.1 * random.NextDouble(),
            Components = [new LinearModel(new float[width], [.. Enumerable.Repeat(1f, width)], [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() - 0.5)], -2, 10)],
            Calibration = new PlattCalibration(0.5, 0),
            LearnedWeight = 0.9,
        };
        var hazard = new HazardModel(
            [.. profile.Horizons.Select(h => h.Span)], [.. profile.Horizons.Select(_ => Bucket())], profile.Groups,
            [.. evidence.Layout.Columns.Select(c => profile.Groups.IndexOf(c.Group))]);
        return new ScoringModel(evidence, hazard, new EvidenceReference([.. new float[width]], [.. profile.Metrics.Select(_ => true)]));
    }

    /// <summary>Rows of two seconds with noise in every metric and the probe answering.</summary>
    public static AssetRows Rows(int count, int seed, Action<int, double[]>? change = null)
    {
        var random = new Random(seed);
        var values = new List<double>();
        double requests = 0, errors = 0, gc = 0;
        for (var i = 0; i < count; i++)
        {
            requests += random.Next(50, 150);
            errors += random.Next(0, 2);
            gc += 0.1 * random.NextDouble();
            double[] row = [requests, errors, 100 + random.Next(100), 1000, 500 + random.Next(400), 1, 0.01 * (1 + random.NextDouble()), gc];
            change?.Invoke(i, row);
            values.AddRange(row);
        }
        return new AssetRows("broker-1", [.. Broker.Metrics.Select(m => m.Name)], [.. Enumerable.Range(0, count).Select(i => 2 * i * Second)], [.. values]);
    }
}
