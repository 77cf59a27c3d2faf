namespace ServiMon.Predict.Cli.Feed;

public sealed class CatchUpTests
{
    private static readonly DateTimeOffset Now = new(2024, 1, 2, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_past_goes_faster_until_the_present_is_reached_and_then_as_time_goes()
    {
        var wall = new HandClock(Now);
        var pace = new CatchUp(Now - TimeSpan.FromMinutes(59), 60, wall);

        Assert.Equal(TimeSpan.Zero, pace.WaitFor(Now - TimeSpan.FromMinutes(59)));
        Assert.Equal(TimeSpan.FromSeconds(10), pace.WaitFor(Now - TimeSpan.FromMinutes(49)));
        // The minute that passes meanwhile is played too: one hour in all at sixty times the pace.
        wall.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, pace.WaitFor(Now + TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromMinutes(1), pace.WaitFor(Now + TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void However_fast_it_goes_no_step_is_due_before_its_time()
    {
        var pace = new CatchUp(Now, 1_000_000, new HandClock(Now));
        Assert.Equal(TimeSpan.FromMinutes(1), pace.WaitFor(Now + TimeSpan.FromMinutes(1)));
    }

    private sealed class HandClock(DateTimeOffset start) : TimeProvider
    {
        private TimeSpan _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => start + _passed;

        public override long GetTimestamp() => _passed.Ticks;

        public void Pass(TimeSpan span) => _passed += span;
    }
}
