using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using ServiMon.Predict.Detection;

namespace ServiMon.Predict.Bench;

/// <summary>
/// Detectors for one metric-point: a pass takes the next step of every asset of a fleet, as in <see cref="EvidenceStep"/>. Inside: novelty,
/// spike, changepoint, drift, stuck and missing for <see cref="Observe"/>; the common directions for <see cref="Together"/>. Outside: making
/// the values and the first 400 steps.
/// </summary>
[MemoryDiagnoser]
[Config(typeof(StateConfig))]
public class DetectorStep
{
    private const int PointCount = 57_000;

    /// <summary>Rows that every asset repeats, each with a value in fifty missing.</summary>
    private const int RowCount = 64;

    private const int WarmUpSteps = 400;

    private static readonly long StepTicks = TimeSpan.FromMinutes(1).Ticks;

    private AssetDetector[] detectors = [];
    private SubspaceDetector[] subspaces = [];
    private double[][] rows = [];
    private DetectionRow[] outcomes = [];
    private long step;

    [Params(1, 20, 114, 1000)]
    public int MetricCount { get; set; }

    [GlobalSetup]
    public void MakeFleet()
    {
        var random = new Random(1);
        var assetCount = PointCount / MetricCount;
        detectors = [.. Enumerable.Range(0, assetCount).Select(_ => new AssetDetector(MetricCount))];
        subspaces = [.. Enumerable.Range(0, assetCount).Select(_ => new SubspaceDetector(Math.Max(2, MetricCount)))];
        rows = [.. Enumerable.Range(0, RowCount).Select(_ => Enumerable.Range(0, Math.Max(2, MetricCount)).Select(k => Value(random, k)).ToArray())];
        outcomes = new DetectionRow[MetricCount];
        for (var i = 0; i < WarmUpSteps; i++)
        {
            Observe();
            Together();
        }
    }

    [Benchmark(OperationsPerInvoke = PointCount)]
    public double Observe()
    {
        step++;
        foreach (var detector in detectors) detector.Observe(step * StepTicks, rows[step % RowCount].AsSpan(0, MetricCount), outcomes);
        return outcomes[0].PValue;
    }

    [Benchmark(OperationsPerInvoke = PointCount)]
    public double Together()
    {
        step++;
        var score = 0.0;
        foreach (var subspace in subspaces) score += subspace.Observe(rows[step % RowCount], []).Score;
        return score;
    }

    private static double Value(Random random, int metric) =>
        random.Next(50) == 0 ? double.NaN : 100 * metric + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Adds the bytes of state for each metric.</summary>
    public sealed class StateConfig : ManualConfig
    {
        public StateConfig() => AddColumn(new StateBytes());
    }

    private sealed class StateBytes : IColumn
    {
        public string Id => nameof(StateBytes);

        public string ColumnName => "State B/metric";

        public string Legend => "Bytes of state of one asset, divided by its metrics";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var metrics = (int)benchmarkCase.Parameters[nameof(MetricCount)];
            var bytes = benchmarkCase.Descriptor.WorkloadMethod.Name == nameof(Observe)
                ? new AssetDetector(metrics).StateBytes
                : new SubspaceDetector(Math.Max(2, metrics)).StateBytes;
            return ((double)bytes / metrics).ToString("0", CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);
    }
}
