using CsCheck;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class OverlappingWindowsTests
{
    /// <summary>Windows may overlap, hold one another and never end; the oracle looks at every one.</summary>
    [Fact]
    public void A_timeline_answers_as_a_look_at_every_window_does() =>
        Gen.Select(Gen.Long[0, 40], Gen.Int[-1, 15]).Array[0, 12].Sample(windows =>
        {
            DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
            DateTimeOffset? End(long start, int length) => length < 0 ? null : Time(start + length);
            var timeline = new Timeline(
                windows.Select(w => new Incident("a", Time(w.Item1), End(w.Item1, w.Item2), "")),
                windows.Select(w => new MaintenanceWindow("a", Time(w.Item1), End(w.Item1, w.Item2), "")));
            for (var t = -1; t < 60; t++)
            {
                var inside = windows.Any(w => w.Item1 <= t && (w.Item2 < 0 || t <= w.Item1 + w.Item2));
                Assert.Equal(inside, timeline.InIncident(t));
                Assert.Equal(inside, timeline.InMaintenance(t));
                var starts = windows.Select(w => w.Item1).Where(s => s > t).ToArray();
                Assert.Equal(starts.Length == 0 ? long.MaxValue : starts.Min(), timeline.NextMaintenance(t));
                Assert.Equal(starts.Length == 0 ? -1 : windows.Length - starts.Length, timeline.NextIncident(t));
            }
        });
}
