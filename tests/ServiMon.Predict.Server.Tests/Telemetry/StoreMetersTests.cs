using System.Diagnostics.Metrics;
using System.Text;
using Prometheus;
using ServiMon.Predict.Server.Telemetry;

namespace ServiMon.Predict.Server.Tests.Telemetry;

public sealed class StoreMetersTests
{
    [Fact]
    public async Task Instruments_of_stores_are_shown_and_those_of_others_are_not()
    {
        using var store = new Meter("servimon.test_store");
        using var other = new Meter("other.test_store");
        var registry = Metrics.NewCustomRegistry();
        using var meters = new StoreMeters(registry);
        var requests = store.CreateCounter<long>("store_requests_total", null, "Requests");
        var times = store.CreateHistogram("store_request_seconds", "s", "Time", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        store.CreateObservableGauge("store_connections", () => new Measurement<double>(3, new KeyValuePair<string, object?>("node", "10.0.0.1")), null, "Connections");
        other.CreateCounter<long>("other_total").Add(1);

        requests.Add(2);
        requests.Add(3);
        times.Record(0.5);

        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, TestContext.Current.CancellationToken);
        var lines = Encoding.UTF8.GetString(text.ToArray()).Split('\n');
        Assert.Contains("# TYPE store_requests_total counter", lines);
        Assert.Contains("store_requests_total 5", lines);
        Assert.Contains("store_request_seconds_bucket{le=\"0.1\"} 0", lines);
        Assert.Contains("store_request_seconds_bucket{le=\"1\"} 1", lines);
        Assert.Contains("store_connections{node=\"10.0.0.1\"} 3", lines);
        Assert.DoesNotContain(lines, line => line.Contains("other_total", StringComparison.Ordinal));
    }
}
