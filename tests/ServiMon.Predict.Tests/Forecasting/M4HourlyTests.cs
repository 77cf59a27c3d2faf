using System.Globalization;
using ServiMon.Predict.Forecasting;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Tests.Forecasting;

/// <summary>Every twentieth hourly series of the M4 competition: real seasons, trends and breaks.</summary>
public class M4HourlyTests
{
    private const int Horizon = 48;

    [Fact]
    public void Is_far_better_than_last_day_again_and_its_intervals_hold()
    {
        var trainFile = TestFiles.OutsideData("m4-hourly", "Hourly-train.csv");
        var testFile = TestFiles.OutsideData("m4-hourly", "Hourly-test.csv");
        Assert.SkipUnless(trainFile is not null && testFile is not null, TestFiles.SkipReason);
        var future = Read(testFile!);
        double ours = 0, naive = 0, inside = 0;
        var count = 0;
        foreach (var (name, past) in Read(trainFile!).Where((_, i) => i % 20 == 0))
        {
            var forecast = Forecaster.Fit(SyntheticSeries.Ticks(past.Length, TimeSpan.FromHours(1)), past).Forecast(Horizon, 0.95);
            var scale = Enumerable.Range(24, past.Length - 24).Average(i => Math.Abs(past[i] - past[i - 24]));
            for (var h = 0; h < Horizon; h++)
            {
                var actual = future[name][h];
                ours += Math.Abs(actual - forecast.Median[h]) / scale;
                naive += Math.Abs(actual - past[past.Length - 24 + h % 24]) / scale;
                inside += forecast.Intervals[0].Lower[h] <= actual && actual <= forecast.Intervals[0].Upper[h] ? 1 : 0;
                count++;
            }
        }

        Assert.InRange(ours / naive, 0, 0.75);
        Assert.InRange(inside / count, 0.9, 0.99);
    }

    private static Dictionary<string, double[]> Read(string file) => File.ReadLines(file).Skip(1)
        .Select(line => line.Replace("\"", "").Split(','))
        .ToDictionary(c => c[0], c => c[1..].Where(v => v.Length > 0 && v != "NA").Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray());
}
