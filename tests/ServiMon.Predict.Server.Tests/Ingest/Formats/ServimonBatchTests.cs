using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class ServimonBatchTests
{
    private static SampleBatch Batch() => new()
    {
        Profile = "host", Asset = "rack/a", Metrics = { "cpu", "disk" }, BaseTimeUnixNanos = 1_000_000_000,
        TimeOffsetNanos = { 0, 250, -100 }, MetricIndex = { 0, 1, 1 }, Value = { 1.5, double.NaN, -3 },
    };

    [Fact]
    public void A_batch_names_its_asset_and_is_read_in_order_of_time() => Assert.Equal(
        "host/rack/a/disk{} 1970-01-01T00:00:00.9999999Z -3\nhost/rack/a/cpu{} 1970-01-01T00:00:01Z 1.5\nhost/rack/a/disk{} 1970-01-01T00:00:01.0000002Z NaN",
        Golden.Read(new ServimonBatch(), Batch().ToByteArray()));

    [Fact]
    public void What_does_not_fit_together_is_a_fault()
    {
        Check("empty", b => { b.Value.Clear(); b.MetricIndex.Clear(); b.TimeOffsetNanos.Clear(); });
        Check("missing_part", b => b.Profile = "");
        Check("missing_part", b => b.Asset = "");
        Check("missing_part", b => b.Value.Add(1));
        Check("missing_part", b => b.MetricIndex[2] = 2);
        Check("bad_time", b => { b.BaseTimeUnixNanos = long.MaxValue; b.TimeOffsetNanos[1] = 1; });
        Assert.Equal("fault: too_many_samples", Golden.Read(new ServimonBatch(), Batch().ToByteArray(), 2));
        Assert.Equal("fault: syntax", Golden.Read(new ServimonBatch(), "{}"));

        static void Check(string fault, Action<SampleBatch> change)
        {
            var batch = Batch();
            change(batch);
            Assert.Equal($"fault: {fault}", Golden.Read(new ServimonBatch(), batch.ToByteArray()));
        }
    }
}
