using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Evaluate;

public class EventScorerTests
{
    [Fact]
    public void Events_are_found_once_and_a_lasting_alarm_counts_again_after_ten_rows()
    {
        var labels = new int[200];
        labels.AsSpan(10, 5).Fill(1);
        labels.AsSpan(60, 4).Fill(1);
        labels.AsSpan(100, 1).Fill(1);
        var series = new EventSeries(new BenchmarkSeries("a", SyntheticSeries.Ticks(200, TimeSpan.FromHours(1)), new double[200], labels));
        Assert.Equal(30, series.FirstScored);
        Assert.Equal([60, 100], series.Starts);

        var alarms = new HashSet<int> { 5, 12, 40, 45, 50, 51, 62, 63, 150 };
        var result = EventScorer.Of([series], (_, i) => alarms.Contains(i));
        // Row 40 and, eleven rows on, 51; 45 and 50 belong to 40. Then 150.
        Assert.Equal((2, 1, 3, 2), (result.Events, result.Detected, result.FalseAlarms, result.MedianDelayRows));
        Assert.Equal(2 * 0.25 * 0.5 / 0.75, result.F1, 1e-12);
        Assert.Equal(3 / (169 / 24.0), result.FalseAlarmsPerSeriesDay, 1e-12);
    }

    [Fact]
    public void The_default_verdict_reaches_what_the_readme_says()
    {
        Assert.SkipWhen(TestFiles.OutsideData("cloud-monitoring") is null, TestFiles.SkipReason);
        var series = EventCorpus.Read(TestFiles.OutsideData("cloud-monitoring")!, _ => { });
        var report = EventReport.Of(series, [.. series.Select(s => s.Series.Detect())], 1);
        Assert.Equal(234, report.Events);
        Assert.InRange(report.Lines[0].F1, 0.62, 1);
        Assert.InRange(report.Lines[2].F1, 0.58, 1);
        Assert.All(report.Lines.Skip(4), l => Assert.InRange(l.F1, 0, 0.3));
    }
}
