using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Evaluation;
using Xunit;

namespace ServiMon.Predict.Training.Tests;

/// <summary>Assets that change between three operating modes at random; the mode moves the metrics far more than wear does.</summary>
public sealed class RegimeFitTests
{
    private static readonly string[] Metrics = ["altitude", "heat", "flow"];
    private static readonly double[] Altitudes = [0, 10_000, 35_000];
    private static readonly double[] Heats = [100, 300, 900];

    private static readonly Profile Profile = SmallFleets.Worn with
    {
        Metrics =
        [
            new() { Name = "altitude", Group = "structural_state", Scale = 0.001 },
            new() { Name = "heat", Group = "pressure" },
            new() { Name = "flow", Group = "throughput" },
        ],
        Drivers = ["altitude"],
    };

    /// <summary>Wear raises the heat of its mode by a fifth before the asset fails.</summary>
    private static FleetRecord Fleet(int assets, int hours, int seed, bool moving = true)
    {
        var random = new Random(seed + 100);
        var worn = SmallFleets.Wearing(assets, hours, seed);
        return worn with { History = new FleetHistory(Metrics, [.. worn.History.Assets.Select(Modes)]) };

        AssetRows Modes(AssetRows rows)
        {
            var values = new double[rows.Values.Length];
            for (var i = 0; i < rows.Count; i++)
            {
                var mode = moving ? random.Next(3) : 1;
                values[3 * i] = Altitudes[mode] + (moving ? 200 * random.NextDouble() : 0);
                values[3 * i + 1] = Heats[mode] * (1 + 0.2 * rows.Row(i)[0] + 0.01 * random.NextDouble());
                values[3 * i + 2] = 50 * (mode + 1) * (1 + 0.05 * random.NextDouble());
            }
            return new AssetRows(rows.Asset, Metrics, rows.Ticks, values);
        }
    }

