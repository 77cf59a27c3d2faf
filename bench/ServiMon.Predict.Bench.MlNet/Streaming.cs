using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.TimeSeries;

namespace ServiMon.Predict.Bench.MlNet;

/// <summary>One value after the other through a detector: CPU time and bytes allocated for each, bytes that a live series holds. The least of five passes.</summary>
internal static class Streaming
{
    private const int Warm = 2_000, Points = 100_000, Passes = 5, Live = 200;

    /// <summary>Metrics of an asset.</summary>
    private const int Width = 20;

    public static void Run()
    {
        var series = Waves.Series(Warm + Points, 1);
        Console.WriteLine("| engine | ns a point, CPU | M points/s | bytes allocated a point | bytes held a series |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        Row("ours, spike, novelty and changepoint, one metric", 1, () =>
        {
            var detector = new SeriesDetector();
            return (detector, i => detector.Observe(i * TimeSpan.TicksPerMinute, series[i]));
        });
        Row($"the same, {Width} metrics of an asset", Width, () =>
        {
            var (detector, values, rows) = (new AssetDetector(Width), new double[Width], new DetectionRow[Width]);
            return (detector, i =>
            {
                Array.Fill(values, series[i]);
                detector.Observe(i * TimeSpan.TicksPerMinute, values, rows);
            });
        });
        Row("ML.NET, spike by SSA alone", 1, () =>
        {
            var engine = Engines.SpikeBySsa(series[..Engines.TrainingRows]);
            var (point, judged) = (new Engines.Point(), new Engines.Spike());
            return (engine, i =>
            {
                point.Value = (float)series[i];
                engine.Predict(point, ref judged);
            });
        });
        Row("ML.NET, spike and changepoint by SSA (engine: mlnet)", 1, () =>
        {
            var detector = new MlNetDetector();
            return (detector, i => detector.Observe(i * TimeSpan.TicksPerMinute, series[i]));
        });
    }

    private static void Row(string name, int width, Func<(object Engine, Action<int> Observe)> make)
    {
        var least = double.MaxValue;
        double allocated = 0;
        for (var pass = 0; pass < Passes; pass++)
        {
            var (_, observe) = make();
            for (var i = 0; i < Warm; i++) observe(i);
            var (bytes, cpu) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CpuUsage.UserTime);
            for (var i = Warm; i < Warm + Points; i++) observe(i);
            allocated = (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)Points / width;
            least = Math.Min(least, (Environment.CpuUsage.UserTime - cpu).TotalNanoseconds / Points / width);
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {least:0} | {1e3 / least:0.00} | {allocated:0.0} | {Held(make) / width:N0} |"));
    }

    private static double Held(Func<(object Engine, Action<int> Observe)> make)
    {
        var kept = new object[Live];
        // What the first one loads is shared by all.
        Warmed(make);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Live; i++) kept[i] = Warmed(make);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(kept);
        return held / (double)Live;
    }

    private static object Warmed(Func<(object Engine, Action<int> Observe)> make)
    {
        var (engine, observe) = make();
        for (var i = 0; i < Warm; i++) observe(i);
        return engine;
    }
}
