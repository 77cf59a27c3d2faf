using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Training.Tests.Composites;

/// <summary>Simulated telescopes that fail by the joint wear of their drives, at a row an hour.</summary>
internal static class Telescopes
{
    public static readonly Profile Profile = SmallFleets.Profile(TimeSpan.FromHours(1), "6h", "24h") with
    {
        Name = "telescope",
        Composite = true,
        Metrics =
        [
            new() { Name = "drive_vibration_mm_per_second", Group = "structural_state", Limit = new MetricLimit(null, 11.2, false) },
            new() { Name = "drive_motor_current_amperes", Group = "pressure", Limit = new MetricLimit(null, 40, false) },
        ],
    };

    public static readonly DateTimeOffset Start = SmallFleets.Start;

    /// <param name="drives">2, 3 and 4 a telescope, and again.</param>
    public static SimulatedFleet Simulate(int drives, int days, ulong seed) => FleetSimulation.Run(new SimulationOptions
    {
        Fleet = "telescopes", AssetCountOverride = drives, Duration = TimeSpan.FromDays(days), Step = Profile.Step, Seed = seed,
        Horizons = [.. Profile.Horizons.Select(h => h.Span)],
    })[0];

    /// <summary>The fleet with its assets and composites below other names.</summary>
    public static FleetRecord Renamed(this FleetRecord fleet, Func<string, string> name) => new(
        fleet.History with { Assets = [.. fleet.History.Assets.Select(a => new AssetRows(name(a.Asset), a.Metrics, a.Ticks, a.Values))] },
        [.. fleet.Incidents.Select(i => i with { Asset = name(i.Asset) })], [.. fleet.Maintenance.Select(m => m with { Asset = name(m.Asset) })]);
}
