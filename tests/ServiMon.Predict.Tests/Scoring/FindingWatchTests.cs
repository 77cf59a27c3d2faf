using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Testing;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

/// <summary>Two metrics that go together, a third of few values, and a static one; a step of an hour.</summary>
public sealed class FindingWatchTests
{
    private const int Count = 1500;

    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    private static readonly long[] Ticks = SyntheticSeries.Ticks(Count, Step);

    private static readonly Profile Profile = TestProfiles.Of(
        new MetricSpec { Name = "size", Group = "structural_state", Kind = MetricKind.Static },
        new MetricSpec { Name = "load", Group = "pressure" },
        new MetricSpec { Name = "heat", Group = "pressure" },
        new MetricSpec { Name = "mode", Group = "latency" }) with
    { Step = Step, StaleAfter = TimeSpan.FromHours(10), WarmUp = Step };

    [Fact]
    public void Clean_metrics_give_no_more_than_was_allowed()
    {
        long found = 0;
        for (var seed = 1; seed <= 10; seed++) found += Found(seed).Count;
        // A tenth of a spike a day and metric over 62 days, and a tenth of a step apart a day: 250 over ten series; changes and drifts beside them are rare.
        Assert.InRange(found, 80, 400);
    }

    [Fact]
    public void A_spike_is_told_at_its_row_and_a_run_of_them_once()
    {
        var spikes = Found(1, values => (values[800][1], values[801][1], values[802][1]) = (40, 41, 40)).Where(f => Hour(f.Ticks) is >= 800 and <= 802 && f.Kind == FindingKind.Spike);
        var spike = Assert.Single(spikes);
        Assert.Equal((1, 800, 40.0), (spike.Metric, Hour(spike.Ticks), spike.Value));
        Assert.InRange(spike.PValue, 0, 0.004);
    }

    [Fact]
    public void A_change_of_level_is_told_with_the_time_when_it_came()
    {
        var found = Found(2, values =>
        {
            for (var i = 900; i < Count; i++) values[i][2] += 12;
        });
        var change = Assert.Single(found, f => f.Kind == FindingKind.Changepoint);
        Assert.Equal(2, change.Metric);
        Assert.InRange(Hour(change.Ticks), 907, 920);
        Assert.Equal(900, Hour(change.LocationTicks!.Value));
    }

    [Fact]
    public void A_metric_that_stands_still_is_stuck_unless_it_often_does()
    {
        var found = Found(3, values =>
        {
            for (var i = 700; i < 800; i++) values[i][1] = values[699][1];
            for (var i = 700; i < 709; i++) values[i][3] = 2;
        });
        var stuck = Assert.Single(found, f => f.Kind == FindingKind.Stuck);
        Assert.Equal((1, 699), (stuck.Metric, Hour(stuck.LocationTicks!.Value)));
        Assert.Equal(Hour(stuck.Ticks) - 699 + 1, stuck.Score);
        Assert.InRange(Hour(stuck.Ticks), 714, 720);
        Assert.DoesNotContain(Found(4, values =>
        {
            for (var i = 0; i < Count; i++) values[i][3] = i < 300 ? 0 : 1;
        }), f => f.Kind == FindingKind.Stuck);
    }

    [Fact]
    public void A_metric_without_values_is_missing_once_the_profile_calls_it_stale_and_a_sparse_one_is_not()
    {
        var found = Found(5, values =>
        {
            for (var i = 0; i < Count; i++)
            {
                if (i is >= 1000 and < 1100) values[i][1] = double.NaN;
                if (i % 24 != 0) values[i][3] = double.NaN;
            }
        });
        // The sparse one has its gap told once, when nothing of the kind is known of it yet.
        var missing = Assert.Single(found, f => f is { Kind: FindingKind.Missing, Metric: 1 });
        Assert.Equal((1010, 1000, 11.0), (Hour(missing.Ticks), Hour(missing.LocationTicks!.Value), missing.Score));
        Assert.True(double.IsNaN(missing.Value));
        Assert.Equal([11], found.Where(f => f is { Kind: FindingKind.Missing, Metric: 3 }).Select(f => Hour(f.Ticks)));
    }

    [Fact]
    public void Metrics_that_no_longer_go_together_are_told_with_the_one_that_left()
    {
        var found = Found(6, values =>
        {
            for (var i = 1200; i < 1230; i++) values[i][2] = -values[i][2];
        });
        var apart = found.Where(f => f.Kind == FindingKind.Apart && Hour(f.Ticks) is >= 1200 and < 1230).ToList();
        Assert.NotEmpty(apart);
        Assert.All(apart, f => Assert.InRange(f.Share, 0.3, 1));
        Assert.InRange(apart.Count(f => f.Metric is 1 or 2), apart.Count, apart.Count);
    }

    [Fact]
    public void Drift_is_told_once()
    {
        var found = Found(7, values =>
        {
            for (var i = 500; i < Count; i++) values[i][1] += 0.006 * (i - 500);
        });
        Assert.InRange(found.Count(f => f is { Kind: FindingKind.Drift, Metric: 1 }), 1, 2);
    }

    [Fact]
    public void History_is_played_on_the_grid_and_counters_as_rates()
    {
        var profile = Profile with { Metrics = [Profile.Metrics[0], Profile.Metrics[1] with { Kind = MetricKind.Counter }, Profile.Metrics[2], Profile.Metrics[3]] };
        var values = Values(8);
        double total = 0;
        for (var i = 0; i < Count; i++)
        {
            total += 3600 * (i >= 900 ? 60 + values[i][1] : 10 + values[i][1]);
            values[i][1] = total;
        }
        var rows = new AssetRows("a", [.. profile.Metrics.Select(m => m.Name)], Ticks, [.. values.SelectMany(v => v)]);
        var replay = new FindingReplay(new EvidenceModel(profile), rows, keepValues: true);
        var found = new List<Finding>();
        var steps = 0;
        while (replay.Advance(found)) steps++;
        Assert.Equal(Count, steps);
        Assert.Equal(900, Hour(Assert.Single(found, f => f is { Kind: FindingKind.Changepoint, Metric: 1 }).LocationTicks!.Value));
        var segments = replay.Segments().Where(s => s.Metric == 1).ToList();
        Assert.Equal([1, 900], segments.Select(s => Hour(s.From)));
        Assert.Equal([899, Count - 1], segments.Select(s => Hour(s.To)));
        Assert.Equal([899, 600], segments.Select(s => s.Count));
        Assert.Equal(10, segments[0].Mean, 0.5);
        Assert.Equal(60, segments[1].Mean, 0.5);
    }

    private static int Hour(long ticks) => Array.IndexOf(Ticks, ticks);

    private static double[][] Values(int seed)
    {
        var random = new Random(seed);
        double[] common = SyntheticSeries.Make("gaussian", Count, seed), own = SyntheticSeries.Make("gaussian", Count, seed + 100);
        return [.. Enumerable.Range(0, Count).Select(i => new[] { 7, common[i], common[i] + 0.3 * own[i], random.Next(3) })];
    }

    private static List<Finding> Found(int seed, Action<double[][]>? change = null)
    {
        var values = Values(seed);
        change?.Invoke(values);
        var watch = new FindingWatch(Profile, new DetectorOptions());
        Assert.Equal([1, 2, 3], watch.Metrics);
        var found = new List<Finding>();
        for (var i = 0; i < Count; i++) watch.Observe(Ticks[i], values[i], found);
        return found;
    }
}
