using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation.Telemetry;

public class TelemetryTests
{
    private static readonly SimulationOptions Options = new()
    {
        Duration = TimeSpan.FromDays(25),
        Step = TimeSpan.FromMinutes(10),
        AssetCountOverride = 14,
        MissedScrapeShare = 0.02,
        BurstGapShare = 0.03,
        WholeGapShare = 0.04,
        Seed = 5,
    };

    private static readonly Lazy<IReadOnlyList<SimulatedFleet>> Run = Simulate("observatory");
    private static readonly Lazy<IReadOnlyList<SimulatedFleet>> WithoutPrecursor = Simulate("no-precursor");

    [Fact]
    public void What_is_missing_has_the_shares_asked_for()
    {
        long steps = 0, rows = 0, up = 0, missed = 0;
        foreach (var fleet in Run.Value)
        {
            var probe = fleet.History.History.Metrics.ToList().IndexOf("probe_up");
            if (probe < 0) continue;
            foreach (var asset in fleet.History.History.Assets)
            {
                steps += Options.StepCount;
                rows += asset.Count;
                for (var i = 0; i < asset.Count; i++)
                {
                    if (asset.Row(i)[probe] != 1) continue;
                    up++;
                    if (double.IsNaN(asset.Row(i)[0])) missed++;
                }
            }
        }
        Assert.InRange(1 - (double)rows / steps, 0.8 * 0.04, 1.2 * 0.04);
        Assert.InRange((double)missed / up, 0.9 * 0.05, 1.2 * 0.05);
    }

    [Fact]
    public void Values_stay_within_their_limits()
    {
        (string Part, string Whole)[] limits =
        [
            ("node_filesystem_avail_bytes", "node_filesystem_size_bytes"), ("node_memory_used_bytes", "node_memory_total_bytes"),
            ("jvm_memory_old_gen_used_bytes", "jvm_memory_old_gen_max_bytes"), ("process_open_fds", "process_max_fds"),
        ];
        foreach (var fleet in Run.Value.Concat(WithoutPrecursor.Value))
        {
            var metrics = fleet.History.History.Metrics.ToList();
            var pairs = limits.Select(l => (metrics.IndexOf(l.Part), metrics.IndexOf(l.Whole))).Where(p => p.Item1 >= 0).ToArray();
            var highest = metrics.Select(m => m.EndsWith("_ratio", StringComparison.Ordinal) ? 1 : 1e15).ToArray();
            foreach (var asset in fleet.History.History.Assets)
                for (var i = 0; i < asset.Count; i++)
                {
                    var row = asset.Row(i);
                    for (var m = 0; m < metrics.Count; m++)
                        if (row[m] < 0 || row[m] > highest[m]) Assert.Fail($"{asset.Asset} {metrics[m]} is {row[m]}");
                    foreach (var (part, whole) in pairs)
                        if (row[part] > row[whole]) Assert.Fail($"{asset.Asset} {metrics[part]} is {row[part]} of {row[whole]}");
                }
        }
    }

    /// <summary>
    /// Rank of a gauge's value in the row before an incident among the asset's rows at the same time of day: uniform when the
    /// telemetry knows nothing, so that the mean over n incidents is normal about 1/2 with deviation 1 / sqrt(12 n).
    /// </summary>
    [Fact]
    public void Without_precursors_the_telemetry_knows_nothing()
    {
        foreach (var (profile, metric, z) in RankScores(WithoutPrecursor.Value))
            Assert.True(Math.Abs(z) < 4, $"{profile} {metric}: z = {z:F1}");
    }

    /// <summary>The weakest are the drives, whose wear shows little while they are parked by day.</summary>
    [Fact]
    public void With_precursors_the_same_ranks_show_them()
    {
        var scores = RankScores(Run.Value).ToLookup(s => s.Profile, s => Math.Abs(s.Z));
        Assert.Equal(4, scores.Count);
        foreach (var profile in scores) Assert.True(profile.Max() > 3.5, $"{profile.Key}: {profile.Max():F1}");
    }

    private static Lazy<IReadOnlyList<SimulatedFleet>> Simulate(string fleet) =>
        new(() => FleetSimulation.Run(Options with { Fleet = fleet }, null, TestContext.Current.CancellationToken));

    private static IEnumerable<(string Profile, string Metric, double Z)> RankScores(IReadOnlyList<SimulatedFleet> fleets)
    {
        foreach (var fleet in fleets)
            for (var m = 0; m < fleet.History.History.Metrics.Count; m++)
            {
                var metric = fleet.History.History.Metrics[m];
                if (metric.EndsWith("_total", StringComparison.Ordinal) || metric.EndsWith("_hours", StringComparison.Ordinal)) continue;
                var ranks = new List<double>();
                foreach (var asset in fleet.History.History.Assets)
                    foreach (var incident in fleet.History.Incidents.Where(i => i.Asset == asset.Asset))
                    {
                        var at = Array.BinarySearch(asset.Ticks, (incident.Start - Options.Step).UtcTicks);
                        if (at < 0 || double.IsNaN(asset.Row(at)[m])) continue;
                        double value = asset.Row(at)[m], below = 0, count = 0;
                        for (var i = 0; i < asset.Count; i++)
                        {
                            var other = asset.Row(i)[m];
                            var apart = Math.Abs(asset.Ticks[i] - asset.Ticks[at]) % TimeSpan.TicksPerDay;
                            if (double.IsNaN(other) || Math.Min(apart, TimeSpan.TicksPerDay - apart) > TimeSpan.TicksPerHour / 2) continue;
                            count++;
                            below += other < value ? 1 : other == value ? 0.5 : 0;
                        }
                        ranks.Add(below / count);
                    }
                Assert.True(ranks.Count > 20, $"{fleet.Profile} {metric}: {ranks.Count} incidents");
                yield return (fleet.Profile, metric, (ranks.Average() - 0.5) * Math.Sqrt(12 * ranks.Count));
            }
    }
}
