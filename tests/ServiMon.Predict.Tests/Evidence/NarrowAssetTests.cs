using ServiMon.Predict.Detection;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

/// <summary>An asset of few metrics pays for what it has, not for what others have.</summary>
public sealed class NarrowAssetTests
{
    private const int Kilobyte = 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(15)]
    [InlineData(20)]
    public void Detectors_and_features_take_a_kilobyte_a_metric_at_most(int metrics)
    {
        var model = new EvidenceModel(TestProfiles.Of([.. Enumerable.Range(0, metrics).Select(i => new MetricSpec
        {
            Name = $"m{i}", Kind = i % 3 == 0 ? MetricKind.Counter : MetricKind.Gauge, Group = i % 2 == 0 ? "latency" : "pressure",
        })]));
        Assert.InRange((model.StateBytes + new AssetDetector(metrics).StateBytes) / metrics, 1, Kilobyte);
    }

    [Fact]
    public void Steps_of_assets_of_every_width_allocate_nothing()
    {
        foreach (var metrics in new[] { 1, 2, 3, 5, 8, 12, 16 })
        {
            var model = new EvidenceModel(TestProfiles.Of([.. Enumerable.Range(0, metrics).Select(i => new MetricSpec { Name = $"m{i}", Group = "latency" })]));
            var (monitor, detector) = (new AssetMonitor(model), new AssetDetector(metrics));
            var (values, rows, evidence) = (new double[metrics], new DetectionRow[metrics], new float[model.Layout.Width]);
            var random = new Random(metrics);
            var allocating = 0;
            for (var i = 0; i < 600; i++)
            {
                for (var m = 0; m < metrics; m++) values[m] = random.NextDouble();
                // One step in fifty is left out: what is on a grid stays on it.
                var step = i + i / 50;
                var before = GC.GetAllocatedBytesForCurrentThread();
                detector.Observe(step * model.Profile.Step.Ticks, values, rows);
                monitor.Advance(new Frame(step, step * model.Profile.Step.Ticks, values), evidence);
                if (i >= 300 && GC.GetAllocatedBytesForCurrentThread() > before) allocating++;
            }

            // The runtime itself allocates once or twice, as when it compiles a method anew; code that is not optimised keeps vectors on the heap.
            if (!IsOptimised) return;
            Assert.InRange(allocating, 0, 3);
        }
    }

    [Fact]
    public void A_profile_without_pauses_errors_or_requests_has_nothing_to_tell_of_them()
    {
        var model = new EvidenceModel(TestProfiles.Of(new MetricSpec { Name = "a", Group = "latency" }));
        var monitor = new AssetMonitor(model);
        var evidence = new float[model.Layout.Width];
        for (var i = 0; i < 20; i++) monitor.Advance(new Frame(i, i, [i % 3]), evidence);
        foreach (var name in new[] { "pause", "error_share", "request_drop", "saturation", "limit_ratio", "probe_failed", "throughput|anomaly" })
            Assert.True(float.IsNaN(evidence[model.Layout.Columns.Select(c => c.Name).ToList().IndexOf(name)]), name);
    }

    private static bool IsOptimised =>
        typeof(AssetMonitor).Assembly.GetCustomAttributes(typeof(System.Diagnostics.DebuggableAttribute), false)
            is not [System.Diagnostics.DebuggableAttribute { IsJITOptimizerDisabled: true }];
}
