using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Evaluate;

public sealed class M4ScoresTests
{
    [Fact]
    public void Scores_are_those_of_the_definition()
    {
        double[] past = [.. Enumerable.Range(0, 96).Select(t => (double)(t % 24 + t / 24))];
        var series = new M4Series("A", past, [.. Enumerable.Repeat(10.0, 48)]);
        var scores = new M4Scores();
        // Off by 2 throughout; the interval ends 1 below the outcome. "As a day ago" is off by 1 within the past.
        scores.Add(series, new M4Forecast([.. Enumerable.Repeat(7.0, 48)], [.. Enumerable.Repeat(8.0, 48)], [.. Enumerable.Repeat(9.0, 48)]));
        Assert.Equal(200.0 * 2 / 18, scores.Smape, 1e-9);
        Assert.Equal(2, scores.Mase, 1e-9);
        Assert.Equal(2 + 40, scores.Msis, 1e-9);
        Assert.Equal(0, scores.Coverage);
        Assert.Equal(1, scores.Owa(scores), 1e-12);
    }

    [Fact]
    public void The_simple_methods_score_what_the_competition_published()
    {
        var folder = TestFiles.OutsideData("m4-hourly");
        Assert.SkipUnless(folder is not null, TestFiles.SkipReason);
        M4Scores naive2 = new(), seasonal = new();
        foreach (var series in M4Series.Read(folder!, CancellationToken.None))
        {
            naive2.Add(series, M4Forecast.Naive2(series.Past));
            seasonal.Add(series, M4Forecast.SeasonalNaive(series.Past));
        }

        Assert.Equal(414, seasonal.Count);
        var published = M4Published.Read(folder!, 3);
        var theirs = Assert.Single(published, p => p.Method == "published: sNaive");
        // The figures are published to three digits.
        Assert.Equal(theirs.Smape!.Value, seasonal.Smape, 6e-3);
        Assert.Equal(theirs.Mase!.Value, seasonal.Mase, 1e-3);
        Assert.Equal(theirs.Owa!.Value, seasonal.Owa(naive2), 1e-3);
        Assert.Equal(0.4096, published.Min(p => p.Owa ?? 9), 1e-3);
    }
}
