namespace ServiMon.Predict.Cli.Demo;

public sealed class AlarmTrackTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(6);

    [Fact]
    public void An_incident_soon_after_the_alarm_was_predicted_with_the_time_between()
    {
        var track = Track((0, 0.1), (1, 0.6), (2, 0.4), (3, 0.7));
        track.IncidentStarted(At(4));

        Assert.Equal(new AlarmCounts(1, 0, 0), track.Counts);
        Assert.Equal(TimeSpan.FromHours(3), track.LastLead);
        Assert.False(track.IsOn);
    }

    [Fact]
    public void An_incident_without_alarm_was_missed()
    {
        var track = Track((0, 0.1), (1, 0.49));
        track.IncidentStarted(At(2));

        Assert.Equal(new AlarmCounts(0, 1, 0), track.Counts);
        Assert.Null(track.LastLead);
    }

    [Fact]
    public void An_alarm_that_nothing_follows_within_the_horizon_is_false_once()
    {
        var track = Track((0, 0.6), (3, 0.6), (6, 0.6));
        Assert.Equal(default, track.Counts);

        track.Observe(At(7), 0.6);
        track.Observe(At(20), 0.6);
        Assert.Equal(new AlarmCounts(0, 0, 1), track.Counts);
        Assert.True(track.IsOn);
    }

    [Fact]
    public void An_alarm_that_stays_on_has_a_warning_time_of_at_most_the_horizon()
    {
        var track = Track((0, 0.6), (5, 0.6), (8, 0.6));
        track.IncidentStarted(At(9));

        Assert.Equal(new AlarmCounts(1, 0, 1), track.Counts);
        Assert.Equal(Horizon, track.LastLead);
    }

    [Fact]
    public void A_false_alarm_that_went_out_does_not_predict_a_later_incident()
    {
        var track = Track((0, 0.6), (1, 0.1), (10, 0.1));
        track.IncidentStarted(At(11));

        Assert.Equal(new AlarmCounts(0, 1, 1), track.Counts);
    }

    [Fact]
    public void A_wavering_probability_is_one_alarm_and_a_gap_changes_nothing()
    {
        var track = Track((0, 0.6), (1, 0.2), (2, 0.6), (3, double.NaN), (4, 0.3));
        Assert.True(track.IsOn);

        track.End();
        Assert.Equal(new AlarmCounts(0, 0, 1), track.Counts);
    }

    [Fact]
    public void An_alarm_that_comes_after_the_incident_began_is_no_warning()
    {
        var track = Track((2, 0.6));
        track.IncidentStarted(At(1));

        Assert.Equal(new AlarmCounts(0, 1, 0), track.Counts);
        Assert.Null(track.LastLead);
    }

    [Fact]
    public void An_alarm_is_open_until_it_is_judged()
    {
        var track = Track((0, 0.6), (1, 0.1));
        Assert.True(track.IsOpen);

        track.Observe(At(7), 0.1);
        Assert.False(track.IsOpen);
    }

    [Fact]
    public void Maintenance_leaves_an_alarm_unjudged()
    {
        var track = Track((0, 0.9));
        track.Clear();
        track.Observe(At(20), 0.1);
        track.End();

        Assert.Equal(default, track.Counts);
    }

    private static AlarmTrack Track(params (double Hour, double Probability)[] seen)
    {
        var track = new AlarmTrack(0.5, Horizon);
        foreach (var (hour, probability) in seen) track.Observe(At(hour), probability);
        return track;
    }

    private static long At(double hour) => TimeSpan.FromDays(1).Ticks + TimeSpan.FromHours(hour).Ticks;
}
