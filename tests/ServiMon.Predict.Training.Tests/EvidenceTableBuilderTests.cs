using ServiMon.Predict.Evidence;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using Xunit;

namespace ServiMon.Predict.Training.Tests;

public sealed class EvidenceTableBuilderTests
{
    private static readonly EvidenceModel Model = new(SmallFleets.Worn);

    private static EvidenceTable Build(FleetRecord fleet, ulong seed = 1, EvidenceModel? model = null, DateTimeOffset? until = null) =>
        EvidenceTableBuilder.Build(model ?? Model, fleet, null, until, seed, null, TestContext.Current.CancellationToken);

    private static DateTimeOffset At(double hour) => SmallFleets.Start.AddHours(hour);

    /// <summary>One asset with a steady row every hour.</summary>
    private static FleetRecord One(int hours, Incident[] incidents, params MaintenanceWindow[] maintenance) => new(
        new FleetHistory(["wear", "load", "noise"],
            [new AssetRows("a", ["wear", "load", "noise"], [.. Enumerable.Range(0, hours).Select(h => At(h).UtcTicks)], [.. Enumerable.Range(0, 3 * hours).Select(i => i % 7 / 7.0)])]),
        incidents, maintenance);

    private static double[] HoursOf(EvidenceTable table) => [.. table.Ticks.Select(t => (t - SmallFleets.Start.UtcTicks) / (double)TimeSpan.TicksPerHour)];

