using CsCheck;
using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class AutocorrelationTests
{
    [Fact]
    public void Agrees_with_the_definition_when_nothing_is_missing() => Gen.Double[-5, 5].Array[5, 40].Sample(x =>
    {
        var r = Autocorrelation.Compute(x, 3);
        var mean = x.Average();
        var variance = x.Average(v => (v - mean) * (v - mean));
        if (variance < 1e-9) return;
        for (var lag = 0; lag <= 3; lag++)
            Assert.Equal(Enumerable.Range(lag, x.Length - lag).Average(i => (x[i] - mean) * (x[i - lag] - mean)) / variance, r[lag], 1e-6);
    });

    [Fact]
    public void A_constant_series_has_none() => Assert.All(Autocorrelation.Compute([5, 5, double.NaN, 5], 2), r => Assert.Equal(0, r));
}
