using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Simulation;
using ServiMon.Predict.Testing;
using Xunit;

namespace ServiMon.Predict.Training.Tests;

/// <summary>Drives simulated in steps of an hour: what is predicted against the true probabilities.</summary>
public sealed class SimulatedTruthTests
{
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    private static SimulatedFleet Simulate(string fleet, ulong seed, int days, int assets) => FleetSimulation.Run(
        new SimulationOptions { Fleet = fleet, Seed = seed, Step = Step, Duration = TimeSpan.FromDays(days), AssetCountOverride = assets, Horizons = [TimeSpan.FromHours(6), TimeSpan.FromHours(24)] },
        null, TestContext.Current.CancellationToken).Single(f => f.Profile == "telescope-drive");

    private static Profile Drive()
    {
        var shipped = ProfileReader.Parse(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "models", "telescope-drive.yaml")), "telescope-drive.yaml");
        var plain = SmallFleets.Profile(Step, "6h", "24h");
        return plain with { Groups = shipped.Groups, Metrics = shipped.Metrics };
    }

    private static (FittedModel Model, int Incidents, List<(double P, double Truth)>[] Pairs) Learn(string fleet, int days, int assets)
    {
        var (past, fresh) = (Simulate(fleet, 1, days, assets), Simulate(fleet, 2, days, assets));
        var model = Trainer.Train(new TrainingRequest { Profile = Drive(), Fleet = past.History }, null, TestContext.Current.CancellationToken);
        var pairs = new[] { new List<(double, double)>(), [] };
        var timelines = Timeline.ByAsset(fresh.History);
        for (var a = 0; a < assets; a++)
        {
            var rows = fresh.History.History.Assets[a];
            var timeline = timelines[rows.Asset];
            var scorer = new AssetScorer(model.Scoring.Evidence, model.Scoring, rows);
            for (var i = 0; i < rows.Count; i++)
            {
                var (maintained, failed) = (timeline.InMaintenance(rows.Ticks[i]), timeline.InIncident(rows.Ticks[i]));
                scorer.Advance(maintained ? AssetCondition.Maintenance : AssetCondition.Normal);
                if (scorer.State != PredictionState.Ready || failed) continue;
                for (var h = 0; h < 2; h++) pairs[h].Add((scorer.Probability[h], fresh.Truth[a].Probabilities[2 * i + h]));
            }
        }
        return (model, past.History.Incidents.Count, pairs);
    }

    private static double CalibrationError(List<(double P, double Truth)> pairs) =>
        pairs.OrderBy(p => p.P).Chunk(pairs.Count / 15 + 1).Sum(b => b.Length * Math.Abs(b.Average(p => p.P) - b.Average(p => p.Truth))) / pairs.Count;

    /// <summary>
    /// Bound of the calibration error: the fleet's rate is known from n incidents to one part in sqrt(n), in the training and in the fresh
    /// fleet, so that the mean probability alone may be off by twice sqrt(2 / n) of itself; as much again for the shape of the curve.
    /// </summary>
    [Fact]
    public void Learned_probabilities_are_near_the_true_ones_and_beat_the_base_rate()
    {
        var (model, incidents, pairs) = Learn("drives", 12, 12);
        Assert.Equal(PredictionBasis.Learned, model.Scoring.Hazard.Basis);
        var constant = new double[2];
        model.Scoring.Hazard.PredictBase(constant);
        for (var h = 0; h < 2; h++)
        {
            var truth = pairs[h].Average(p => p.Truth);
            var error = CalibrationError(pairs[h]);
            Assert.True(error <= 4 * Math.Sqrt(2.0 / incidents) * truth, $"horizon {h}: calibration error {error:F4}, mean truth {truth:F4}, {incidents} incidents");
            var (learned, flat) = (pairs[h].Average(p => Math.Pow(p.P - p.Truth, 2)), pairs[h].Average(p => Math.Pow(constant[h] - p.Truth, 2)));
            Assert.True(learned < 0.9 * flat, $"horizon {h}: squared error {learned:F5}, of the base rate {flat:F5}");
        }
    }

    /// <summary>Faults without consequences, and sudden deaths at a constant rate: nothing can be learned but the rate.</summary>
    [Fact]
    public void Where_failures_give_no_sign_the_answer_is_the_prior()
    {
        var (model, incidents, pairs) = Learn("no-precursor", 12, 8);
        Assert.True(incidents > 5, $"{incidents} incidents");
        Assert.Equal(PredictionBasis.Prior, model.Scoring.Hazard.Basis);
        for (var h = 0; h < 2; h++)
        {
            var truth = pairs[h].Average(p => p.Truth);
            // A rate from n incidents, within twice its standard error.
            Assert.InRange(pairs[h].Average(p => p.P) / truth, 1 - 2 / Math.Sqrt(incidents), 1 + 2 / Math.Sqrt(incidents));
            Assert.All(model.Hazard.Report.Horizons, m => Assert.InRange(m.BrierSkill, -0.05, 0.02));
        }
    }
}
