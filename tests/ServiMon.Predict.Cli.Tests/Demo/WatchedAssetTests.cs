using Google.Protobuf.WellKnownTypes;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>What the demo makes of what the service says, at the time when it is heard.</summary>
public sealed class WatchedAssetTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Profile Profile = ProfileReader.Parse("profile: drive\nstep: 1m\nhorizons: [1h, 6h]\n", "test");

    [Fact]
    public void A_warning_counts_from_when_it_was_heard_to_the_incident()
    {
        var asset = Asset();
        asset.Hear(Said(10, 0.9), At(12));
        asset.Fail(Failure(30, 50));

        Assert.Equal(TimeSpan.FromMinutes(18), asset.LastLead);
        Assert.Equal(new AlarmCounts(1, 0, 0), asset.Counts);
    }

    [Fact]
    public void What_is_said_of_the_time_before_an_incidents_end_raises_no_new_alarm()
    {
        var asset = Asset();
        asset.Fail(Failure(30, 50));
        asset.Hear(Said(29, 0.9), At(31));
        asset.Hear(Said(45, 0.9), At(47));
        Assert.False(asset.HasOpenAlarm);

        asset.Hear(Said(51, 0.9), At(53));
        Assert.True(asset.HasOpenAlarm);
    }

    [Fact]
    public void A_record_that_ends_in_good_health_makes_an_open_alarm_a_false_one()
    {
        var asset = Asset(endMinute: 60);
        asset.Hear(Said(50, 0.9), At(51));
        asset.Tick(At(60));
        Assert.False(asset.IsOver);

        asset.Tick(At(61));
        Assert.True(asset.IsOver);
        Assert.Equal(new AlarmCounts(0, 0, 1), asset.Counts);
    }

    [Fact]
    public void The_row_shows_the_latest_and_a_reason_only_where_there_is_a_risk()
    {
        var asset = Asset();
        asset.Hear(Said(10, 0.1), At(11));
        Assert.Equal(("", 0.05, 0.1), (asset.ToRow().Reason, asset.ToRow().Probability[0], asset.ToRow().Probability[1]));

        asset.Hear(Said(11, 0.4), At(12));
        Assert.Equal("structural state 80 %: off", asset.ToRow().Reason);
        Assert.Equal((PredictionState.Ready, PredictionBasis.Learned, false), (asset.ToRow().State, asset.ToRow().Basis, asset.ToRow().Alarm));
    }

    private static WatchedAsset Asset(int? endMinute = null) => new("a", Profile, Profile.Horizons, endMinute is { } end ? At(end).UtcTicks : long.MaxValue, endsInIncident: false);

    private static V1.Prediction Said(int minute, double probability) => new()
    {
        Asset = "a", Profile = "drive", Time = At(minute).ToTimestamp(), State = V1.PredictionState.Ready, Basis = V1.PredictionBasis.Learned,
        Probabilities =
        {
            new V1.HorizonProbability { Horizon = TimeSpan.FromHours(1).ToDuration(), Probability = probability / 2 },
            new V1.HorizonProbability { Horizon = TimeSpan.FromHours(6).ToDuration(), Probability = probability },
        },
        Drivers = { new V1.Driver { Group = "structural_state", Share = 0.8, Detail = "off" } },
    };

    private static FleetIncident Failure(int from, int to) => new("drive", new Incident("a", At(from), At(to), "wear"));

    private static DateTimeOffset At(int minute) => Start.AddMinutes(minute);
}
