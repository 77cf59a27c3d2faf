using System.Diagnostics;
using System.Globalization;
using ServiMon.Predict.Forecasting;

namespace ServiMon.Predict.Bench.MlNet;

/// <summary>A fit of singular spectrum analysis to N values with a window of L: ours by randomised decomposition at rank 24, and ML.NET's forecaster.</summary>
internal static class Fitting
{
    private const int Passes = 3;

    /// <summary>Fits until the runtime has compiled the hot loops with what it has learned.</summary>
    private const int WarmFits = 40;

    public static void Run()
    {
        var warm = Waves.Series(2_000, 1);
        for (var i = 0; i < WarmFits; i++) Ours(warm, 64);
        Engines.FitForecast(warm, 64);
        Console.WriteLine("| N | L | ours, ms | ML.NET, ms | times |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        foreach (var (n, window) in new[] { (10_000, 256), (10_000, 1024), (100_000, 256), (100_000, 1024) })
        {
            var series = Waves.Series(n, 1);
            // In turns, so that what else the machine does hits both.
            double ours = double.MaxValue, mlnet = double.MaxValue;
            for (var pass = 0; pass < Passes; pass++)
            {
                ours = Math.Min(ours, Milliseconds(() => Ours(series, window)));
                mlnet = Math.Min(mlnet, Milliseconds(() => Engines.FitForecast(series, window)));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {n} | {window} | {ours:0.0} | {mlnet:0} | {mlnet / ours:0} |"));
        }
    }

    private static void Ours(double[] series, int window) => SingularSpectrum.Fit(series, new SingularSpectrumOptions { WindowLength = window, Rank = 24 });

    private static double Milliseconds(Action work)
    {
        var began = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
