using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Training.Bundles;

public sealed class FittedModelBundleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servimon-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("drivers: [kafka_messages_in_total]\n")]
    public void A_model_scores_the_same_bits_after_a_way_through_a_file(string more)
    {
        var fleet = FleetSimulation.Run(new SimulationOptions
        {
            Fleet = "brokers", Duration = TimeSpan.FromDays(4), Step = TimeSpan.FromMinutes(10), AssetCountOverride = 5, Horizons = [TimeSpan.FromHours(1)], Seed = 2,
        })[0].History;
        var profile = ProfileReader.Parse("profile: small\nstep: 10m\nhorizons: [1h, 6h]\n" + more, "small.yaml");
        var request = new TrainingRequest { Profile = ProfileInference.Complete(profile, fleet.History.Metrics), Fleet = fleet };
        var fitted = Trainer.Train(request, null, CancellationToken.None);
        var path = Path.Combine(_folder.FullName, "bundle.zip");
        fitted.ToBundle(request, "test").Save(path);
        var loaded = ModelBundle.Load(path).ToScoringModel(path);

        var rows = fleet.History.Assets[0];
        var (before, after) = (new AssetScorer(fitted.Scoring.Evidence, fitted.Scoring, rows), new AssetScorer(loaded.Evidence, loaded, rows));
        for (var i = 0; i < rows.Count; i++)
        {
            before.Advance(AssetCondition.Normal);
            after.Advance(AssetCondition.Normal);
            Assert.Equal(before.State, after.State);
            Assert.Equal(before.Probability.ToArray(), after.Probability.ToArray());
        }
        Assert.Equal(before.Explain(), after.Explain());
    }
}
