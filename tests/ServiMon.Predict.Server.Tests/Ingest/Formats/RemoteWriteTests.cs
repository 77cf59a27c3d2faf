using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Ingest.Formats.Remote;
using Snappier;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class RemoteWriteTests
{
    private static readonly double StaleMarker = BitConverter.UInt64BitsToDouble(0x7ff0000000000002);

    internal static byte[] Message(params (string Labels, long Time, double Value)[] samples)
    {
        var request = new WriteRequest();
        foreach (var (labels, time, value) in samples)
        {
            var series = new TimeSeries { Samples = { new Sample { Timestamp = time, Value = value } } };
            foreach (var label in labels.Split(',', StringSplitOptions.RemoveEmptyEntries)) series.Labels.Add(new Label { Name = label.Split('=')[0], Value = label.Split('=')[1] });
            request.Timeseries.Add(series);
        }
        return Snappy.CompressToArray(request.ToByteArray());
    }

    private static string Read(params (string Labels, long Time, double Value)[] samples) => Golden.Read(new RemoteWrite(), Message(samples));

    [Fact]
    public void A_request_reads_as()
    {
        Assert.Equal("up{instance=a} 1970-01-01T00:00:01.5Z 1\ncpu{instance=b} 1969-12-31T23:59:59.999Z -2.5", Read(("__name__=up,instance=a", 1500, 1), ("instance=b,__name__=cpu", -1, -2.5)));
        Assert.Equal("up{} 1970-01-01T00:00:00Z NaN", Read(("__name__=up", 0, StaleMarker)));
        Assert.Equal("unreadable 1970-01-01T00:00:00Z 1", Read(("instance=a", 0, 1)));
        Assert.Equal("fault: bad_time", Read(("__name__=up", long.MaxValue, 1)));
        Assert.Equal("fault: labels_too_long", Read(($"__name__={new string('x', 9000)}", 0, 1)));
        Assert.Equal("fault: empty", Read());
        Assert.Equal("fault: too_many_samples", Golden.Read(new RemoteWrite(), Message(("__name__=a", 0, 1), ("__name__=b", 0, 1)), maxSamples: 1));
    }

    [Fact]
    public void Metadata_by_itself_is_no_fault() =>
        Assert.Equal("", Golden.Read(new RemoteWrite(), Snappy.CompressToArray(new WriteRequest { Metadata = { new Ignored() } }.ToByteArray())));

    [Fact]
    public void What_is_not_compressed_is_a_fault()
    {
        Assert.Equal("fault: syntax", Golden.Read(new RemoteWrite(), "{\"timestamp\":\"1970-01-01T00:00:10Z\"}"));
        Assert.Equal("fault: syntax", Golden.Read(new RemoteWrite(), Snappy.CompressToArray([1, 2, 3])));
        // Says that it decompresses to 2 GiB.
        Assert.Contains(Golden.Read(new RemoteWrite(), [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0]), (string[])["fault: too_large", "fault: syntax"]);
    }

    /// <summary>Bytes written by hand from snappy's format and Prometheus' field numbers: up{} 1 at 2 ms, in one literal.</summary>
    [Fact]
    public void The_bytes_are_prometheus()
    {
        var request = Convert.FromHexString("0A1D" + "0A0E" + "0A085F5F6E616D655F5F" + "12027570" + "120B" + "09000000000000F03F" + "1002");
        byte[] message = [(byte)request.Length, (byte)((request.Length - 1) << 2), .. request];
        Assert.Equal("up{} 1970-01-01T00:00:00.002Z 1", Golden.Read(new RemoteWrite(), message));
    }
}
