using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Tests;

/// <summary>A profile, a model of it, and messages of its samples.</summary>
internal static class LiveFleets
{
    public static readonly Profile Profile = ProfileReader.Parse("""
        profile: broker
        step: 2s
        horizons: [30s, 60s]
        lateness: 10s
        identity: [instance]
        metrics:
          cpu: {kind: gauge, group: pressure, limit: 100}
          requests_total: {kind: counter, group: throughput}
          queue: {kind: gauge, group: latency, aggregation: mean}
        """, "broker.yaml");

    public static readonly EvidenceModel Evidence = new(Profile);

    /// <summary>2024-01-01T00:00:00Z.</summary>
    public static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static LiveProfile WithModel(string id = "broker-1", double rate = 0.01) => new(Evidence, ModelOf(rate), id);

    public static LiveProfile WithoutModel() => new(Evidence, null, "");

    public static ScoringModel ModelOf(double rate)
    {
        var width = Evidence.Layout.Width;
        var line = new LinearModel(new float[width], Enumerable.Repeat(1f, width).ToArray(), Enumerable.Repeat(0.1, width).ToArray(), -3, 5);
        var bucket = new BucketHazard { Base = rate, Components = [line], Calibration = new PlattCalibration(1, 0), LearnedWeight = 0.8 };
        var hazard = new HazardModel([.. Profile.Horizons.Select(h => h.Span)], [bucket, bucket], Profile.Groups,
            [.. Evidence.Layout.Columns.Select(c => Math.Max(0, Profile.Groups.IndexOf(c.Group)))]);
        return new ScoringModel(Evidence, hazard,
            new EvidenceReference(ImmutableArray.CreateRange(Enumerable.Repeat(0f, width)), [.. Profile.Metrics.Select(_ => true)]));
    }

    /// <summary>One sample as prometheus-kafka-adapter writes it.</summary>
    public static byte[] Json(string instance, string metric, double seconds, double value)
    {
        var time = Start.AddSeconds(seconds).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var labels = $$"""{"__name__":"{{metric}}","instance":"{{instance}}"}""";
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"timestamp":"{{time}}","value":"{{value}}","name":"{{metric}}","labels":{{labels}} }"""));
    }
}