    /// <summary>
    /// Minute rows so that both the rows near incidents and the healthy ones are sampled: weights must give back the counts of the full
    /// replay, in each stretch of the time to the incident. Standard error of a sum of weights: sqrt of the sum of w (w - 1).
    /// </summary>
    [Fact]
    public void Weights_of_drawn_rows_sum_to_the_rows_there_are()
    {
        var profile = SmallFleets.Worn with { Step = TimeSpan.FromMinutes(2), WarmUp = TimeSpan.FromMinutes(6), StaleAfter = TimeSpan.FromHours(1) };
        var random = new Random(5);
        List<AssetRows> assets = [];
        List<Incident> incidents = [];
        const int rows = 6000;
        for (var a = 0; a < 10; a++)
        {
            assets.Add(new AssetRows($"u{a}", ["load"], [.. Enumerable.Range(0, rows).Select(i => At(i / 30.0).UtcTicks)], [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())]));
            incidents.Add(new Incident($"u{a}", At(40 + 3 * a), At(41 + 3 * a), "k"));
            if (a < 5) incidents.Add(new Incident($"u{a}", At(120 + a), At(121 + a), "k"));
        }
        var fleet = new FleetRecord(new FleetHistory(["load"], assets), incidents, []);
        var timelines = Timeline.ByAsset(fleet);
        double[] bounds = [4, 12, 36, double.PositiveInfinity];
        var full = new double[4];
        foreach (var asset in assets)
            foreach (var ticks in asset.Ticks.Skip(3)) // warm-up; a replay is not told of incidents
            {
                if (timelines[asset.Asset].InIncident(ticks)) continue;
                var next = timelines[asset.Asset].NextIncident(ticks);
                var hours = next < 0 ? double.PositiveInfinity : (timelines[asset.Asset].Incidents[next].Start - ticks) / (double)TimeSpan.TicksPerHour;
                full[Array.FindIndex(bounds, b => hours <= b)]++;
            }
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var table = Build(fleet, seed, new EvidenceModel(profile));
            Assert.InRange(table.Count, 5_000, 30_000); // of 60,000: the test is about sampling
            var sums = new double[4];
            var variance = new double[4];
            for (var r = 0; r < table.Count; r++)
            {
                Assert.True(table.Weight[r] >= 1);
                var stretch = Array.FindIndex(bounds, b => table.SecondsToIncident[r] / 3600 <= b);
                sums[stretch] += table.Weight[r];
                variance[stretch] += table.Weight[r] * (table.Weight[r] - 1);
            }
            for (var s = 0; s < 4; s++)
                Assert.True(Math.Abs(sums[s] - full[s]) <= 4 * Math.Sqrt(variance[s]) + 1, $"seed {seed}, stretch {s}: {sums[s]:F0} of {full[s]}, standard error {Math.Sqrt(variance[s]):F0}");
        }
    }

    [Fact]
    public void A_small_fleet_is_taken_whole_whatever_the_seed()
    {
        var fleet = SmallFleets.Wearing(4, 300, 1);
        var table = Build(fleet);
        Assert.All(table.Weight, w => Assert.Equal(1, w));
        Assert.Equal(table.Ticks, Build(fleet, 99).Ticks);
        Assert.Equal(fleet.Incidents.Count, table.Incident.Where(i => i >= 0).Distinct().Count());
    }

    [Fact]
    public void The_same_seed_draws_the_same_bits()
    {
        var profile = SmallFleets.Worn with { Step = TimeSpan.FromMinutes(1), WarmUp = TimeSpan.FromMinutes(3) };
        var rows = 30_000;
        var fleet = new FleetRecord(new FleetHistory(["load"], [new AssetRows("u", ["load"], [.. Enumerable.Range(0, rows).Select(i => At(i / 60.0).UtcTicks)], [.. Enumerable.Range(0, rows).Select(i => i % 13.0)])]), [], []);
        var (one, same, other) = (Build(fleet, 1, new EvidenceModel(profile)), Build(fleet, 1, new EvidenceModel(profile)), Build(fleet, 2, new EvidenceModel(profile)));
        Assert.True(one.Count < rows / 2 + 1000);
        Assert.Equal(one.Ticks, same.Ticks);
        Assert.Equal(one.Values, same.Values);
        Assert.NotEqual(one.Ticks, other.Ticks);
    }

    [Fact]
    public void Rows_in_warm_up_incidents_and_maintenance_are_left_out()
    {
        var table = Build(One(40, [new Incident("a", At(10), At(12), "k")], new MaintenanceWindow("a", At(20), At(24), "planned")));
        // Three steps of warm-up, anew after the maintenance; an incident that nobody told of does not begin a new life.
        Assert.Equal([.. Range(3, 9), .. Range(13, 19), .. Range(28, 39)], HoursOf(table));

        static double[] Range(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(h => (double)h)];
    }

    [Fact]
    public void Follow_up_ends_with_the_record_for_positives_and_negatives_alike()
    {
        // The incident outlasts the watch.
        var table = Build(One(40, [new Incident("a", At(30), At(90), "k")]));
        var hours = HoursOf(table);
        for (var r = 0; r < table.Count; r++)
        {
            Assert.Equal((39 - hours[r]) * 3600, table.SecondsObserved[r]);
            Assert.Equal((30 - hours[r]) * 3600, table.SecondsToIncident[r]);
            Assert.Equal(0, table.Incident[r]);
        }
        Assert.All(Build(One(40, [new Incident("a", At(30), At(39.5), "k")])).SecondsObserved, s => Assert.Equal(double.PositiveInfinity, s));
        Assert.All(Build(One(40, [new Incident("a", At(30), null, "k")])).SecondsObserved, s => Assert.Equal(double.PositiveInfinity, s));
        Assert.All(Build(One(40, [])).SecondsToIncident, s => Assert.Equal(double.PositiveInfinity, s));
    }

    [Fact]
    public void Maintenance_ends_the_follow_up_for_positives_and_negatives_alike()
    {
        foreach (var incidents in new Incident[][] { [], [new Incident("a", At(30), null, "k")] })
        {
            var table = Build(One(40, incidents, new MaintenanceWindow("a", At(20), At(24), "planned")));
            var hours = HoursOf(table);
            for (var r = 0; r < table.Count; r++)
                Assert.Equal(hours[r] < 20 ? (20 - hours[r]) * 3600 : incidents.Length > 0 ? double.PositiveInfinity : (39 - hours[r]) * 3600, table.SecondsObserved[r]);
        }
    }

    [Fact]
    public void Evidence_is_that_of_the_replay()
    {
        var fleet = SmallFleets.Wearing(2, 150, 3);
        var table = Build(fleet);
        var expected = new Dictionary<(int, long), float[]>();
        for (var a = 0; a < 2; a++)
        {
            var replay = new AssetReplay(Model, fleet.History.Assets[a]);
            while (replay.NextTicks != long.MaxValue)
            {
                var ticks = replay.NextTicks;
                replay.Advance(AssetCondition.Normal, expected[(a, ticks)] = new float[Model.Layout.Width]);
            }
        }
        for (var r = 0; r < table.Count; r++) Assert.Equal(expected[(table.Asset[r], table.Ticks[r])], table.Row(r).ToArray());
    }

    /// <summary>Everything at and after the cut is changed: rows, incidents, how ongoing incidents end, maintenance.</summary>
    [Theory]
    [InlineData(150)]
    [InlineData(200)]
    [InlineData(201)]
    public void Nothing_at_or_after_the_cut_is_used(int cut)
    {
        var until = At(cut);
        var fleet = SmallFleets.Wearing(6, 400, 4);
        fleet = fleet with
        {
            // One asset fails before every cut and is repaired long after; it sends nothing in between.
            Incidents = [.. fleet.Incidents, new Incident("late", At(149), At(260), "k")],
            History = fleet.History with { Assets = [.. fleet.History.Assets, new AssetRows("late", fleet.History.Metrics, [.. Enumerable.Range(100, 49).Select(h => At(h).UtcTicks)], new double[3 * 49])] },
        };
        var changed = SmallFleets.With(fleet, a => SmallFleets.Before(a, until)) with
        {
            Incidents = [.. fleet.Incidents.Where(i => i.Start < until).Select(i => i.End >= until ? i with { End = null } : i), new Incident("unit-1", until, null, "k")],
            Maintenance = [new MaintenanceWindow("unit-0", until, null, "planned"), new MaintenanceWindow("late", At(270), null, "planned")],
        };
        var (a, b) = (Build(fleet, until: until), Build(changed, until: until));
        Assert.Equal(a.Ticks, b.Ticks);
        Assert.Equal(a.Values, b.Values);
        Assert.Equal(a.SecondsToIncident, b.SecondsToIncident);
        Assert.Equal(a.SecondsObserved, b.SecondsObserved);
        Assert.Equal(a.Incident, b.Incident);
        Assert.Equal(a.Weight, b.Weight);
        Assert.All(a.Ticks, t => Assert.True(t < until.UtcTicks));
        Assert.Contains(6, a.Asset);
    }

    [Fact]
    public void Assets_without_rows_or_with_one_add_nothing()
    {
        var fleet = One(0, []);
        Assert.Equal(0, Build(fleet).Count);
        Assert.Equal(0, Build(One(1, [new Incident("a", At(5), null, "k")])).Count);
        Assert.Equal(0, Build(new FleetRecord(new FleetHistory(["load"], []), [], [])).Count);
    }

    [Theory]
    [InlineData(2, 0.8)]
    [InlineData(4, 0.8)] // 96 of the 120 rows to the first horizon
    [InlineData(5, 0.4)]
    [InlineData(12, 0.4)] // of 240 to the second
    [InlineData(36, 96 / 720.0)] // of 720 to three times the longest
    [InlineData(36.1, null)]
    public void A_fixed_number_of_rows_is_drawn_before_an_incident(double hours, double? share)
    {
        var near = new NearRows(SmallFleets.Worn with { Step = TimeSpan.FromMinutes(2) }, 3, 96);
        Assert.Equal(share, near.ShareAt((long)(hours * TimeSpan.TicksPerHour)));
        if (share is not null) Assert.Equal(1, new NearRows(SmallFleets.Worn, 3, 96).ShareAt((long)(hours * TimeSpan.TicksPerHour)));
    }
}
