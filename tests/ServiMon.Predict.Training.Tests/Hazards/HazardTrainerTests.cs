using ServiMon.Predict.Hazard;
using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class HazardTrainerTests
{
    private static TrainedHazard Fit(HazardTrainingRequest request) => HazardTrainer.Fit(request, null, TestContext.Current.CancellationToken);

    [Fact]
    public void True_probabilities_are_recovered()
    {
        var fleet = new SyntheticFleet { Assets = 300 };
        var fit = Fit(fleet.Request(fleet.Draw().Table));
        Assert.Equal(PredictionBasis.Learned, fit.Model.Basis);
        var (fresh, rate) = (fleet with { Seed = 2, Assets = 400 }).Draw();
        var constant = new double[3];
        fit.Model.PredictBase(constant);
        for (var h = 0; h < 3; h++)
        {
            var (predicted, truth, error) = SyntheticFleet.Compare(fit.Model, fresh, rate, h);
            Assert.InRange(predicted / truth, 0.75, 1.3);
            var useless = rate.Average(r => Math.Abs(constant[h] - (1 - Math.Exp(-r * SyntheticFleet.Horizons[h].TotalSeconds))));
            Assert.True(error < 0.4 * useless, $"horizon {h}: mean error {error:F4}, of a constant {useless:F4}");
        }
    }

    /// <summary>Late rows whose outcome is known only when it is a failure would raise every hazard, most at the longest horizon.</summary>
    [Fact]
    public void Late_positives_are_dropped_where_late_negatives_are()
    {
        var fleet = new SyntheticFleet { Assets = 400, MaximumRows = 80, Slope = 0, Intercept = Math.Log(1.0 / 8000) };
        var (table, rate) = fleet.Draw();
        var fit = Fit(fleet.Request(table));
        var (predicted, truth, _) = SyntheticFleet.Compare(fit.Model, table, rate, 2);
        Assert.InRange(predicted / truth, 0.88, 1.12);
        // The same fleet with positives kept to the end, as the wrong rule would have it.
        for (var r = 0; r < table.Count; r++)
            if (double.IsFinite(table.SecondsToIncident[r])) table.SecondsObserved[r] = double.PositiveInfinity;
        var (wrong, _, _) = SyntheticFleet.Compare(Fit(fleet.Request(table)).Model, table, rate, 2);
        Assert.True(wrong / truth > 1.15, $"ratio {wrong / truth:F2}: the difference that this test is about has vanished");
    }

    [Fact]
    public void Rows_of_a_bucket_are_at_risk_and_followed_to_its_end()
    {
        var (table, _) = new SyntheticFleet().Draw();
        var rows = HazardRows.From(table, [], 6);
        var bucket = BucketRows.Select(rows, 600, 1800, _ => true);
        var expected = Enumerable.Range(0, table.Count).Where(r => table.SecondsToIncident[r] > 600 && table.SecondsObserved[r] >= 1800).ToArray();
        Assert.Equal(expected, bucket.Rows);
        Assert.Equal(expected.Select(r => table.SecondsToIncident[r] <= 1800), bucket.Label);
    }

    [Fact]
    public void Weights_undo_subsampling()
    {
        var fleet = new SyntheticFleet { Assets = 300 };
        var (table, rate) = fleet.Draw();
        var random = new Random(3);
        var keep = Enumerable.Range(0, table.Count).Select(r => double.IsFinite(table.SecondsToIncident[r]) || random.NextDouble() < 0.2).ToArray();
        float Weight(int r) => double.IsFinite(table.SecondsToIncident[r]) ? 1 : 5;
        var fit = Fit(fleet.Request(SyntheticFleet.Sample(table, r => keep[r], Weight)));
        var unweighted = Fit(fleet.Request(SyntheticFleet.Sample(table, r => keep[r], _ => 1)));
        var full = SyntheticFleet.Compare(fit.Model, table, rate, 1);
        Assert.InRange(full.Predicted / full.True, 0.8, 1.25);
        Assert.True(SyntheticFleet.Compare(unweighted.Model, table, rate, 1).Predicted / full.True > 1.5);
        Assert.InRange(fit.Report.Horizons[1].ExpectedOverObserved, 0.85, 1.15);
    }

    [Theory]
    [InlineData(11, 30)]
    [InlineData(12, 30)]
    [InlineData(13, 80)]
    [InlineData(14, 80)]
    public void Without_signal_the_answer_is_the_base_rate_and_no_more(int seed, int assets)
    {
        var fleet = new SyntheticFleet { Assets = assets, Slope = 0, Seed = seed, Universal = 20 };
        var fit = Fit(fleet.Request(fleet.Draw().Table));
        var (fresh, rate) = (fleet with { Seed = seed + 100, Assets = 200 }).Draw();
        for (var h = 0; h < 3; h++)
        {
            var (_, truth, error) = SyntheticFleet.Compare(fit.Model, fresh, rate, h);
            Assert.True(error < 0.6 * truth, $"horizon {h}: error {error:F4} at a truth of {truth:F4}");
        }
        Assert.All(fit.Report.Horizons, m => Assert.True(!(m.BrierSkill < -0.1), m.ToString()));
    }

    [Fact]
    public void Pooled_fleets_help_where_own_incidents_are_few()
    {
        var (alone, together) = (0.0, 0.0);
        var fleet = new SyntheticFleet { Assets = 25, Universal = 12 };
        var (fresh, rate) = (fleet with { Assets = 200, Seed = 7 }).Draw();
        var pooled = (fleet with { Assets = 200, Seed = 6 }).Draw().Table;
        for (var seed = 20; seed < 24; seed++)
        {
            var own = (fleet with { Seed = seed }).Draw().Table;
            alone += SyntheticFleet.Compare(Fit(fleet.Request(own)).Model, fresh, rate, 1).Error;
            together += SyntheticFleet.Compare(Fit(fleet.Request(own, pooled)).Model, fresh, rate, 1).Error;
        }
        Assert.True(together < 0.8 * alone, $"alone {alone:F4}, pooled {together:F4}");
    }

    [Fact]
    public void A_fleet_without_incidents_learns_from_pooled_ones()
    {
        var fleet = new SyntheticFleet { Assets = 20 };
        var own = NoIncidents(fleet.Draw().Table);
        var fit = Fit(fleet.Request(own, (fleet with { Assets = 200, Seed = 6 }).Draw().Table));
        Assert.Equal(PredictionBasis.Learned, fit.Model.Basis);
        Assert.True(fit.Report.EvaluatedOnPooled);
        Assert.Equal(0, fit.Report.OwnIncidentCount);
    }

    [Fact]
    public void A_fleet_that_never_failed_is_not_given_the_pooled_fleets_rate()
    {
        var pooled = (new SyntheticFleet { Assets = 200, Seed = 6 }).Draw().Table;
        var (few, many) = (new SyntheticFleet { Assets = 5 }, new SyntheticFleet { Assets = 100 });
        var (small, large) = (Mean(few), Mean(many));
        Assert.True(large < 0.5 * small, $"a mean probability of {large:F4} after much uneventful time, {small:F4} after little");

        double Mean(SyntheticFleet fleet)
        {
            var own = NoIncidents(fleet.Draw().Table);
            var model = Fit(fleet.Request(own, pooled)).Model;
            var (sum, p) = (0.0, new double[3]);
            for (var r = 0; r < own.Count; r++)
            {
                model.Predict(own.Row(r), p);
                sum += p[0];
            }
            return sum / own.Count;
        }
    }

    [Fact]
    public void Without_any_incident_the_prior_is_given_or_moved_by_evidence()
    {
        var fleet = new SyntheticFleet { Assets = 20 };
        var table = NoIncidents(fleet.Draw().Table);
        var prior = Fit(fleet.Request(table));
        Assert.Equal(PredictionBasis.Prior, prior.Model.Basis);
        Assert.Empty(prior.MlNetModels);
        Assert.Contains(prior.Report.Notes, n => n.Contains("too few incidents", StringComparison.Ordinal));
        // Half a failure in the exposure and the one longest horizon of the prior.
        var rows = BucketRows.Select(HazardRows.From(table, [], 6), 0, 600, _ => true).Rows.Length;
        var p = new double[3];
        prior.Model.Predict(table.Row(0), p);
        Assert.Equal(1 - Math.Exp(-0.5 / (rows * 60 + 3600) * 600), p[0], 1e-12);

        var moved = Fit(fleet.Request(table) with { AnomalyColumn = 1 });
        Assert.Equal(PredictionBasis.Evidence, moved.Model.Basis);
        var (low, high) = (new double[3], new double[3]);
        moved.Model.Predict([0, -9, 0, 0, 0, 0], low);
        moved.Model.Predict([0, 9, 0, 0, 0, 0], high);
        Assert.True(low[0] < p[0] && high[0] > 5 * p[0]);
    }

    [Fact]
    public void A_believed_rate_sets_the_prior()
    {
        var fleet = new SyntheticFleet { Assets = 1, MaximumRows = 61 };
        var p = new double[3];
        Fit(fleet.Request(NoIncidents(fleet.Draw().Table)) with { PriorFailuresPerYear = 2 }).Model.PredictBase(p);
        Assert.InRange(p[2] / (2 * 3600 / (365.25 * 86400)), 0.95, 1);
    }

    [Fact]
    public void One_incident_or_one_asset_or_no_row_gives_an_answer()
    {
        var fleet = new SyntheticFleet { Assets = 60 };
        var table = fleet.Draw().Table;
        var one = SyntheticFleet.Sample(table, r => table.Incident[r] is 0 or -1, _ => 1);
        Assert.Equal(PredictionBasis.Prior, Fit(fleet.Request(one)).Model.Basis);

        var none = SyntheticFleet.Sample(table, _ => false, _ => 1);
        var p = new double[3];
        Fit(fleet.Request(none)).Model.PredictBase(p);
        Assert.All(p, x => Assert.InRange(x, LogOdds.Margin, 0.5));

        // One asset whose failures follow one another: cross-validation goes by the stretches between them.
        var many = (fleet with { Assets = 150, Intercept = Math.Log(1.0 / 1500) }).Draw().Table;
        var failing = SyntheticFleet.Sample(many, r => many.Incident[r] >= 0, _ => 1);
        Array.Clear(failing.Asset);
        var single = Fit(fleet.Request(failing));
        Assert.True(single.Report.FoldCount >= 2);
        Assert.Equal(PredictionBasis.Learned, single.Model.Basis);
    }

    [Fact]
    public void The_same_request_gives_the_same_bits()
    {
        var fleet = new SyntheticFleet { Assets = 60, Others = 10 };
        var table = fleet.Draw().Table;
        var (a, b) = (Fit(fleet.Request(table)), Fit(fleet.Request(table)));
        Assert.Equal(Bits(a), Bits(b));
        Assert.Equal(a.Report.Candidates, b.Report.Candidates);
        Assert.Equal(a.MlNetModels.Select(m => Convert.ToHexString(m.Zip.AsSpan())), b.MlNetModels.Select(m => Convert.ToHexString(m.Zip.AsSpan())));
    }

    [Fact]
    public void Cancelling_ends_the_fit()
    {
        var fleet = new SyntheticFleet();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => HazardTrainer.Fit(fleet.Request(fleet.Draw().Table), null, source.Token));
    }

    private static byte[] Bits(TrainedHazard fit) => Training.Bundles.HazardCodec.Write(fit.Model);

    private static EvidenceTable NoIncidents(EvidenceTable table)
    {
        var healthy = SyntheticFleet.Sample(table, r => table.Incident[r] < 0, _ => 1);
        Assert.True(healthy.Count > 0);
        return healthy;
    }
}
