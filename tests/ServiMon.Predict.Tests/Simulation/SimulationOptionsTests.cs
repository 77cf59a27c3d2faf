using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

public class SimulationOptionsTests
{
    [Fact]
    public void Every_problem_is_listed_at_once()
    {
        var options = new SimulationOptions
        {
            Fleet = "moon",
            Duration = TimeSpan.Zero,
            AssetCountOverride = 0,
            Horizons = [TimeSpan.FromHours(6), TimeSpan.FromHours(1), TimeSpan.FromSeconds(90), TimeSpan.FromDays(3000)],
            MissedScrapeShare = double.NaN,
            StuckSensorShare = 0.7,
            Start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(1)),
        };
        var problems = Assert.Throws<InputException>(() => new FleetSimulator(options)).Problems.Select(p => p.ToString()).ToArray();
        Assert.Contains(problems, p => p.Contains("'moon' is not one of observatory, no-precursor", StringComparison.Ordinal));
        string[] named = ["days", "assets", "start", "missed scrapes", "stuck sensors"];
        foreach (var name in named) Assert.Single(problems, p => p.StartsWith($"simulation: {name}:", StringComparison.Ordinal));
        Assert.Equal(4, problems.Count(p => p.StartsWith("simulation: horizons:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_fleet_of_the_catalogue_runs()
    {
        foreach (var fleet in FleetCatalogue.Names)
        {
            var options = new SimulationOptions { Fleet = fleet, Duration = TimeSpan.FromHours(3) };
            foreach (var kind in FleetSimulation.Run(options, null, TestContext.Current.CancellationToken))
            {
                Assert.Equal(kind.History.History.Assets.Count, kind.History.History.Assets.Select(a => a.Asset).Distinct().Count());
                Assert.All(kind.History.History.Assets, a => Assert.InRange(a.Count, 1, 180));
            }
        }
    }

    [Fact]
    public void Asset_names_are_paths() =>
        Assert.Equal(
            ["array-1/telescope-1/az-drive", "array-1/telescope-1/el-drive", "array-1/telescope-2/az-drive"],
            new FleetSimulator(new SimulationOptions { Fleet = "drives", AssetCountOverride = 3 }).Kinds[0].Assets.Select(a => a.Name));
}
