using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class FirstPassageTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1.959963984540054, 0.975)]
    [InlineData(-1, 0.15865525393145707)]
    [InlineData(-5, 2.8665157187919391e-7)]
    [InlineData(-10, 7.6198530241605269e-24)]
    public void Normal_cdf_has_its_known_values(double z, double expected) =>
        Assert.Equal(1, FirstPassage.NormalCdf(z) / expected, 1e-11);

    [Fact]
    public void Wiener_survival_integrates_the_inverse_gaussian_density() =>
        Gen.Select(Gen.Double[0.05, 1.5], Gen.Double[0.1, 40], Gen.Double[0.02, 0.2], Gen.Double[0.02, 0.4]).Sample(
            (distance, time, drift, sigma) =>
        {
            // Simpson in u = ln t: the density times t is smooth there, and nil at the far end. Its peak is at least .036 wide (sigma over
            // the root of drift times distance) and the rule's error goes with the fourth power of step over width: 2e-10 here.
            const int n = 40_000;
            double low = Math.Log(time) - 25, width = 25.0 / n, sum = 0;
            for (var i = 0; i <= n; i++)
            {
                var t = Math.Exp(low + i * width);
                var weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
                var gap = distance - drift * t;
                sum += weight * distance / (sigma * Math.Sqrt(2 * Math.PI * t)) * Math.Exp(-gap * gap / (2 * sigma * sigma * t));
            }
            Assert.Equal(1 - sum * width / 3, FirstPassage.WienerSurvival(distance, time, drift, sigma), 1e-9);
        }, iter: 200);

    [Fact]
    public void Compound_poisson_survival_agrees_with_the_sum_over_gamma_laws() =>
        Gen.Select(Gen.Double[0.01, 1], Gen.Double[0.01, 30], Gen.Double[0.1, 5], Gen.Double[0.01, 0.3]).Sample(
            (distance, time, rate, jump) =>
        {
            var mean = rate * time;
            double sum = Math.Exp(-mean), jumps = sum;
            for (var k = 1; k < 600; k++)
            {
                jumps *= mean / k;
                sum += jumps * IncompleteGamma.Lower(k, distance / jump);
            }
            Assert.Equal(sum, FirstPassage.CompoundPoissonSurvival(distance, time, rate, jump), 1e-10);
        }, iter: 300);

    [Fact]
    public void Survival_falls_with_time_and_with_nearness() =>
        Gen.Select(Gen.Double[0.01, 1], Gen.Double[0.01, 50], Gen.Double[1.01, 2]).Sample((distance, time, factor) =>
        {
            Func<double, double, double>[] laws =
            [
                (d, t) => FirstPassage.GammaSurvival(d, t, 1.5, 0.05),
                (d, t) => FirstPassage.WienerSurvival(d, t, 0.08, 0.1),
                (d, t) => FirstPassage.CompoundPoissonSurvival(d, t, 1.5, 0.05),
                (d, t) => FirstPassage.WeibullSurvival(10 / d, t, 2.5, 40),
            ];
            foreach (var law in laws)
            {
                Assert.InRange(law(distance, time), 0, 1);
                Assert.True(law(distance, time * factor) <= law(distance, time) + 1e-12);
                Assert.True(law(distance / factor, time) <= law(distance, time) + 1e-12);
            }
        });

    [Fact]
    public void Weibull_of_shape_one_forgets_its_age() =>
        Assert.Equal(FirstPassage.WeibullSurvival(0, 3, 1, 10), FirstPassage.WeibullSurvival(77, 3, 1, 10), 1e-15);
}
