using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Evaluation;

namespace ServiMon.Predict.Training.Tests.Evaluation;

public sealed class ModelComparisonTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_higher_base_rate_loses_where_nothing_fails_and_wins_where_much_does()
    {
        var calm = Fleet(failing: 0);
        var rough = Fleet(failing: 12);
        var optimist = Prior(calm, failuresPerYear: 1);
        var pessimist = Prior(calm, failuresPerYear: 2000);
        var from = Start.AddHours(4);

        var onCalm = ModelComparison.Run(optimist, pessimist, calm, from, 1, TestContext.Current.CancellationToken);
        Assert.Equal(0, onCalm.IncidentCount);
        Assert.True(onCalm.DifferenceHigh < 0);
        Assert.False(onCalm.CandidateWins, "no incident, no verdict");

        var onRough = ModelComparison.Run(pessimist, optimist, rough, from, 1, TestContext.Current.CancellationToken);
        Assert.Equal(12, onRough.IncidentCount);
        Assert.True(onRough.CandidateWins);
        Assert.InRange(onRough.CandidateLogLoss - onRough.ChampionLogLoss, onRough.DifferenceLow, onRough.DifferenceHigh);
        var mirrored = ModelComparison.Run(optimist, pessimist, rough, from, 1, TestContext.Current.CancellationToken);
        Assert.False(mirrored.CandidateWins);
        Assert.Equal(onRough.CandidateLogLoss, mirrored.ChampionLogLoss);
        Assert.Equal(-onRough.DifferenceHigh, mirrored.DifferenceLow, 1e-12);
    }

    [Fact]
    public void A_model_is_as_good_as_itself_and_only_rows_with_a_known_outcome_count()
    {
        var fleet = Fleet(failing: 3);
        var model = Prior(fleet, failuresPerYear: 10);
        var comparison = ModelComparison.Run(model, model, fleet, Start.AddHours(4), 1, TestContext.Current.CancellationToken);

        Assert.Equal((0.0, 0.0), (comparison.DifferenceLow, comparison.DifferenceHigh));
        Assert.False(comparison.CandidateWins);
        // From 4:00 to 7:59 there are 240 rows an asset; the last 10 are censored; 11 of each failing asset are in its incident.
        Assert.Equal(20 * 230 - 3 * 11, comparison.RowCount);
    }

    [Fact]
    public void Nothing_to_resample_gives_no_interval()
    {
        var fleet = Fleet(failing: 0);
        var model = Prior(fleet, failuresPerYear: 10);
        var none = ModelComparison.Run(model, model, fleet, Start.AddDays(2), 1, TestContext.Current.CancellationToken);
        Assert.Equal(0, none.RowCount);
        Assert.True(double.IsNaN(none.DifferenceHigh));
        Assert.False(none.CandidateWins);
    }

    /// <summary>Twenty assets over eight hours by the minute; some fail at six o'clock for ten minutes.</summary>
    private static FleetRecord Fleet(int failing)
    {
        var random = new Random(5);
        var assets = Enumerable.Range(0, 20).Select(a => new AssetRows($"a{a:00}", ["load"],
            [.. Enumerable.Range(0, 480).Select(m => Start.AddMinutes(m).UtcTicks)], [.. Enumerable.Range(0, 480).Select(_ => random.NextDouble())])).ToList();
        var incidents = Enumerable.Range(0, failing).Select(a => new Incident($"a{a:00}", Start.AddHours(6), Start.AddHours(6).AddMinutes(10), "")).ToList();
        return new FleetRecord(new FleetHistory(["load"], assets), incidents, []);
    }

    /// <summary>A model that knows nothing but a rate of failure.</summary>
    private static Scoring.ScoringModel Prior(FleetRecord fleet, int failuresPerYear)
    {
        var profile = ProfileReader.Parse($"profile: p\nstep: 1m\nhorizons: [10m]\nprior_failures_per_year: {failuresPerYear}\n", "p.yaml");
        var empty = fleet with { History = fleet.History with { Assets = [.. fleet.History.Assets.Take(1)] }, Incidents = [] };
        var request = new TrainingRequest { Profile = ProfileInference.Complete(profile, ["load"]), Fleet = empty, Until = Start.AddHours(1) };
        return Trainer.Train(request, null, TestContext.Current.CancellationToken).Scoring;
    }
}
