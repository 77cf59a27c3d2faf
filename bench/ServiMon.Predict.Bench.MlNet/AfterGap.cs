using System.Globalization;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Bench.MlNet;

/// <summary>Mean distance of a value from what was expected of it one step before, for a season before and a season after 12 missing ones. The noise alone makes 0.8.</summary>
internal static class AfterGap
{
    private const int Begins = 2_000, Gap = 12, Steps = Waves.Season;

    public static void Run()
    {
        var series = Waves.Series(Begins + Gap + Steps, 1);
        Console.WriteLine("| engine | before | after |");
        Console.WriteLine("|---|---:|---:|");
        var live = new LiveForecaster(TimeSpan.FromHours(1));
        Row("ours, live forecaster", i =>
        {
            var expected = i > Begins / 2 ? live.Forecast(1, 0.95).Median[0] : double.NaN;
            live.Observe((i + 1) * TimeSpan.TicksPerHour, IsMissing(i) ? double.NaN : series[i]);
            if (live.RefitDue) live = live.Refitted();
            return series[i] - expected;
        });
        var engine = Engines.SpikeBySsa(series[..Engines.TrainingRows]);
        var judged = new Engines.Spike();
        Row("ML.NET, spike by SSA, NaN for missing", i =>
        {
            engine.Predict(new Engines.Point { Value = IsMissing(i) ? float.NaN : (float)series[i] }, ref judged);
            return judged.Judged[1];
        });
    }

    private static bool IsMissing(int i) => i is >= Begins and < Begins + Gap;

    private static void Row(string name, Func<int, double> residual)
    {
        double before = 0, after = 0;
        for (var i = 0; i < Begins + Gap + Steps; i++)
        {
            var distance = Math.Abs(residual(i));
            if (i is >= Begins - Steps and < Begins) before += distance / Steps;
            if (i >= Begins + Gap) after += distance / Steps;
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {before:0.00} | {after:0.00} |"));
    }
}
