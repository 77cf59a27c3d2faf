using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class RecentDistributionsTests
{
    private const long Second = TimeSpan.TicksPerSecond, Hour = TimeSpan.TicksPerHour;

    private static readonly long Start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private static readonly Profile Profile = TestProfiles.Of(
        new MetricSpec { Name = "load", Group = "pressure" }, new MetricSpec { Name = "done_total", Group = "pressure", Kind = MetricKind.Counter, Scale = 2 });

    /// <summary>Half as many for each 4,096 taken: of 100,000 steps of three hours some 19,000, and every share as it is.</summary>
    [Fact]
    public void Of_many_steps_few_are_taken_and_shares_stay_unbiased()
    {
        var reference = Reference();
        double[] means = [0, 0];
        const int Seeds = 20, Steps = 100_000;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var recent = new RecentDistributions(Profile, seed);
            var taken = 0;
            // The load of the last tenth is ten times that of the others: early steps, of which all are taken, must not count for more.
            for (var i = 0; i < Steps; i++) taken += Offer(recent, Start + i * (3 * Hour / Steps), i < Steps * 9 / 10 ? 1 : 10, i) ? 1 : 0;
            Assert.InRange(taken, 4 * 4096, 6 * 4096);
            var (steps, distance) = recent.DistanceTo(reference, 0);
            means[0] += steps / (double)Steps / Seeds;
            means[1] += distance / Seeds;
        }
        Assert.Equal(1, means[0], 0.01);
        Assert.Equal(0.1, means[1], 0.005);
    }

    [Fact]
    public void A_day_and_no_more_is_remembered()
    {
        var (recent, reference) = (new RecentDistributions(Profile, 1), Reference());
        Assert.Equal(TimeSpan.FromDays(1), recent.Span);
        for (var i = 0; i < 99; i++) Assert.True(Offer(recent, Start + i, 1, i));
        Assert.Equal((99, double.NaN), recent.DistanceTo(reference, 0));
        Assert.True(Offer(recent, Start + 99, 1, 99));
        Assert.Equal((100, 0), recent.DistanceTo(reference, 0));
        // Another value in the last part of the day: both are there.
        for (var i = 0; i < 100; i++) Assert.True(Offer(recent, Start + 22 * Hour + i, 10, i));
        Assert.Equal((200, 0.5), recent.DistanceTo(reference, 0));
        // The next day begins: the first part is forgotten, and steps of it come too late.
        Assert.True(Offer(recent, Start + 24 * Hour, 10, 0));
        Assert.Equal((101, 1), recent.DistanceTo(reference, 0));
        Assert.False(Offer(recent, Start, 1, 0));
        // Days later all is.
        Assert.True(Offer(recent, Start + 100 * Hour, 1, 0));
        Assert.Equal((1, double.NaN), recent.DistanceTo(reference, 0));
    }

    [Fact]
    public void With_a_long_step_the_span_is_long_too() =>
        Assert.Equal(TimeSpan.FromDays(60), new RecentDistributions(Profile with { Step = TimeSpan.FromHours(1) }, 1).Span);

    [Fact]
    public void In_the_long_run_nothing_is_allocated()
    {
        var (recent, reference) = (new RecentDistributions(Profile, 1), Reference());
        var random = new Random(1);
        var before = 0L;
        for (var day = 0; day < 6; day++)
        {
            if (day == 3) before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20_000; i++) Offer(recent, Start + day * 24 * Hour + i * (24 * Hour / 20_000), Math.Exp(random.NextDouble()), random.Next(5));
            recent.DistanceTo(reference, 0);
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64);
    }

    [Fact]
    public void Metrics_that_are_read_otherwise_are_others()
    {
        var recent = new RecentDistributions(Profile, 1);
        Assert.True(recent.IsOf(Profile with { Step = TimeSpan.FromHours(1) }));
        Assert.False(recent.IsOf(Profile with { Metrics = [Profile.Metrics[0], Profile.Metrics[1] with { Scale = 1 }] }));
        Assert.False(recent.IsOf(Profile with { Metrics = [Profile.Metrics[1], Profile.Metrics[0]] }));
    }

    /// <summary>A live asset hands over what its grid has: levels as they are, counters as scaled rates, and nothing of steps that are passed over.</summary>
    [Fact]
    public void A_live_assets_steps_are_taken_with_rates_for_counters()
    {
        var recent = new RecentDistributions(Profile, 1);
        var live = new LiveAsset("a", new EvidenceModel(Profile), null);
        var timeline = new Timeline([], [new("a", new DateTimeOffset(Start + 300 * 2 * Second, TimeSpan.Zero), null, "plan")]);
        for (var i = 0; i < 400; i++)
        {
            live.Offer(0, Start + i * 2 * Second, 5);
            live.Offer(1, Start + i * 2 * Second, 60 * i);
            while (live.TryAdvance(timeline, recent: recent)) { }
        }
        var reference = new MetricDistributions(["load", "done_total"]);
        for (var i = 0; i < 100; i++) reference.Add([5, 60]);
        Assert.Equal((300, 0), recent.DistanceTo(reference, 0));
        Assert.Equal((299, 0), recent.DistanceTo(reference, 1));
    }

    private static bool Offer(RecentDistributions recent, long ticks, double load, double rate)
    {
        var values = recent.Wanted(ticks);
        if (values.IsEmpty) return false;
        (values[0], values[1]) = (load, rate);
        recent.Take();
        return true;
    }

    /// <summary>A load that is always 1.</summary>
    private static MetricDistributions Reference()
    {
        var reference = new MetricDistributions(["load", "done_total"]);
        for (var i = 0; i < 100; i++) reference.Add([1, 1]);
        return reference;
    }
}
