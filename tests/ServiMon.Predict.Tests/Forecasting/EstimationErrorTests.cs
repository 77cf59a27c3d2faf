using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Tests.Forecasting;

public class EstimationErrorTests
{
    private static readonly SmoothingRates Fixed = new(0.01, 0, 0, 0);

    [Fact]
    public void A_level_is_as_uncertain_as_a_mean()
    {
        Assert.All(EstimationError.Variances(Fixed, 0, 50, 10), variance => Assert.Equal(1 / 50.0, variance, 12));
        // Half of each error is there at the next step, so that values are worth a quarter; what is taken for level is carried at first.
        Assert.Equal(4 * 0.25 / 50, EstimationError.Variances(Fixed with { Correlation = 0.5 }, 0, 50, 10)[0], 12);
        Assert.Equal(4 / 50.0, EstimationError.Variances(Fixed with { Correlation = 0.5 }, 0, 50, 60)[^1], 6);
    }

    [Fact]
    public void A_level_that_moves_and_waves_that_turn_on_leave_no_more_than_the_model_says()
    {
        Assert.All(EstimationError.Variances(new SmoothingRates(1, 0, 0.1, 0), 3, 50, 10), variance => Assert.Equal(0, variance));
        Assert.All(EstimationError.Variances(new SmoothingRates(1, 0, 0, 0), 3, 50, 10), variance => Assert.Equal(6 / 50.0, variance, 12));
    }

    /// <summary>The slope of a walk of n steps is the mean of these: its variance at h steps is h² / n.</summary>
    [Fact]
    public void A_lasting_slope_of_a_walk_is_off_by_the_steps()
    {
        var variances = EstimationError.Variances(new SmoothingRates(1, 0, 0, 0, Damping: 1), 0, 400, 20);
        Assert.Equal(20 * 20 / 400.0, variances[^1], 0.001);
        Assert.Equal(100, variances[9] / variances[0], 9);
    }

    [Fact]
    public void Growth_is_off_most_where_errors_carry_over_far()
    {
        double[] Off(double persistence, double count)
        {
            var smoothing = new TrigonometricSmoothing(Fixed with { Correlation = persistence }, [], 0, []);
            return EstimationError.Growth(smoothing, smoothing.ErrorLaw(64).Deviations, count);
        }

        Assert.All(Off(0, 100), off => Assert.Equal(0, off));
        Assert.Equal(0, Off(0.8, 100)[0]);
        Assert.True(Off(0.9, 100)[^1] > 1.3 * Off(0.8, 100)[^1]);
        Assert.True(Off(0.8, 100)[^1] > 1.5 * Off(0.8, 400)[^1]);
        // To first order c / sqrt(n (1 - c²)) far ahead.
        Assert.Equal(0.8 / Math.Sqrt(10_000 * 0.36), Off(0.8, 10_000)[^1], 0.001);
    }
}
