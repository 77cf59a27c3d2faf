using ServiMon.Predict.Series;
using ServiMon.Predict.Simulation;

namespace ServiMon.Predict.Tests.Simulation;

public class FleetSimulationTests
{
    private static readonly SimulationOptions Short = new()
    {
        Duration = TimeSpan.FromDays(6),
        Step = TimeSpan.FromMinutes(10),
        AssetCountOverride = 6,
        Seed = 42,
    };

    private static readonly Lazy<IReadOnlyList<SimulatedFleet>> ShortRun = new(() => Run(Short));

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        var again = Run(Short);
        var other = Run(Short with { Seed = 43 });
        foreach (var (first, second, third) in ShortRun.Value.Zip(again, other))
        {
            Assert.Equal(first.History.Incidents, second.History.Incidents);
            Assert.Equal(first.History.Maintenance, second.History.Maintenance);
            foreach (var (a, b) in first.History.History.Assets.Zip(second.History.History.Assets))
            {
                Assert.Equal(a.Ticks, b.Ticks);
                Assert.True(Bits(a).SequenceEqual(Bits(b)));
            }
            Assert.True(first.Truth.SelectMany(t => t.Probabilities).SequenceEqual(second.Truth.SelectMany(t => t.Probabilities)));
            Assert.NotEqual(first.History.Incidents, third.History.Incidents);
            Assert.False(Bits(first.History.History.Assets[0]).SequenceEqual(Bits(third.History.History.Assets[0])));
        }
    }

    [Fact]
    public void More_assets_or_days_change_nothing_of_the_others()
    {
        var longer = Run(Short with { AssetCountOverride = 7, Duration = TimeSpan.FromDays(6.5) });
        foreach (var (few, many) in ShortRun.Value.Zip(longer))
            foreach (var asset in few.History.History.Assets)
            {
                var same = many.History.History.Assets.Single(a => a.Asset == asset.Asset);
                Assert.Equal(asset.Ticks, same.Ticks[..asset.Count]);
                Assert.True(Bits(asset).SequenceEqual(Bits(same).Take(asset.Values.Length)));
            }
    }

    [Fact]
    public void The_stream_shows_what_the_run_collects()
    {
        var simulator = new FleetSimulator(Short);
        var next = simulator.Kinds.Select(k => new int[k.Assets.Count]).ToArray();
        for (var step = 0; step < Short.StepCount; step++)
        {
            simulator.Advance();
            Assert.Equal(Short.Start + step * Short.Step, simulator.Time);
            for (var k = 0; k < next.Length; k++)
                for (var i = 0; i < next[k].Length; i++)
                {
                    var asset = simulator.Kinds[k].Assets[i];
                    if (!asset.HasRow) continue;
                    var (rows, truth) = (ShortRun.Value[k].History.History.Assets[i], ShortRun.Value[k].Truth[i]);
                    var at = next[k][i]++;
                    Assert.Equal(simulator.Time.UtcTicks, rows.Ticks[at]);
                    Assert.True(asset.Row.SequenceEqual(rows.Row(at)));
                    Assert.Equal(asset.Life.TrueProbability(36), truth.Probabilities[at * 3 + 1]);
                }
        }
    }

    [Fact]
    public void Counters_fall_only_at_a_restart()
    {
        var simulator = new FleetSimulator(Short with { Fleet = "observatory" });
        var last = new Dictionary<(string, string), double>();
        var restarted = new HashSet<string>();
        var falls = 0;
        for (var step = 0; step < Short.StepCount; step++)
        {
            simulator.Advance();
            foreach (var kind in simulator.Kinds)
                foreach (var asset in kind.Assets)
                {
                    if (asset.Life.Restarted)
                        foreach (var metric in kind.Metrics) restarted.Add(asset.Name + metric);
                    for (var m = 0; m < kind.Metrics.Count; m++)
                    {
                        var value = asset.Row[m];
                        if (!kind.Metrics[m].EndsWith("_total", StringComparison.Ordinal) || double.IsNaN(value)) continue;
                        var key = (asset.Name, kind.Metrics[m]);
                        if (last.TryGetValue(key, out var before) && value < before)
                        {
                            falls++;
                            Assert.Contains(asset.Name + kind.Metrics[m], restarted);
                        }
                        restarted.Remove(asset.Name + kind.Metrics[m]);
                        last[key] = value;
                    }
                }
        }
        Assert.True(falls > 50);
    }

    [Fact]
    public void Incidents_and_maintenance_of_an_asset_never_overlap()
    {
        foreach (var fleet in ShortRun.Value)
        {
            Assert.NotEmpty(fleet.History.Incidents);
            Assert.NotEmpty(fleet.History.Maintenance);
            var spans = fleet.History.Incidents.Select(i => (i.Asset, i.Start, End: i.End!.Value))
                .Concat(fleet.History.Maintenance.Select(m => (m.Asset, m.Start, End: m.End!.Value)));
            foreach (var asset in spans.GroupBy(s => s.Asset))
            {
                var inOrder = asset.OrderBy(s => s.Start).ToArray();
                for (var i = 0; i < inOrder.Length; i++)
                {
                    Assert.True(inOrder[i].End > inOrder[i].Start);
                    if (i > 0) Assert.True(inOrder[i].Start >= inOrder[i - 1].End);
                }
            }
        }
    }

    [Fact]
    public void Rows_are_in_order_on_the_grid_and_the_truth_rises_with_the_horizon()
    {
        foreach (var fleet in ShortRun.Value)
            foreach (var (rows, truth) in fleet.History.History.Assets.Zip(fleet.Truth))
            {
                Assert.Equal(rows.Asset, truth.Asset);
                Assert.Equal(rows.Ticks, truth.Ticks);
                for (var i = 0; i < rows.Count; i++)
                {
                    Assert.Equal(0, (rows.Ticks[i] - Short.Start.UtcTicks) % Short.Step.Ticks);
                    if (i > 0) Assert.True(rows.Ticks[i] > rows.Ticks[i - 1]);
                    var p = truth.Probabilities.AsSpan(i * 3, 3);
                    Assert.True(p[0] >= 0 && p[0] <= p[1] && p[1] <= p[2] && p[2] <= 1);
                }
            }
    }

    [Fact]
    public void Progress_is_told_and_stopping_stops()
    {
        var told = new List<double>();
        var options = Short with { Fleet = "drives", AssetCountOverride = 1 };
        FleetSimulation.Run(options, new Collected(told), TestContext.Current.CancellationToken);
        Assert.Equal(100, told.Count);
        Assert.Equal(1, told[^1]);
        Assert.Throws<OperationCanceledException>(() => FleetSimulation.Run(Short, null, new CancellationToken(canceled: true)));
    }

    private static IReadOnlyList<SimulatedFleet> Run(SimulationOptions options) =>
        FleetSimulation.Run(options, progress: null, TestContext.Current.CancellationToken);

    private static IEnumerable<long> Bits(AssetRows rows) => rows.Values.Select(BitConverter.DoubleToInt64Bits);

    private sealed class Collected(List<double> into) : IProgress<double>
    {
        public void Report(double value) => into.Add(value);
    }
}
