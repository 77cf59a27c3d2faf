using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class AssetScorerTests
{
    private static readonly EvidenceModel Evidence = new(ScoringModels.Broker);
    private static readonly ScoringModel Model = ScoringModels.Random(Evidence, 1);

    private sealed record Answer(PredictionState State, PredictionBasis Basis, double[] Probability, float[] Evidence);

    private static List<Answer> Score(AssetRows rows, ScoringModel? model, Func<int, AssetCondition>? condition = null)
    {
        var scorer = new AssetScorer(Evidence, model, rows);
        var answers = new List<Answer>();
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows.Ticks[i], scorer.NextTicks);
            scorer.Advance(condition?.Invoke(i) ?? AssetCondition.Normal);
            answers.Add(new Answer(scorer.State, scorer.Basis, scorer.Probability.ToArray(), scorer.Evidence.ToArray()));
        }
        Assert.Equal(long.MaxValue, scorer.NextTicks);
        return answers;
    }

    [Fact]
    public void Warm_up_answers_with_the_prior_and_then_with_the_evidence()
    {
        var answers = Score(ScoringModels.Rows(10, 1), Model);
        var prior = new double[3];
        Model.Hazard.PredictBase(prior);
        Assert.All(answers, a => Assert.Equal(PredictionState.Ready, a.State));
        // The profile warms up for 6 s: three steps.
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(i < 3 ? PredictionBasis.Prior : PredictionBasis.Learned, answers[i].Basis);
            var expected = prior;
            if (i >= 3) Model.Hazard.Predict(answers[i].Evidence, expected = new double[3]);
            Assert.Equal(expected, answers[i].Probability);
        }
    }

    [Fact]
    public void Without_a_model_there_is_no_probability() =>
        Assert.All(Score(ScoringModels.Rows(8, 1), null), a => AssertSilent(PredictionState.NoModel, a));

    [Fact]
    public void A_failure_rule_makes_the_incident_and_the_asset_starts_afresh_after_it()
    {
        var rows = ScoringModels.Rows(50, 2, (i, row) => row[5] = i is >= 20 and < 30 ? 0 : 1);
        var answers = Score(rows, Model);
        for (var i = 0; i < 50; i++)
        {
            // The probe must be down for 4 s, two steps after the first failed one.
            if (i is >= 22 and < 30) AssertSilent(PredictionState.InIncident, answers[i]);
            else Assert.Equal(PredictionState.Ready, answers[i].State);
        }
        Assert.All(answers[30..33], a => Assert.Equal(PredictionBasis.Prior, a.Basis));
        AssertFresh(rows, answers, 30);
    }

    [Fact]
    public void Maintenance_is_silent_and_the_asset_starts_afresh_after_it()
    {
        // A failing probe in maintenance is no incident.
        var rows = ScoringModels.Rows(50, 3, (i, row) => row[5] = i is >= 20 and < 30 ? 0 : 1);
        var answers = Score(rows, Model, i => i is >= 18 and < 30 ? AssetCondition.Maintenance : AssetCondition.Normal);
        for (var i = 0; i < 50; i++)
        {
            if (i is >= 18 and < 30) AssertSilent(PredictionState.Maintenance, answers[i]);
            else Assert.Equal(PredictionState.Ready, answers[i].State);
        }
        AssertFresh(rows, answers, 30);
    }

    [Fact]
    public void A_reported_incident_is_silent_too()
    {
        var answers = Score(ScoringModels.Rows(20, 3), Model, i => i == 10 ? AssetCondition.Incident : AssetCondition.Normal);
        AssertSilent(PredictionState.InIncident, answers[10]);
        Assert.Equal(PredictionBasis.Prior, answers[11].Basis);
    }

    [Fact]
    public void An_asset_with_less_than_half_of_the_metrics_is_out_of_distribution()
    {
        // Three of eight metrics; until warm-up ends nobody can tell.
        var answers = Score(ScoringModels.Rows(20, 4, (_, row) => row.AsSpan(3).Fill(double.NaN)), Model);
        Assert.All(answers[..3], a => Assert.Equal(PredictionState.Ready, a.State));
        Assert.All(answers[3..], a => AssertSilent(PredictionState.OutOfDistribution, a));
        var half = Score(ScoringModels.Rows(20, 4, (_, row) => row.AsSpan(4).Fill(double.NaN)), Model);
        Assert.All(half, a => Assert.Equal(PredictionState.Ready, a.State));
        var lost = Score(ScoringModels.Rows(20, 4, (i, row) => row.AsSpan(i < 10 ? 8 : 1).Fill(double.NaN)), Model);
        Assert.All(lost, a => Assert.Equal(PredictionState.Ready, a.State));
    }

    [Fact]
    public void Columns_that_a_file_lacks_are_missing_metrics()
    {
        var rows = ScoringModels.Rows(12, 4);
        var two = new AssetRows(rows.Asset, ["gc", "unknown"], rows.Ticks, [.. Enumerable.Range(0, 12).SelectMany(i => new[] { rows.Row(i)[7], 3 })]);
        Assert.All(Score(two, Model)[3..], a => AssertSilent(PredictionState.OutOfDistribution, a));
    }

    [Fact]
    public void Metrics_that_training_never_saw_are_not_asked_for()
    {
        var seen = Model with { Reference = Model.Reference with { MetricsSeen = [true, true, true, false, false, false, false, false] } };
        Assert.All(Score(ScoringModels.Rows(20, 4, (_, row) => row.AsSpan(3).Fill(double.NaN)), seen), a => Assert.Equal(PredictionState.Ready, a.State));
    }

    [Fact]
    public void Probabilities_rise_with_the_horizon_and_are_there_exactly_when_ready() =>
        Gen.Select(Gen.Int[0, 1000], Gen.OneOf(Gen.Double[-1e4, 1e4], Gen.Const(double.NaN), Gen.Const(1e300), Gen.Const(double.PositiveInfinity)).Array[8 * 25], Gen.Int[0, 9].Array[25])
            .Sample((seed, values, condition) =>
            {
                var rows = new AssetRows("a", [.. ScoringModels.Broker.Metrics.Select(m => m.Name)], [.. Enumerable.Range(0, 25).Select(i => 2 * i * ScoringModels.Second)], values);
                var answers = Score(rows, ScoringModels.Random(Evidence, seed), i => condition[i] switch { 0 => AssetCondition.Maintenance, 1 => AssetCondition.Incident, _ => AssetCondition.Normal });
                foreach (var answer in answers)
                {
                    if (answer.State != PredictionState.Ready) { AssertSilent(answer.State, answer); continue; }
                    Assert.Equal(answer.Probability.Order(), answer.Probability);
                    Assert.All(answer.Probability, p => Assert.InRange(p, LogOdds.Margin, 1 - LogOdds.Margin));
                }
            }, iter: 50);

    private static void AssertSilent(PredictionState state, Answer answer)
    {
        Assert.Equal(state, answer.State);
        Assert.All(answer.Probability, p => Assert.Equal(double.NaN, p));
    }

    /// <summary>From the row on, the answers are those of an asset whose history begins there.</summary>
    private static void AssertFresh(AssetRows rows, List<Answer> answers, int row)
    {
        var born = Score(new AssetRows(rows.Asset, rows.Metrics, rows.Ticks[row..], rows.Values[(row * rows.Metrics.Count)..]), Model);
        for (var i = 0; i < born.Count; i++) Assert.Equal(born[i].Probability, answers[row + i].Probability);
    }
}
