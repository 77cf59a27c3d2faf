using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// A step of every asset of a fleet, for one metric-point: features (<see cref="AssetMonitor"/>), detectors (<see cref="AssetDetector"/>), both, and
/// the common directions of an asset's metrics (<see cref="SubspaceDetector"/>). A fleet of 57,000 metrics is beyond every cache when an asset's
/// turn comes again, as in a service; one of 1,140 is not.
/// </summary>
/// <remarks>
/// Inside: reading the frame, all features or channels, writing the evidence vector where so stated. Outside: making the values,
/// the assets, and their first 400 steps. The values of a step stand one after the other, asset by asset: in a service a frame has just been written
/// where it is read, and an object of its own for each asset would be two waits for the memory that no service has.
/// </remarks>
[MemoryDiagnoser]
[Config(typeof(StateBytes))]
public class EvidenceStep
{
    /// <summary>Metric-points of one operation: the least number that 1,140 and 1000 divide.</summary>
    private const int PointCount = 57_000;

    /// <summary>Rows that each asset repeats; going back to the first is a reset of its counters.</summary>
    private const int RowCount = 16;

    private const int WarmUpSteps = 400;

    private AssetMonitor[] monitors = [];
    private AssetDetector[] detectors = [];
    private SubspaceDetector[] subspaces = [];
    private double[][] rows = [];
    private DetectionRow[] outcomes = [];
    private float[] evidence = [];
    private long stepTicks;
    private long step;

    [Params(1, 3, 20, 114)]
    public int MetricCount { get; set; }

    [Params(1_140, 57_000)]
    public int FleetMetrics { get; set; }

    /// <summary>As <see cref="PointCount"/>, but for what whole assets leave over.</summary>
    internal double PointsPerOperation => (double)(PointCount / FleetMetrics) * (FleetMetrics / MetricCount) * MetricCount;

    [GlobalSetup]
    public void MakeFleet()
    {
        var random = new Random(1);
        var model = new EvidenceModel(BenchFleet.ProfileOf(MetricCount));
        var assetCount = FleetMetrics / MetricCount;
        stepTicks = model.Profile.Step.Ticks;
        monitors = [.. Enumerable.Range(0, assetCount).Select(_ => new AssetMonitor(model))];
        detectors = [.. Enumerable.Range(0, assetCount).Select(_ => new AssetDetector(MetricCount))];
        subspaces = [.. Enumerable.Range(0, assetCount).Select(_ => new SubspaceDetector(Math.Max(2, MetricCount)))];
        var assets = Enumerable.Range(0, assetCount).Select(i => BenchFleet.Rows(model.Profile, $"asset-{i}", RowCount, random)).ToArray();
        rows = [.. Enumerable.Range(0, RowCount).Select(row => assets.SelectMany(a => a.Row(row).ToArray()).ToArray())];
        outcomes = new DetectionRow[MetricCount];
        evidence = new float[model.Layout.Width];
        for (var i = 0; i < Math.Max(1, WarmUpSteps * FleetMetrics / PointCount); i++)
        {
            Both();
            if (MetricCount > 1) Together();
        }
    }

    [Benchmark(OperationsPerInvoke = PointCount)]
    public void Features() => Repeat(a => Advance(a, []));

    [Benchmark(OperationsPerInvoke = PointCount)]
    public void FeaturesWritten() => Repeat(a => Advance(a, evidence));

    [Benchmark(OperationsPerInvoke = PointCount)]
    public void Detectors() => Repeat(Detect);

    [Benchmark(OperationsPerInvoke = PointCount)]
    public void Both() => Repeat(a =>
    {
        Detect(a);
        Advance(a, []);
    });

    /// <summary>One metric has no direction in common with others: there it is two.</summary>
    [Benchmark(OperationsPerInvoke = PointCount)]
    public void Together()
    {
        Span<double> pair = stackalloc double[2];
        for (var pass = 0; pass < PointCount / FleetMetrics; pass++, step++)
        {
            for (var a = 0; a < subspaces.Length; a++)
            {
                var values = Frame(a).Values;
                if (values.Length == 1) pair.Fill(values[0]);
                subspaces[a].Observe(values.Length == 1 ? pair : values, []);
            }
        }
    }

    private void Detect(int asset)
    {
        AssetDetector.Prefetch(detectors.AsSpan(asset + 1));
        detectors[asset].Observe(step * stepTicks, Frame(asset).Values, outcomes);
    }

    private void Advance(int asset, Span<float> target)
    {
        AssetMonitor.Prefetch(monitors.AsSpan(asset + 1));
        monitors[asset].Advance(Frame(asset), target);
    }

    private Frame Frame(int asset) => new(step, step * stepTicks, rows[step % RowCount].AsSpan(asset * MetricCount, MetricCount));

    private void Repeat(Action<int> advance)
    {
        for (var pass = 0; pass < PointCount / FleetMetrics; pass++, step++)
            for (var a = 0; a < monitors.Length; a++) advance(a);
    }

    /// <summary>Adds the bytes of state for each metric.</summary>
    public sealed class StateBytes : ManualConfig
    {
        public StateBytes() => AddColumn(new StateColumn((method, metrics) =>
        {
            var features = new EvidenceModel(BenchFleet.ProfileOf(metrics)).StateBytes;
            var detectors = new AssetDetector(metrics).StateBytes;
            return method switch
            {
                nameof(Detectors) => detectors,
                nameof(Both) => detectors + features,
                nameof(Together) => new SubspaceDetector(Math.Max(2, metrics)).StateBytes,
                _ => features,
            };
        }));
    }
}
