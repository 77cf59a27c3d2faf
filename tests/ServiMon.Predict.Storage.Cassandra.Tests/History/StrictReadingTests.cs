using System.Diagnostics.Metrics;

namespace ServiMon.Predict.Storage.Cassandra.History;

public sealed class StrictReadingTests
{
    [Fact]
    public void One_replica_that_lacks_rows_makes_reading_strict_for_a_while()
    {
        using var meter = new Meter("test");
        var time = new Stopped();
        var strict = new StrictReading(time, meter.CreateCounter<long>("rereads"));
        Assert.False(strict.IsOn);
        strict.Reread(hasFoundMore: false);
        Assert.False(strict.IsOn);
        strict.Reread(hasFoundMore: true);
        time.Minutes = 9;
        Assert.True(strict.IsOn);
        time.Minutes = 11;
        Assert.False(strict.IsOn);
    }

    private sealed class Stopped : TimeProvider
    {
        public int Minutes { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Minutes * 60;
    }
}
