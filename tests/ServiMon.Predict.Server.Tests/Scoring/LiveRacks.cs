using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests.Scoring;

/// <summary>One life of a process that scores racks and the brokers in them, without Kafka: steps of 2 s, lateness 10 s.</summary>
internal sealed class LiveRacks(EmbeddedStore store, FakeTimeProvider time, LiveProfile? profile = null)
{
    public static readonly Profile Profile = LiveFleets.Profile with { Composite = true };

    public static readonly EvidenceModel Evidence = new(Profile);

    private readonly SavedFleet _saved = new(profile ?? WithModel(), store, time);

    public LiveFleet Fleet => _saved.Fleet;

    public PredictionBoard Board => _saved.Board;

    public StateSaver Saver => _saved.Saver;

    public static LiveProfile WithModel(EvidenceModel? evidence = null) => new(evidence ?? Evidence, ModelOf(evidence ?? Evidence), "broker-1");

    public bool Save() => _saved.Save();

    public AssetPrediction? Shown(string path) => Board.TryGet(new AssetKey("broker", path), out var shown) ? shown : null;

    /// <summary>One row of an asset; the clock is there too.</summary>
    public void Offer(double second, string asset, double value) =>
        _saved.Offer(second, asset, [("cpu", value), ("requests_total", 10 * second), ("queue", value / 3)]);

    /// <summary>A model that looks at everything.</summary>
    private static ScoringModel ModelOf(EvidenceModel evidence)
    {
        var layout = evidence.Composite.Layout;
        var random = new Random(1);
        var line = new LinearModel(
            new float[layout.Width], Enumerable.Repeat(1f, layout.Width).ToArray(), [.. layout.Columns.Select(_ => 0.2 * random.NextDouble())], -6, 5);
        var bucket = new BucketHazard { Base = 0.01, Components = [line], Calibration = new PlattCalibration(1, 0), LearnedWeight = 0.8 };
        var profile = evidence.Profile;
        var hazard = new HazardModel([.. profile.Horizons.Select(h => h.Span)], [bucket, bucket], profile.Groups, [.. layout.Columns.Select(c => Math.Max(0, profile.Groups.IndexOf(c.Group)))]);
        var ofAssets = LiveFleets.ModelOf(0.01);
        return new ScoringModel(evidence, ofAssets.Hazard, ofAssets.Reference)
        {
            Composite = new CompositeModel(hazard, ImmutableArray.CreateRange(Enumerable.Repeat(0f, layout.Width))),
        };
    }
}
