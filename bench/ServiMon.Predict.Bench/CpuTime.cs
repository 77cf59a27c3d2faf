using System.Globalization;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;

namespace ServiMon.Predict.Bench;

/// <summary><see cref="EvidenceStep"/> by CPU time of the process, the least of five, for a machine that is not idle: there the clock tells nothing.</summary>
internal static class CpuTime
{
    private const int Repeats = 5;

    private const int OperationsPerRepeat = 8;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.5);

    public static void Run(int[] metricCounts)
    {
        Console.WriteLine("| metrics | fleet | features | written | detectors | both | M points/s, both | together | state B/metric, detectors + features | bytes allocated a point |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var fleet in new[] { 1_140, 57_000 })
        {
            foreach (var metrics in metricCounts)
            {
                var step = new EvidenceStep { MetricCount = metrics, FleetMetrics = fleet };
                step.MakeFleet();
                double Time(Action operation) => Nanoseconds(operation) / step.PointsPerOperation;
                var before = GC.GetAllocatedBytesForCurrentThread();
                step.Both();
                var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / step.PointsPerOperation;
                double[] parts = [Time(step.Features), Time(step.FeaturesWritten), Time(step.Detectors)];
                var both = Time(step.Both);
                double[] cells = [.. parts, both, 1000 / both, Time(step.Together)];
                var detectors = new AssetDetector(metrics).StateBytes / metrics;
                var features = new EvidenceModel(BenchFleet.ProfileOf(metrics)).StateBytes / metrics;
                Console.WriteLine($"| {metrics} | {fleet} | {string.Join(" | ", cells.Select(c => c.ToString("0.0", CultureInfo.InvariantCulture)))} "
                    + string.Create(CultureInfo.InvariantCulture, $"| {detectors} + {features} | {allocated:0.00} |"));
            }
        }
    }

    private static double Nanoseconds(Action operation)
    {
        // What runs often is compiled anew in the background, which takes a while on a machine that is not idle.
        var warm = Environment.CpuUsage.TotalTime + WarmUp;
        while (Environment.CpuUsage.TotalTime < warm) operation();
        var least = double.MaxValue;
        for (var i = 0; i < Repeats; i++)
        {
            // All of it: how it falls to the process and to the system is estimated at the clock's ticks only.
            var start = Environment.CpuUsage.TotalTime;
            for (var j = 0; j < OperationsPerRepeat; j++) operation();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - start).TotalNanoseconds);
        }

        return least / OperationsPerRepeat;
    }
}
