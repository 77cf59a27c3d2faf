using CsCheck;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class TimelineTests
{
    private static readonly DateTimeOffset Zero = DateTimeOffset.UnixEpoch;

    private static DateTimeOffset At(int second) => Zero.AddSeconds(second);

    private static long Ticks(int second) => At(second).UtcTicks;

    private static Incident From(int start, int? end) => new("a", At(start), end is { } e ? At(e) : null, "k");

    [Fact]
    public void Windows_hold_their_ends_and_may_overlap_or_never_end() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 20], Gen.Int[0, 9]).Array[0, 5].Sample(drawn =>
        {
            var windows = drawn.Select(d => (Start: d.Item1, End: d.Item3 == 0 ? (int?)null : d.Item1 + d.Item2)).ToArray();
            var timeline = new Timeline(windows.Select(w => From(w.Start, w.End)), windows.Select(w => new MaintenanceWindow("a", At(w.Start), w.End is { } e ? At(e) : null, "k")));
            for (var t = -1; t < 90; t++)
            {
                var inside = windows.Any(w => w.Start <= t && (w.End is null || t <= w.End));
                Assert.Equal(inside, timeline.InIncident(Ticks(t)));
                Assert.Equal(inside, timeline.InMaintenance(Ticks(t)));
                var later = windows.Where(w => w.Start > t).Select(w => Ticks(w.Start)).DefaultIfEmpty(long.MaxValue).Min();
                Assert.Equal(later, timeline.NextMaintenance(Ticks(t)));
                var next = timeline.NextIncident(Ticks(t));
                Assert.Equal(later, next < 0 ? long.MaxValue : timeline.Incidents[next].Start);
            }
        });

    /// <summary>Rows end at second 100, two seconds apart.</summary>
    [Theory]
    [InlineData(90, null, true)]
    [InlineData(90, 100, true)]
    [InlineData(90, 102, true)]
    [InlineData(90, 103, false)] // merely outlasts the watch
    [InlineData(90, 99, false)] // was repaired while watched
    [InlineData(101, 101, true)]
    public void A_record_ends_in_an_incident_that_never_ends_or_ends_with_it(int start, int? end, bool expected)
    {
        var step = TimeSpan.FromSeconds(2);
        Assert.Equal(expected, new Timeline([From(start, end)], []).EndsInIncident(Ticks(100), step));
        Assert.Equal(expected, new Timeline([From(10, 20), From(start, end)], []).EndsInIncident(Ticks(100), step));
    }

    [Fact]
    public void An_incident_without_end_is_not_ended_by_a_shorter_one_within_it() =>
        Assert.True(new Timeline([From(50, null), From(60, 70)], []).EndsInIncident(Ticks(100), TimeSpan.FromSeconds(2)));

    [Fact]
    public void Without_incidents_no_record_ends_in_one() => Assert.False(new Timeline([], []).EndsInIncident(0, TimeSpan.FromSeconds(2)));
}
