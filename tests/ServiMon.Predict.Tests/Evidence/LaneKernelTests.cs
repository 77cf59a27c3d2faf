using CsCheck;
using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Series;

namespace ServiMon.Predict.Tests.Evidence;

/// <summary>The vectorised averages against plain weighted sums in double precision.</summary>
public sealed class LaneKernelTests
{
    private static readonly EvidenceModel Model = new(TestProfiles.Of(new MetricSpec { Name = "x", Group = "latency" }));

    [Fact]
    public void Means_and_deviations_are_the_weighted_ones_of_all_values_so_far() =>
        Gen.OneOf(Gen.Double[-3, 3], Gen.Const(double.NaN)).Array[1, 80].Sample(values =>
        {
            var rows = new AssetRows("a", ["x"], [.. Enumerable.Range(0, values.Length).Select(i => i * 2 * TimeSpan.TicksPerSecond)], values);
            var replay = new AssetReplay(Model, rows);
            var evidence = new float[Model.Layout.Width];
            for (var i = 0; i < values.Length; i++) replay.Advance(AssetCondition.Normal, evidence);
            // A silence begins a new life, so the oracle looks only at what came after the last one.
            var seen = LastLife(values).Where(v => !double.IsNaN(v)).Select(v => Math.Sign(v) * Math.Log(1 + Math.Abs(v))).ToArray();
            if (seen.Length == 0) return;
            foreach (var (feature, deviation, halfLife) in new[] { ("mean_fast", "deviation_fast", 3.0), ("mean_middle", "deviation_middle", 10.0), ("mean_slow", "deviation_slow", 30.0) })
            {
                var weights = seen.Select((_, i) => Math.Pow(2, -(seen.Length - 1 - i) / halfLife)).ToArray();
                var mean = weights.Zip(seen, (w, v) => w * v).Sum() / weights.Sum();
                var variance = weights.Zip(seen, (w, v) => w * (v - mean) * (v - mean)).Sum() / weights.Sum();
                // Single precision over at most 80 steps of values of order one.
                Assert.Equal(mean, Value(feature), 1e-5);
                Assert.Equal(Math.Sqrt(variance), Value(deviation), 1e-3);
            }

            float Value(string feature) => evidence[Model.Layout.Columns.Select(c => c.Name).ToList().IndexOf($"x|{feature}")];
        });

    private static IEnumerable<double> LastLife(double[] values)
    {
        var start = 0;
        var silence = 0;
        var any = false;
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) { silence++; continue; }
            if (any && silence * Model.Profile.Step > Model.Profile.StaleAfter) start = i;
            silence = 0;
            any = true;
        }
        return values[start..];
    }
}
