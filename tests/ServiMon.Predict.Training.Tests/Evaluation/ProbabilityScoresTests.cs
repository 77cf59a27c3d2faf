using CsCheck;
using ServiMon.Predict.Training.Evaluation;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Evaluation;

/// <summary>Against their definitions over pairs and thresholds, with many ties.</summary>
public sealed class ProbabilityScoresTests
{
    /// <summary>Probabilities in twelfths, so that most are tied, with outcomes.</summary>
    private static readonly Gen<(int, bool)[]> Rows = Gen.Select(Gen.Int[0, 12], Gen.Bool).Array[1, 60];

    private static (double[] P, bool[] Y) Split((int Twelfths, bool Positive)[] rows) => ([.. rows.Select(r => r.Twelfths / 12.0)], [.. rows.Select(r => r.Positive)]);

    [Fact]
    public void Area_under_the_curve_is_the_share_of_pairs_in_order() => Rows.Sample(rows =>
    {
        var (p, y) = Split(rows);
        var pairs = (from i in Enumerable.Range(0, p.Length) where y[i] from j in Enumerable.Range(0, p.Length) where !y[j] select p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0).ToArray();
        if (pairs.Length == 0) Assert.Null(ProbabilityScores.RocAuc(p, y));
        else Assert.Equal(pairs.Average(), ProbabilityScores.RocAuc(p, y)!.Value, 1e-12);
    });

    [Fact]
    public void Average_precision_sums_precision_times_gained_recall_over_thresholds() => Rows.Sample(rows =>
    {
        var (p, y) = Split(rows);
        var positives = y.Count(v => v);
        if (positives == 0) { Assert.Null(ProbabilityScores.AveragePrecision(p, y)); return; }
        double sum = 0, recall = 0;
        foreach (var threshold in p.Distinct().OrderDescending())
        {
            var alarms = y.Where((_, i) => p[i] >= threshold).ToArray();
            var now = alarms.Count(v => v) / (double)positives;
            sum += (now - recall) * alarms.Count(v => v) / alarms.Length;
            recall = now;
        }
        Assert.Equal(sum, ProbabilityScores.AveragePrecision(p, y)!.Value, 1e-12);
    });

    [Fact]
    public void Brier_score_and_log_loss_are_means_over_rows() => Rows.Sample(rows =>
    {
        var (p, y) = Split(rows);
        Assert.Equal(p.Zip(y, (a, b) => b ? (1 - a) * (1 - a) : a * a).Average(), ProbabilityScores.Brier(p, y), 1e-12);
        Assert.Equal(p.Zip(y, (a, b) => -Math.Log(Math.Max(1e-15, b ? a : 1 - a))).Average(), ProbabilityScores.LogLoss(p, y), 1e-12);
    });

    [Fact]
    public void Certainty_that_is_wrong_costs_what_fifteen_zeros_do() =>
        Assert.Equal(-Math.Log(1e-15), ProbabilityScores.LogLoss([0.0], [true]), 1e-9);

    [Fact]
    public void Bins_hold_every_row_once_in_order_and_never_split_equal_probabilities() => Rows.Sample(rows =>
    {
        var (p, y) = Split(rows);
        var bins = ProbabilityScores.Reliability(p, y);
        Assert.True(bins.Count <= 15);
        var order = p.Order().ToArray();
        var at = 0;
        foreach (var bin in bins)
        {
            var members = order.Skip(at).Take((int)bin.Count).ToArray();
            Assert.Equal(members.Average(), bin.Probability, 1e-12);
            Assert.Equal(y.Where((_, i) => p[i] >= members[0] && p[i] <= members[^1]).Average(v => v ? 1 : 0), bin.Frequency, 1e-12);
            at += members.Length;
            Assert.True(at == p.Length || order[at] > members[^1]);
        }
        Assert.Equal(p.Length, at);
        Assert.Equal(bins.Sum(b => b.Count * Math.Abs(b.Probability - b.Frequency)) / p.Length, ProbabilityScores.CalibrationError(bins), 1e-12);
    });

    [Fact]
    public void Bins_of_distinct_probabilities_have_equal_mass()
    {
        var p = Enumerable.Range(0, 150).Select(i => i / 150.0).ToArray();
        Assert.Equal(Enumerable.Repeat(10L, 15), ProbabilityScores.Reliability(p, new bool[150]).Select(b => b.Count));
    }

    [Fact]
    public void A_large_tie_takes_the_room_of_the_bins_it_covers()
    {
        // 60 of 90 rows are equal: they fill ten of fifteen bins, the other five hold six each.
        var p = Enumerable.Range(0, 90).Select(i => i < 60 ? 0.1 : 0.2 + i / 1000.0).ToArray();
        Assert.Equal([60L, 6, 6, 6, 6, 6], ProbabilityScores.Reliability(p, new bool[90]).Select(b => b.Count));
    }
}
