using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class RuleIncidentsTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Profile Profile = ProfileReader.Parse("""
        profile: broker
        step: 1s
        horizons: [30s]
        metrics:
          up: {kind: gauge, group: structural_state}
          lag: {kind: gauge, group: latency}
        failure_rules:
          - {kind: down, metric: up, when: "< 1", for: 2s}
          - {kind: stuck, metric: lag, when: "> 9", for: 0s}
        """, "broker.yaml");

    /// <summary>A value for each second of <c>up</c>, and of <c>lag</c>.</summary>
    private static AssetRows Rows(string up, string lag, string asset = "a") => new(asset, ["lag", "up"],
        [.. Enumerable.Range(0, up.Length).Select(i => Start.AddSeconds(i).UtcTicks)], [.. up.Zip(lag).SelectMany(v => new[] { v.Second == 'x' ? 10.0 : 0, v.First - '0' })]);

    private static List<string> Told(AssetRows rows, params Incident[] incidents) =>
        [.. RuleIncidents.AddTo(new FleetRecord(new FleetHistory(["lag", "up"], [rows]), incidents, []), Profile).Incidents.Select(Text)];

    private static string Text(Incident i) => $"{i.Kind} {(i.Start - Start).TotalSeconds}-{(i.End is { } end ? (end - Start).TotalSeconds : null)}";

    private static Incident Reported(int from, int? to, string kind = "crash") => new("a", Start.AddSeconds(from), to is { } end ? Start.AddSeconds(end) : null, kind);

    [Theory]
    [InlineData("1110000111", "..........", "rule:down 3-7")]
    [InlineData("1110011111", "..........", "")]
    [InlineData("1110000000", "..........", "rule:down 3-")]
    [InlineData("1111111111", "..x....xx.", "rule:stuck 2-3|rule:stuck 7-9")]
    [InlineData("1110000111", "....xx....", "rule:stuck 4-7")]
    [InlineData("1110000111", "......xxx.", "rule:down 3-9")]
    public void History_tells_what_rules_have_seen_as_one_incident_while_any_fires(string up, string lag, string expected) =>
        Assert.Equal(expected, string.Join('|', Told(Rows(up, lag))));

    [Fact]
    public void What_was_reported_wins_over_what_overlaps_it()
    {
        Assert.Equal(["crash 2-8"], Told(Rows("1110000111", ".........."), Reported(2, 8)));
        Assert.Equal(["crash 6-"], Told(Rows("1110000111", ".........."), Reported(6, null)));
        Assert.Equal(["rule:down 3-7", "crash 9-"], Told(Rows("1110000111", ".........."), Reported(9, null)));
        // One that was stored open is known to have ended; one that history does not show any more stays.
        Assert.Equal(["rule:down 3-7"], Told(Rows("1110000111", ".........."), Reported(3, null, "rule:down")));
        Assert.Equal(["rule:down -90--80", "rule:down 3-7"], Told(Rows("1110000111", ".........."), Reported(-90, -80, "rule:down")));
    }

    [Fact]
    public void Rules_say_nothing_of_planned_times() => Assert.Empty(RuleIncidents.AddTo(
        new FleetRecord(new FleetHistory(["lag", "up"], [Rows("1110000111", "..........")]), [], [new MaintenanceWindow("a", Start.AddSeconds(1), Start.AddSeconds(8), "")]), Profile).Incidents);

    [Fact]
    public void What_a_rule_has_seen_is_a_label_and_no_condition()
    {
        var timeline = new Timeline([Reported(3, 7, "rule:down"), Reported(20, 30)], []);
        Assert.False(timeline.InIncident(Start.AddSeconds(5).UtcTicks));
        Assert.True(timeline.InIncident(Start.AddSeconds(25).UtcTicks));
        Assert.Equal(0, timeline.NextIncident(Start.UtcTicks));
    }

    [Fact]
    public void A_failure_under_way_goes_on_after_loading_the_state()
    {
        var live = new FailureWatch(Profile);
        for (var s = 0; s < 4; s++) live.Observe(Start.AddSeconds(s).UtcTicks, [0, 0], AssetCondition.Normal);
        Assert.Equal(("down", Start.UtcTicks), live.Failure);
        var writer = new StateWriter();
        live.Save(writer);
        var loaded = new FailureWatch(Profile);
        var reader = new StateReader(writer.Written.Span);
        loaded.Load(ref reader);
        Assert.Equal(("down", Start.UtcTicks), loaded.Failure);
        loaded.Observe(Start.AddSeconds(4).UtcTicks, [1, 0], AssetCondition.Normal);
        Assert.Equal(("down", Start.UtcTicks, Start.AddSeconds(4).UtcTicks), loaded.Ended);
        Assert.Null(loaded.Failure);
    }
}
