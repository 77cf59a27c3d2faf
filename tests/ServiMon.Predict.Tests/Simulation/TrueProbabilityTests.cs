using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

/// <summary>The truth is what happens: incidents are as frequent as it says, in every band of it.</summary>
public class TrueProbabilityTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(10);
    private static readonly int[] HorizonSteps = [6, 36, 144];

    public static TheoryData<string, string> Kinds =>
        [.. FleetCatalogue.Names.Take(2).SelectMany(f => FleetCatalogue.Kinds(f).Select(k => (f, k.Profile)))];

    /// <summary>
    /// Predictions of one asset a horizon apart: outcome minus probability is then a martingale difference, so the count of a band has
    /// mean sum p and variance sum p (1 - p), however the predictions depend on each other.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Incidents_happen_as_often_as_the_truth_says(string fleet, string profile)
    {
        const int assets = 200, steps = 4320;
        var life = FleetCatalogue.Kinds(fleet).Single(k => k.Profile == profile).Life;
        var table = new SurvivalTable(life, Step, HorizonSteps);
        var pairs = HorizonSteps.Select(_ => new List<(double P, bool Happened)>()).ToArray();
        for (var i = 0; i < assets; i++)
        {
            var asset = new AssetLife(life, table, Step, seed: 20, $"{profile}-{i}");
            var asked = HorizonSteps.Select(_ => new List<(int Step, double P)>()).ToArray();
            var starts = new List<int>();
            while (asset.Step < steps)
            {
                var before = asset.Phase;
                asset.Advance();
                if (asset.Phase == AssetPhase.Incident && before != AssetPhase.Incident) starts.Add(asset.Step);
                for (var h = 0; h < HorizonSteps.Length; h++)
                    if ((asset.Step + i) % HorizonSteps[h] == 0) asked[h].Add((asset.Step, asset.TrueProbability(HorizonSteps[h])));
            }
            for (var h = 0; h < HorizonSteps.Length; h++)
                foreach (var (at, p) in asked[h].Where(a => a.Step + HorizonSteps[h] <= steps))
                    pairs[h].Add((p, starts.Exists(s => s > at && s <= at + HorizonSteps[h])));
        }
        foreach (var list in pairs) CheckBands(list);
    }

    [Fact]
    public void The_truth_rises_with_the_horizon_and_knows_the_maintenance()
    {
        var life = FleetCatalogue.Kinds("no-precursor")[0].Life;
        var table = new SurvivalTable(life, Step, HorizonSteps);
        var asset = new AssetLife(life, table, Step, seed: 4, "host");
        var lowered = 0;
        for (var k = 0; k < 3000; k++)
        {
            asset.Advance();
            var truth = HorizonSteps.Select(asset.TrueProbability).ToArray();
            Assert.True(truth[0] <= truth[1] && truth[1] <= truth[2]);

            // A constant hazard leaves the base rate, less what the planned time out of work takes.
            var most = 1 - Math.Exp(-144 * Step.TotalHours / life.SuddenScaleHours);
            var longestOutage = 2 * 1.5 * life.MaintenanceHours + Step.TotalHours * 4;
            var least = 1 - Math.Exp(-(144 * Step.TotalHours - longestOutage) / life.SuddenScaleHours);
            if (asset.Phase != AssetPhase.Running) continue;
            Assert.InRange(truth[2], least, most + 1e-12);
            if (truth[2] < most - 1e-3) lowered++;
        }
        Assert.InRange(lowered, 300, 1500);
    }

    [Fact]
    public void Before_the_end_of_a_repair_nothing_can_fail()
    {
        var life = FleetCatalogue.Kinds("brokers")[0].Life;
        var table = new SurvivalTable(life, Step, HorizonSteps);
        var asset = new AssetLife(life, table, Step, seed: 4, "broker");
        var down = 0;
        for (var k = 0; k < 20_000; k++)
        {
            asset.Advance();
            if (asset.Phase == AssetPhase.Running) continue;
            down++;
            Assert.Equal(0, asset.TrueProbability(Math.Min(144, asset.ReadyAt - asset.Step)));
        }
        Assert.True(down > 100);
    }

    private static void CheckBands(List<(double P, bool Happened)> pairs)
    {
        var bands = pairs.OrderBy(p => p.P).Chunk(pairs.Count / 10).ToArray();
        foreach (var band in bands.Append([.. pairs]))
        {
            var expected = band.Sum(p => p.P);
            var deviation = Math.Sqrt(band.Sum(p => p.P * (1 - p.P)));
            var seen = band.Count(p => p.Happened);
            Assert.True(
                Math.Abs(seen - expected) <= 4 * deviation + 1,
                $"p {band[0].P:F4} to {band[^1].P:F4}: {seen} of {band.Length} happened, expected {expected:F1} +- {deviation:F1}");
        }
    }
}
