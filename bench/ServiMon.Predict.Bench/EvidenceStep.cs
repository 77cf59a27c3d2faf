using BenchmarkDotNet.Attributes;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Bench;

/// <summary>
/// <see cref="AssetMonitor.Advance"/> for one metric-point: a pass takes the next frame of every asset of a fleet, so that no asset's
/// state is still in the first-level cache when its turn comes again.
/// </summary>
/// <remarks>
/// Inside: reading the frame, all detectors and features, and writing the evidence vector where so stated. Outside: making the values,
/// the assets, and their first 400 steps.
/// </remarks>
[MemoryDiagnoser]
[Config(typeof(StateColumn.Config))]
public class EvidenceStep
{
    /// <summary>Metric-points of one pass: the least number that 1, 20, 114 and 1000 divide.</summary>
    private const int PointCount = 57_000;

    /// <summary>Rows that each asset repeats; going back to the first is a reset of its counters.</summary>
    private const int RowCount = 16;

    private const int WarmUpSteps = 400;

    private AssetMonitor[] monitors = [];
    private AssetRows[] rows = [];
    private float[] evidence = [];
    private long stepTicks;
    private long step;

    [Params(1, 20, 114, 1000)]
    public int MetricCount { get; set; }

    [GlobalSetup]
    public void MakeFleet()
    {
        var random = new Random(1);
        var model = new EvidenceModel(BenchFleet.ProfileOf(MetricCount));
        var assetCount = PointCount / MetricCount;
        stepTicks = model.Profile.Step.Ticks;
        monitors = [.. Enumerable.Range(0, assetCount).Select(_ => new AssetMonitor(model))];
        rows = [.. Enumerable.Range(0, assetCount).Select(i => BenchFleet.Rows(model.Profile, $"asset-{i}", RowCount, random))];
        evidence = new float[model.Layout.Width];
        for (var i = 0; i < WarmUpSteps; i++) Pass(evidence);
    }

    [Benchmark(OperationsPerInvoke = PointCount)]
    public void Advance() => Pass([]);

    [Benchmark(OperationsPerInvoke = PointCount)]
    public float AdvanceAndWrite()
    {
        Pass(evidence);
        return evidence[^1];
    }

    private void Pass(Span<float> target)
    {
        for (var a = 0; a < monitors.Length; a++)
            monitors[a].Advance(new Frame(step, step * stepTicks, rows[a].Row((int)(step % RowCount))), target);
        step++;
    }
}
