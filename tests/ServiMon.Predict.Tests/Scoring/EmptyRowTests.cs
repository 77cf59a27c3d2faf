using ServiMon.Predict.Evidence;
using ServiMon.Predict.Hazard;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;
using ServiMon.Predict.Tests.Evidence;

namespace ServiMon.Predict.Tests.Scoring;

public sealed class EmptyRowTests
{
    private static readonly EvidenceModel Evidence = new(TestProfiles.OfBroker());

    private static List<(PredictionState State, PredictionBasis Basis, bool HasProbability)> Score(int rows, Func<int, bool> isEmpty)
    {
        double[] full = [100, 0, 100, 1000, 900, 1, 0.01, 0];
        var values = Enumerable.Range(0, rows).SelectMany(i => isEmpty(i) ? new double[8].Select(_ => double.NaN) : full.Select((v, m) => m is 0 or 7 ? v * i : v));
        var names = Evidence.Profile.Metrics.Select(m => m.Name).ToArray();
        var ticks = Enumerable.Range(0, rows).Select(i => i * Evidence.Profile.Step.Ticks).ToArray();
        var scorer = new AssetScorer(Evidence, LookingAt.Column(Evidence, "anomaly"), new AssetRows("a", names, ticks, [.. values]));
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            scorer.Advance(AssetCondition.Normal);
            return (scorer.State, scorer.Basis, !double.IsNaN(scorer.Probability[0]));
        })];
    }

    [Fact]
    public void Empty_rows_at_the_start_used_up_the_warm_up()
    {
        var answers = Score(20, i => i < 8);
        // Nothing but the prior is known before the first sample and for three steps of samples.
        for (var i = 0; i < 11; i++) Assert.Equal((PredictionState.Ready, PredictionBasis.Prior, true), answers[i]);
        for (var i = 11; i < 20; i++) Assert.Equal((PredictionState.Ready, PredictionBasis.Learned, true), answers[i]);
    }

    [Fact]
    public void An_asset_whose_rows_stay_empty_kept_its_probability()
    {
        var answers = Score(60, i => i is >= 20 and < 45);
        for (var i = 0; i < 60; i++)
        {
            // Stale after 20 s: with the eleventh empty row of two seconds.
            var expected = i is >= 30 and < 45 ? PredictionState.Stale : PredictionState.Ready;
            Assert.Equal(expected, answers[i].State);
            Assert.Equal(expected == PredictionState.Ready, answers[i].HasProbability);
        }
        Assert.Equal(PredictionBasis.Learned, answers[29].Basis);
        for (var i = 45; i < 48; i++) Assert.Equal(PredictionBasis.Prior, answers[i].Basis); // a new life
    }
}
