using System.Diagnostics.Metrics;
using Cassandra.Metrics;

namespace ServiMon.Predict.Storage.Cassandra.Connection;

public sealed class DriverMetersTests
{
    private const string Node = "servimon.nodes.10_0_0_1:9042";

    [Fact]
    public void What_the_driver_counts_and_times_is_measured_by_node()
    {
        using var meters = new DriverMeters();
        var seen = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, on) => { if (instrument.Meter.Name == DriverMeters.MeterName) on.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();

        meters.Counter(Node, NodeMetric.Counters.RetriesOnReadTimeout).Increment();
        meters.Meter("servimon", SessionMetric.Meters.BytesSent).Mark(70);
        meters.Timer("servimon", SessionMetric.Timers.CqlRequests).Record(1_500_000_000);
        meters.Gauge(Node, NodeMetric.Gauges.InFlight, () => 4);
        listener.RecordObservableInstruments();
        meters.ShutdownMetricsBucket(Node);
        listener.RecordObservableInstruments();

        // Stores that other tests have open measure too: but not on this node, nor just these amounts.
        Assert.Contains("servimon_predict_cassandra_node_retries_read_timeout_total 1 10_0_0_1:9042", seen);
        Assert.Contains("servimon_predict_cassandra_bytes_sent_total 70 ", seen);
        Assert.Contains("servimon_predict_cassandra_cql_requests_seconds 1.5 ", seen);
        Assert.Single(seen, "servimon_predict_cassandra_node_pool_in_flight 4 10_0_0_1:9042");

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var line = FormattableString.Invariant($"{instrument.Name} {value} {(tags.Length > 0 ? tags[0].Value : "")}");
            lock (seen) seen.Add(line);
        }
    }
}
