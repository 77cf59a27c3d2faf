using ServiMon.Predict.Statistics;

namespace ServiMon.Predict.Tests.Statistics;

public class RankHistogramTests
{
    [Fact]
    public void Is_silent_until_it_has_seen_twenty_then_ranks()
    {
        var ranks = new RankHistogram();
        for (var i = 0; i < 19; i++) ranks.Add(1);
        Assert.Equal(1, ranks.PValue(100));
        ranks.Add(1);
        Assert.Equal(0.5 / 21, ranks.PValue(100), 12);
        Assert.Equal(10.5 / 21, ranks.PValue(1), 12);
        Assert.Equal(20.5 / 21, ranks.PValue(0), 12);
        Assert.InRange(ranks.PValue(double.PositiveInfinity), 0, 0.03);
    }
}
