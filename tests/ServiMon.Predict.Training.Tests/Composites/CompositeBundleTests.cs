using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using ServiMon.Predict.Training.Bundles;
using ServiMon.Predict.Training.Reading;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Composites;

public sealed class CompositeBundleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_model_predicts_composites_with_the_same_bits_after_a_way_through_a_file()
    {
        var fleet = Telescopes.Simulate(14, 20, 1).History;
        // The profile is read again from its text, whatever this one was made from.
        var profile = ServiMon.Predict.Profiles.ProfileInference.Complete(ServiMon.Predict.Profiles.ProfileReader.Parse(
            "profile: telescope\nstep: 1h\nhorizons: [6h, 24h]\ncomposite: true\n", "telescope.yaml"), fleet.History.Metrics);
        var request = new TrainingRequest { Profile = profile, Fleet = fleet };
        var fitted = Trainer.Train(request, null, TestContext.Current.CancellationToken);
        var path = Path.Combine(_folder.FullName, "bundle.zip");
        fitted.ToBundle(request, "test").Save(path);
        var bundle = ModelBundle.Load(path);
        Assert.Equal(fitted.Composites!.Hazard.Report.OwnIncidentCount, bundle.Manifest.Composites!.CrossValidation.OwnIncidentCount);
        Assert.Contains("## Composites", bundle.Card, StringComparison.Ordinal);
        Assert.Contains(bundle.MlNetModels, m => m.Name.StartsWith("composite-bucket-1-", StringComparison.Ordinal));

        Assert.Equal(PredictionBasis.Learned, bundle.Manifest.Composites.Basis);
        var (before, after) = (Replayed(fitted.Scoring), Replayed(bundle.ToScoringModel(path)));
        Assert.Equal(7, before.Count);
        foreach (var (b, a) in before.Zip(after)) Assert.Equal(b.Probability, a.Probability);

        List<AssetPredictions> Replayed(ScoringModel model) =>
            new FleetReplay(model.Evidence, model, fleet, TestContext.Current.CancellationToken)
                .WithComposites(fleet.History.Assets, ServiMon.Predict.Training.Composites.CompositeRoot.Of(fleet.History.Assets.Select(a => a.Asset)), long.MinValue, null).Composites;
    }

    [Fact]
    public void A_budget_of_values_draws_whole_roots_and_weighs_them()
    {
        var fleet = Telescopes.Simulate(14, 8, 4).History.Renamed(n => n.Replace("array-1/telescope-", "site-", StringComparison.Ordinal));
        var evidence = new ServiMon.Predict.Evidence.EvidenceModel(Telescopes.Profile);
        var (whole, part) = (Build(null), Build(new ReadingOptions { MostValues = 4 * fleet.History.RowCount / 2 }));
        Assert.True(part.Groups!.Count < whole.Groups!.Count && part.Groups.Count > 0, $"{part.Groups.Count} of {whole.Groups.Count}");
        Assert.Contains(part.Weight, w => w > 1);

        EvidenceTable Build(ReadingOptions? reading) => ServiMon.Predict.Training.Composites.CompositeTables.Build(
            evidence, fleet, null, null, 1, reading, null, TestContext.Current.CancellationToken)!;
    }
}