    [Fact]
    public void Three_modes_are_found_with_the_level_of_every_metric()
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var regimes = RegimeFit.Fit(Profile, Fleet(10, 200, (int)seed), null, null, seed)!;
            Assert.Equal(3, regimes.Count);
            var order = Enumerable.Range(0, 3).OrderBy(r => regimes.Centres[r]).ToArray();
            for (var mode = 0; mode < 3; mode++)
            {
                var r = order[mode];
                // In thousands, by the driver's scale; 200 wide.
                Assert.Equal(Altitudes[mode] / 1000 + 0.1, regimes.Centres[r], 0.05);
                // Wear is 0 to 1, so that the heat is 0 to 21 percent above its mode's.
                Assert.InRange(regimes.Means[3 * r + 1], Math.Log(1 + Heats[mode]) + 0.05, Math.Log(1 + Heats[mode]) + 0.15);
                Assert.Equal(Math.Log(1 + 50 * (mode + 1) * 1.025), regimes.Means[3 * r + 2], 0.01);
                // Flow is uniform over five percent: a standard deviation of 0.05 / sqrt(12) of it.
                Assert.Equal(0.05 / Math.Sqrt(12), regimes.Spreads[3 * r + 2], 0.003);
            }
        }
    }

    [Fact]
    public void Only_the_chosen_assets_before_the_cut_are_looked_at()
    {
        var fleet = Fleet(6, 200, 1);
        var cut = SmallFleets.Start.AddHours(100);
        var chosen = new HashSet<string> { "unit-0", "unit-3" };
        var changed = SmallFleets.With(fleet, a => chosen.Contains(a.Asset) ? SmallFleets.Before(a, cut) : new AssetRows(a.Asset, a.Metrics, a.Ticks, new double[a.Values.Length]));
        var (expected, actual) = (RegimeFit.Fit(Profile, fleet, chosen, cut, 1)!, RegimeFit.Fit(Profile, changed, chosen, cut, 1)!);
        Assert.Equal(expected.Centres, actual.Centres);
        Assert.Equal(expected.Means, actual.Means);
        Assert.Equal(expected.Spreads, actual.Spreads);
    }

    [Fact]
    public void Drivers_that_never_change_or_are_not_there_give_no_regimes()
    {
        Assert.Null(RegimeFit.Fit(Profile, Fleet(4, 100, 1, moving: false), null, null, 1));
        Assert.Null(RegimeFit.Fit(Profile with { Drivers = [] }, Fleet(4, 100, 1), null, null, 1));
        Assert.Null(RegimeFit.Fit(Profile, SmallFleets.Wearing(4, 100, 1), null, null, 1));
        Assert.Null(RegimeFit.Fit(Profile, new FleetRecord(new FleetHistory(Metrics, []), [], []), null, null, 1));
    }

    [Fact]
    public void A_driver_that_is_missing_at_times_is_no_trouble()
    {
        var random = new Random(3);
        var fleet = SmallFleets.With(Fleet(6, 200, 1), a => new AssetRows(a.Asset, a.Metrics, a.Ticks, [.. a.Values.Select(v => random.NextDouble() < 0.1 ? double.NaN : v)]));
        var regimes = RegimeFit.Fit(Profile, fleet, null, null, 1)!;
        Assert.Equal(3, regimes.Count);
        Assert.All(regimes.Means.Concat(regimes.Spreads), v => Assert.True(double.IsFinite(v)));
    }

    [Fact]
    public void Standardising_by_mode_shows_the_wear_that_the_modes_hide()
    {
        // How well the fast mean of the heat alone tells the last twelve hours of a life from the others.
        double Area(Profile profile)
        {
            var evidence = Trainer.Replay(profile, Fleet(12, 200, 2), null, null, 1, null, TestContext.Current.CancellationToken);
            var heat = evidence.Model.Layout.Columns.Select(c => c.Name).ToList().IndexOf("heat|mean_fast");
            var (level, near) = (new List<double>(), new List<bool>());
            for (var r = 0; r < evidence.Table.Count; r++)
            {
                if (float.IsNaN(evidence.Table.Row(r)[heat])) continue;
                level.Add(evidence.Table.Row(r)[heat]);
                near.Add(evidence.Table.SecondsToIncident[r] <= 12 * 3600);
            }
            return ProbabilityScores.RocAuc([.. level], [.. near])!.Value;
        }
        var (with, without) = (Area(Profile), Area(Profile with { Drivers = [] }));
        Assert.True(with > 0.95 && without < 0.75, $"area under the curve with regimes {with:F3}, without {without:F3}");
    }

    [Fact]
    public void A_driver_that_nobody_named_is_found()
    {
        var silent = Profile with { Drivers = [], InferDrivers = true };
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var fleet = Fleet(10, 200, (int)seed);
            var regimes = RegimeFit.Fit(silent, fleet, null, null, seed)!;
            Assert.Equal([0], regimes.Drivers);
            Assert.Equal(3, regimes.Count);
            Assert.Equal(RegimeFit.Fit(Profile, fleet, null, null, seed)!.Means, regimes.Means);
        }
    }

    /// <summary>Each looks like a setting: a few values, well apart. None is one.</summary>
    [Theory]
    [InlineData("a flag of wear that changes once")]
    [InlineData("an attribute of the asset")]
    [InlineData("an event that explains nothing")]
    public void What_is_no_driver_is_not_taken_for_one(string kind)
    {
        var silent = Profile with { Drivers = [], InferDrivers = true };
        var random = new Random(5);
        var fleet = SmallFleets.With(Fleet(10, 200, 1), rows =>
        {
            var attribute = random.Next(2);
            var values = rows.Values.ToArray();
            for (var i = 0; i < rows.Count; i++)
            {
                var high = kind switch
                {
                    "an attribute of the asset" => attribute == 1,
                    "an event that explains nothing" => random.NextDouble() < 0.1,
                    _ => i > rows.Count / 2,
                };
                values[3 * i] = high ? 1 : 0;
                var explained = kind != "an event that explains nothing" && high;
                values[3 * i + 1] = (explained ? 500 : 100) + random.NextDouble();
                values[3 * i + 2] = (explained ? 50 : 10) + random.NextDouble();
            }
            return new AssetRows(rows.Asset, rows.Metrics, rows.Ticks, values);
        });
        Assert.Null(RegimeFit.Fit(silent, fleet, null, null, 1));
    }
}
