using ServiMon.Predict.Training.Hazards;
using Xunit;

namespace ServiMon.Predict.Training.Tests.Hazards;

public class HazardMetricsTests
{
    [Fact]
    public void Known_values()
    {
        var m = HazardMetrics.Measure(60, [0.1, 0.4, 0.4, 0.9], [false, true, false, true], [1, 1, 1, 2], 2);
        Assert.Equal(0.6, m.BaseRate, 1e-12);
        Assert.Equal((0.1 + 0.4 + 0.4 + 1.8) / 3, m.ExpectedOverObserved, 1e-6);
        // Pairs weighted: (0.4 true, 0.1) right, (0.4, 0.4) half, (0.9 twice, both) right: (1 + 1/2 + 4) / 6.
        Assert.Equal(5.5 / 6, m.AreaUnderCurve, 1e-12);
        Assert.Equal(1 - (0.01 + 0.36 + 0.16 + 0.02) / 5 / 0.24, m.BrierSkill, 1e-6);
    }
}
