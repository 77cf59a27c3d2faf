using System.Collections.Immutable;
using CsCheck;
using ServiMon.Predict.Hazard;
using Xunit;

namespace ServiMon.Predict.Tests.Hazard;

public class HazardModelTests
{
    private static readonly ImmutableArray<TimeSpan> Horizons = [TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    private static LinearModel Line(params double[] weights) =>
        new(new float[weights.Length], Enumerable.Repeat(1f, weights.Length).ToArray(), weights, -1, 5);

    private static BucketHazard Learned(double rate, double slope, params double[] weights) => new()
    {
        Base = rate,
        Components = [Line(weights)],
        Calibration = new PlattCalibration(slope, 0),
        LearnedWeight = 0.8,
    };

    private static HazardModel Model(params BucketHazard[] buckets) => new(Horizons, [.. buckets], ["latency", "network"], [0, 0, 1, 1]);

    [Fact]
    public void Probability_never_falls_with_the_horizon_and_stays_within_its_bounds()
    {
        var model = Model(Learned(0.01, 3, 2, -4, 1, 0), Learned(0.02, 1, -9, 9, 9, 0), new BucketHazard { Base = 0.5 });
        var value = Gen.OneOf(Gen.Float[-1e6f, 1e6f], Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity));
        value.Array[4].Sample(evidence =>
        {
            Span<double> p = stackalloc double[3];
            model.Predict(evidence, p);
            return p[0] >= LogOdds.Margin && p[0] <= p[1] && p[1] <= p[2] && p[2] <= 1 - LogOdds.Margin;
        });
    }

    [Fact]
    public void Probability_is_one_minus_the_product_of_survivals()
    {
        var model = Model(new BucketHazard { Base = 0.1 }, new BucketHazard { Base = 0.2 }, new BucketHazard { Base = 0.5 });
        var p = new double[3];
        model.Predict(new float[4], p);
        Assert.Equal([0.1, 1 - 0.9 * 0.8, 1 - 0.9 * 0.8 * 0.5], p, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(PredictionBasis.Prior, model.Basis);
    }

    [Fact]
    public void Prediction_allocates_nothing()
    {
        var model = Model(Learned(0.01, 3, 2, -4, 1, 0), Learned(0.02, 1, -9, 9, 9, 0), new BucketHazard { Base = 0.5, Anomaly = Anomaly() });
        var (evidence, p, shares) = (new float[4], new double[3], new double[2]);
        void Run()
        {
            for (var i = 0; i < 1000; i++)
            {
                model.Predict(evidence, p);
                model.GroupContributions(evidence, evidence, shares);
            }
        }

        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_group_that_raises_the_risk_has_the_share()
    {
        var model = Model(Learned(0.01, 1, 1, 0, 0, 0.5), Learned(0.01, 1, 1, 0, 0, 0.5), Learned(0.01, 1, 1, 0, 0, 0.5));
        var shares = new double[2];
        model.GroupContributions([3, 0, 0, 0], new float[4], shares);
        Assert.Equal([1, 0], shares);
        model.GroupContributions([2, 0, 0, 2], new float[4], shares);
        Assert.True(shares[0] > shares[1] && shares[1] > 0 && Math.Abs(shares.Sum() - 1) < 1e-12);
        model.GroupContributions([-1, 0, 0, 0], new float[4], shares);
        Assert.Equal([0, 0], shares);
    }

    [Fact]
    public void Missing_evidence_counts_as_the_training_center()
    {
        var line = new LinearModel([2, 3], [1, 1], [5, 7], -1, 5);
        Assert.Equal(line.Score([2, 3]), line.Score([float.NaN, float.NaN]));
    }

    [Fact]
    public void A_shrunk_hazard_lies_between_the_learned_and_the_base_one()
    {
        var bucket = Learned(0.01, 1, 5) with { LearnedWeight = 1 };
        var learned = bucket.Hazard([2]);
        Assert.Equal(0.25 * learned + 0.75 * 0.01, (bucket with { LearnedWeight = 0.25 }).Hazard([2]), 1e-12);
        Assert.Equal(0.01, (bucket with { LearnedWeight = 0 }).Hazard([2]), 1e-12);
    }

    [Fact]
    public void Anomaly_moves_risk_between_rows_and_keeps_the_base_rate()
    {
        var anomaly = Anomaly();
        var bucket = new BucketHazard { Base = 0.001, Anomaly = anomaly };
        var mean = Enumerable.Range(0, 1000).Average(i => bucket.Hazard([i + 0.5f]));
        Assert.InRange(mean / 0.001, 0.9, 1.02);
        Assert.True(bucket.Hazard([999.5f]) > 5 * bucket.Hazard([500]));
        Assert.Equal(0.5 * 0.001, bucket.Hazard([-1]), 1e-6);
        Assert.Equal(0.001, bucket.Hazard([float.NaN]), 1e-12);
        Assert.Equal(anomaly.Ratio([999]), anomaly.Ratio([1e9f]));
        Assert.Equal(PredictionBasis.Evidence, bucket.Basis);
    }

    [Fact]
    public void Isotonic_calibration_is_a_rising_broken_line()
    {
        var map = new IsotonicCalibration([-2, 0, 1], [0.1, 0.1, 0.9]);
        Assert.Equal([0.1, 0.1, 0.1, 0.5, 0.9, 0.9], new[] { -5, -1, 0, 0.5, 1, 7 }.Select(map.Probability), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Throws<ArgumentException>(() => new IsotonicCalibration([0, 0], [0.1, 0.2]));
        Assert.Throws<ArgumentException>(() => new IsotonicCalibration([0, 1], [0.3, 0.2]));
    }

    [Fact]
    public void Wrong_shapes_are_refused()
    {
        var model = Model(new BucketHazard { Base = 0.1 }, new BucketHazard { Base = 0.2 }, new BucketHazard { Base = 0.5 });
        Assert.Throws<ArgumentException>(() => model.Predict(new float[3], new double[3]));
        Assert.Throws<ArgumentException>(() => model.Predict(new float[4], new double[2]));
        Assert.Throws<ArgumentException>(() => Model(new BucketHazard { Base = 0 }, new BucketHazard { Base = 0.2 }, new BucketHazard { Base = 0.5 }));
        Assert.Throws<ArgumentException>(() => new HazardModel([Horizons[1], Horizons[0]], [new() { Base = 0.1 }, new() { Base = 0.1 }], ["g"], [0]));
    }

    private static AnomalyRatio Anomaly() => new(
        0, [.. Enumerable.Range(0, 1000).Select(i => (float)i)], [.. Enumerable.Range(0, 1000).Select(i => (1001.0 - i) / 1001)], 20);
}
