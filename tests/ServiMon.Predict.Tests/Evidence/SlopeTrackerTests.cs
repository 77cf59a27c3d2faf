using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;

namespace ServiMon.Predict.Tests.Evidence;

/// <summary>The running sums against a plain weighted least-squares line over all values so far, in double precision.</summary>
public sealed class SlopeTrackerTests
{
    private static readonly EvidenceModel Model = new(TestProfiles.Of(
        new MetricSpec { Name = "a", Group = "pressure", Limit = new MetricLimit(null, 1, false) },
        new MetricSpec { Name = "b", Group = "pressure", Limit = new MetricLimit(null, 1, false) }));

    // Steps of the profile's half-lives, 6, 20 and 60 s at 2 s a step.
    private static readonly double[] HalfLives = [3, 10, 30];

    private static LaneState Play(params double[][] lanes)
    {
        var state = new LaneState(Model);
        var scratch = new LaneScratch(Model, new float[LaneScratch.SizeOf(Model)]);
        for (var i = 0; i < lanes[0].Length; i++)
        {
            for (var lane = 0; lane < 2; lane++)
            {
                var value = (float)(lane < lanes.Length ? lanes[lane][i] : double.NaN);
                scratch.Current[Model.LimitStart + lane] = value;
                if (!float.IsNaN(value)) state[LaneRow.Last, Model.LimitStart + lane] = value;
            }
            SlopeTracker.Advance(Model, state, scratch);
        }
        return state;
    }

    /// <summary>Minimises sum w (x - a - b t)^2 + (sum w) b^2 over a and b.</summary>
    private static double Slope(double[] values, double halfLife)
    {
        var seen = values.Select((x, t) => (x, t, w: Math.Pow(2, -(values.Length - 1 - t) / halfLife))).Where(v => !double.IsNaN(v.x)).ToArray();
        var total = seen.Sum(v => v.w);
        var meanT = seen.Sum(v => v.w * v.t) / total;
        var meanX = seen.Sum(v => v.w * v.x) / total;
        return seen.Sum(v => v.w * (v.t - meanT) * (v.x - meanX)) / (seen.Sum(v => v.w * (v.t - meanT) * (v.t - meanT)) + total);
    }

    [Fact]
    public void Pace_is_the_weighted_least_squares_slope_over_the_room_that_is_left() =>
        Gen.OneOf(Gen.Double[0, 0.95], Gen.Double[0, 0.95], Gen.Const(double.NaN)).Array[1, 200].Sample(values =>
        {
            if (values.All(double.IsNaN)) return;
            var state = Play(values, [.. values.Select(v => 0.5 * v)]);
            var last = values.Last(v => !double.IsNaN(v));
            for (var h = 0; h < 3; h++)
            {
                var slope = Math.Max(0, Slope(values, HalfLives[h]));
                Assert.Equal(slope / (1 - last), SlopeTracker.Pace(Model, state, 0)[h], 1e-5);
                Assert.Equal(0.5 * slope / (1 - 0.5 * last), SlopeTracker.Pace(Model, state, 1)[h], 1e-5);
            }
        });

    [Fact]
    public void A_long_steady_rise_is_measured_to_the_ridge()
    {
        // Age of an exponential weight has variance k / (1 - k)^2, against which the ridge of 1 stands.
        var state = Play([.. Enumerable.Range(0, 1000).Select(i => 0.0005 * i)]);
        for (var h = 0; h < 3; h++)
        {
            var keep = Math.Pow(2, -1 / HalfLives[h]);
            var variance = keep / ((1 - keep) * (1 - keep));
            Assert.Equal(0.0005 * variance / (variance + 1) / (1 - 0.4995), SlopeTracker.Pace(Model, state, 0)[h], 1e-6);
        }
    }

    [Fact]
    public void A_full_resource_has_a_finite_pace_and_one_moving_away_has_none()
    {
        Assert.InRange(SlopeTracker.Pace(Model, Play([0.2, 0.6, 1]), 0)[0], 1, 40);
        Assert.Equal(0, SlopeTracker.Pace(Model, Play([0.9, 0.5, 0.2]), 0)[0]);
        Assert.Equal(float.NaN, SlopeTracker.Pace(Model, Play([0.9, 0.5, 0.2]), 1)[0]);
    }
}
