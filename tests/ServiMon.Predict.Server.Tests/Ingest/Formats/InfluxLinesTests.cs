using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class InfluxLinesTests
{
    [Theory]
    [InlineData("cpu,host=a usage_idle=99.1,n=3i,up=true 1422568543702900257",
        "cpu_usage_idle{host=a} 2015-01-29T21:55:43.7029002Z 99.1\ncpu_n{host=a} 2015-01-29T21:55:43.7029002Z 3\ncpu_up{host=a} 2015-01-29T21:55:43.7029002Z 1")]
    [InlineData("m value=1 0\r\n# comment\n\nm value=-2e3 -1\n", "m{} 1970-01-01T00:00:00Z 1\nm{} 1969-12-31T23:59:59.9999999Z -2000")]
    [InlineData("""my\ m\,x,a\=b=c\ d\,e f\=g=1u 1000""", "my m,x_f=g{a=b=c d,e} 1970-01-01T00:00:00.000001Z 1")]
    [InlineData("m text=\"a, b=1 \\\"c\\\"\nd\",n=2 1000\nm n=3 2000", "m_n{} 1970-01-01T00:00:00.000001Z 2\nm_n{} 1970-01-01T00:00:00.000002Z 3")]
    [InlineData("m a=T,b=f 1000", "m_a{} 1970-01-01T00:00:00.000001Z 1\nm_b{} 1970-01-01T00:00:00.000001Z 0")]
    [InlineData("m,a= b=1 1000", "unreadable 1970-01-01T00:00:00.000001Z 1")]
    [InlineData("m text=\"x\" 1000", "fault: empty")]
    [InlineData("# comment", "fault: empty")]
    [InlineData("m a=1", "fault: missing_part")]
    [InlineData("m a=1 1.5", "fault: bad_time")]
    [InlineData("m a=1 1 2", "fault: bad_time")]
    [InlineData("m a=1x 1", "fault: bad_value")]
    [InlineData("m a=1.5i 1", "fault: bad_value")]
    [InlineData("m a= 1", "fault: bad_value")]
    [InlineData("m a=\"x 1", "fault: syntax")]
    [InlineData("m a=1, 1", "fault: syntax")]
    [InlineData("m", "fault: syntax")]
    [InlineData("{}", "fault: syntax")]
    public void A_message_reads_as(string message, string expected) => Assert.Equal(expected, Golden.Read(new InfluxLines(), message));

    [Fact]
    public void The_unit_of_time_is_as_configured() =>
        Assert.Equal("m{} 1970-01-01T00:00:07Z 1", Golden.Read(new InfluxLines(TimeUnit.Seconds), "m value=1 7"));
}
