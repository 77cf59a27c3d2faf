using ServiMon.Predict.Hazard;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Training.Backtesting;
using ServiMon.Predict.Training.Evaluation;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Evaluation;

/// <summary>Assets a0, a1, ... with 48 hourly rows, horizons of 2 and 6 hours.</summary>
public sealed class FailureEvaluationTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Profile Profile = SmallFleets.Profile(TimeSpan.FromHours(1), "2h", "6h");

    private static readonly (double Start, double? End)[][] Incidents =
    [
        [(20.5, 23)], // repaired
        [(40, null)], // never ends
        [],
        [(10, 12), (30, 33)],
        [(47.5, 47.9)], // ends with the record
        [(46, 60)], // outlasts the watch
    ];

    private static IReadOnlyList<HorizonScore> Score(
        (double Start, double? End)[][] incidents, Func<int, int, double> probability, Func<int, int, bool>? answered = null, Func<int, int, bool>? prior = null, params MaintenanceWindow[] maintenance)
    {
        var predictions = new List<AssetPredictions>();
        for (var a = 0; a < incidents.Length; a++)
        {
            var rows = new AssetRows($"a{a}", ["x"], [.. Enumerable.Range(0, 48).Select(i => Start.AddHours(i).UtcTicks)], new double[48]);
            var states = Enumerable.Range(0, 48).Select(i => answered?.Invoke(a, i) ?? true ? PredictionState.Ready : PredictionState.OutOfDistribution).ToArray();
            double[] both = [.. Enumerable.Range(0, 48).SelectMany(i => states[i] == PredictionState.Ready ? [0.8 * probability(a, i), probability(a, i)] : new[] { double.NaN, double.NaN })];
            var bases = Enumerable.Range(0, 48).Select(i => prior?.Invoke(a, i) ?? false ? PredictionBasis.Prior : PredictionBasis.Learned).ToArray();
            predictions.Add(new AssetPredictions(rows, 0, both, states, bases));
        }
        var fleet = new FleetRecord(
            new FleetHistory(["x"], [.. predictions.Select(p => p.Rows)]),
            [.. incidents.SelectMany((all, a) => all.Select(i => new Incident($"a{a}", Start.AddHours(i.Start), i.End is { } e ? Start.AddHours(e) : null, "k")))],
            maintenance);
        return FailureEvaluation.Score(Profile, predictions, Timeline.ByAsset(fleet), seed: 1);
    }

    /// <summary>The expected numbers were computed by another implementation of the same definitions, once.</summary>
    [Fact]
    public void A_small_fleet_has_the_scores_computed_elsewhere()
    {
        var scores = Score(
            Incidents,
            (a, i) => 0.4 * ((i * 31 + a * 17) % 97) / 97 + (Incidents[a].Any(x => x.Start > i && x.Start <= i + 8) ? 0.5 : 0),
            (a, i) => (i * 7 + a) % 11 != 0);
        Check(scores[0], 238, 11, 24, 6, 0.9223067681217461, 0.27122998515602764, 0.0831046312711502, -0.8852137499891997, 0.2975372430832094, 0.19264142770510265);
        Check(scores[1], 224, 29, 22, 22, 0.9677276746242264, 0.7190251139263659, 0.08652848052017063, 0.23224526285056035, 0.3155161424966368, 0.18790040500736377);
        Assert.Equal([(0, null, null), (0, null, null), (2, 0.654020619, 5400.0)], scores[0].Alarms.Select(Short));
        Assert.Equal([(1, 0.891752577, 18000.0), (1, 0.891752577, 18000), (6, 0.516494845, 21600)], scores[1].Alarms.Select(Short));
        Assert.Equal(0.6050420168067228, scores[0].Alarms[2].FalseEpisodesPerAssetDay, 12);
        Assert.Equal(0.6428571428571428, scores[1].Alarms[2].FalseEpisodesPerAssetDay, 12);
        Assert.All(scores.SelectMany(s => s.Alarms), a => Assert.Equal((6, false), (a.Incidents, a.Vacuous)));
        Assert.Equal((17L, 0.019212, 0.0), (scores[0].Reliability[0].Count, Math.Round(scores[0].Reliability[0].Probability, 6), scores[0].Reliability[0].Frequency));

        static (int, double?, double?) Short(AlarmScore a) => (a.Caught, a.Threshold is { } t ? Math.Round(t, 9) : null, a.MedianLeadSeconds);
    }

    private static void Check(
        HorizonScore score, long count, long positives, long abstained, long censored,
        double area, double precision, double brier, double skill, double loss, double calibration)
    {
        Assert.Equal((count, positives, abstained, censored), (score.Count, score.Positives, score.Abstained, score.Censored));
        Assert.Equal(positives / (double)count, score.BaseRate!.Value, 12);
        Assert.Equal(
            [area, precision, brier, skill, loss, calibration],
            new[] { score.RocAuc!.Value, score.AveragePrecision!.Value, score.Brier!.Value, score.BrierSkill!.Value, score.LogLoss!.Value, score.CalibrationError!.Value },
            (x, y) => Math.Abs(x - y) < 1e-9);
    }

    [Fact]
    public void A_row_is_positive_when_an_incident_starts_after_it_and_by_the_horizon()
    {
        // Hour 20: rows 18 and 19 are positive at 2 h, rows 14 to 19 at 6 h; row 20 lies in the incident.
        var scores = Score([[(20, 20)]], (_, _) => 0.5);
        Assert.Equal((2L, 6L), (scores[0].Positives, scores[1].Positives));
        // 48 rows less the one in the incident, less those that are not followed to the horizon.
        Assert.Equal((47 - 2, 47 - 6), (scores[0].Count, scores[1].Count));
        Assert.Equal((2L, 6L), (scores[0].Censored, scores[1].Censored));
    }

    [Fact]
    public void Late_positives_are_censored_as_late_negatives_are()
    {
        // The incident outlasts the watch: its six rows before are seen for five hours at most.
        var scores = Score([[(46, 90)]], (_, _) => 0.5);
        Assert.Equal((40L, 4L, 2L), (scores[1].Count - 2, scores[1].Censored, scores[1].Positives));
        var known = Score([[(46, 48)]], (_, _) => 0.5);
        Assert.Equal((46L, 0L, 6L), (known[1].Count, known[1].Censored, known[1].Positives));
    }

    [Fact]
    public void Rows_in_maintenance_do_not_count() =>
        Assert.Equal(48 - 2 - 11, Score([[]], (_, _) => 0.5, null, null, new MaintenanceWindow("a0", Start.AddHours(10), Start.AddHours(20), "planned"))[0].Count);

    [Fact]
    public void Scores_that_one_class_does_not_define_are_null()
    {
        var score = Score([[]], (_, _) => 0.5)[0];
        Assert.Equal((46L, 0L, 0.0), (score.Count, score.Positives, score.BaseRate));
        Assert.Equal((null, null, null, null, null), (score.RocAuc, score.AveragePrecision, score.BrierSkill, score.BrierSkillLow, score.BrierSkillHigh));
        Assert.Equal(0.16, score.Brier!.Value, 12); // 0.8 x 0.5, squared
        var silent = Score([[]], (_, _) => 0.5, (_, _) => false)[0];
        Assert.Equal((0L, 46L, (double?)null), (silent.Count, silent.Abstained, silent.Brier));
        Assert.Empty(silent.Alarms);
    }

    [Fact]
    public void Rows_answered_by_the_prior_alone_are_counted_and_scored_apart()
    {
        // The first ten rows of each asset are in warm-up: their answers are far off, those of the model are right.
        double Answer(int a, int i) => i < 10 ? 0.9 : Incidents[a].Any(x => x.Start > i && x.Start <= i + 6) ? 0.95 : 0.05;
        var score = Score(Incidents, Answer, null, (_, i) => i < 10)[1];
        // Asset 3 fails within 6 h of rows 4 to 9.
        Assert.Equal((60L, score.Count - 60, score.Positives - 6), (score.PriorCount, score.ModelRows!.Count, score.ModelRows.Positives));
        Assert.Equal(0.05 * 0.05, score.ModelRows.Brier, 12);
        var rate = score.ModelRows.Positives / (double)score.ModelRows.Count;
        Assert.Equal(1 - 0.05 * 0.05 / (rate * (1 - rate)), score.ModelRows.BrierSkill!.Value, 12);
        Assert.Equal(-rate * Math.Log(rate) - (1 - rate) * Math.Log(1 - rate), score.ModelRows.BaseRateLogLoss, 12);
        Assert.True(score.BrierSkill < 0);
        Assert.Equal((1.0, true), (score.ModelRows.RocAuc, score.RocAuc < 1));
    }

    [Fact]
    public void Rows_of_a_model_are_all_rows_or_none_where_there_is_no_other_basis()
    {
        var all = Score(Incidents, (_, _) => 0.2)[1];
        Assert.Equal((0L, all.Count, all.Brier, all.BrierSkill), (all.PriorCount, all.ModelRows!.Count, all.ModelRows.Brier, all.ModelRows.BrierSkill));
        var none = Score(Incidents, (_, _) => 0.2, null, (_, _) => true)[1];
        Assert.Equal((none.Count, null), (none.PriorCount, none.ModelRows));
    }

    [Fact]
    public void The_interval_of_the_skill_holds_it_and_narrows_with_more_assets()
    {
        HorizonScore Of(int assets) => Score(
            [.. Enumerable.Range(0, assets).Select(a => new (double, double?)[] { (10 + a * 7 % 30, 10.5 + a * 7 % 30) })],
            (a, i) => 10 + a * 7 % 30 is var s && i < s && i >= s - 6 ? 0.7 + a % 3 * 0.1 : 0.05 * (a % 4))[1];
        var (few, many) = (Of(8), Of(64));
        Assert.InRange(few.BrierSkill!.Value, few.BrierSkillLow!.Value, few.BrierSkillHigh!.Value);
        Assert.InRange(many.BrierSkill!.Value, many.BrierSkillLow!.Value, many.BrierSkillHigh!.Value);
        // Eight times the assets: about the square root of eight narrower.
        Assert.InRange((few.BrierSkillHigh - few.BrierSkillLow)!.Value / (many.BrierSkillHigh - many.BrierSkillLow)!.Value, 1.5, 5);
        Assert.Equal((few.BrierSkillLow, few.BrierSkillHigh), (Of(8).BrierSkillLow, Of(8).BrierSkillHigh));
    }
}
