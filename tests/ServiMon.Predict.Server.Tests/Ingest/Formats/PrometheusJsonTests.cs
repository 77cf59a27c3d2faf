using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class PrometheusJsonTests
{
    [Theory]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"+Inf","name":"foo","labels":{"__name__":"foo"}}""", "foo{} 1970-01-01T00:00:10Z Infinity")]
    [InlineData("""{"timestamp":"2024-05-06T07:08:09Z","value":"NaN","name":"up","labels":{"__name__":"up","instance":"a:1","job":"k"}}""",
        "up{instance=a:1,job=k} 2024-05-06T07:08:09Z NaN")]
    [InlineData("""{"labels":{"a":"\u0041\"b\\"},"name":"m\u0065m","value":"-1.5e3","timestamp":"2024-05-06T09:08:09.25+02:00","more":{"x":[1,{}]}}""",
        "mem{a=A\"b\\} 2024-05-06T07:08:09.25Z -1500")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"-Inf","labels":{"__name__":"foo"}}""", "foo{} 1970-01-01T00:00:10Z -Infinity")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":3,"name":"foo"}""", "foo{} 1970-01-01T00:00:10Z 3")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1","labels":{"a":["b"]}}""", "unreadable 1970-01-01T00:00:10Z 1")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1","labels":{"a":"b"}}""", "unreadable 1970-01-01T00:00:10Z 1")]
    [InlineData("", "fault: syntax")]
    [InlineData("[]", "fault: syntax")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1","name":"foo"}{}""", "fault: syntax")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1","name":"foo""", "fault: syntax")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10","value":"1","name":"foo"}""", "fault: bad_time")]
    [InlineData("""{"timestamp":"10","value":"1","name":"foo"}""", "fault: bad_time")]
    [InlineData("""{"timestamp":10,"value":"1","name":"foo"}""", "fault: bad_time")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1x","name":"foo"}""", "fault: bad_value")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"","name":"foo"}""", "fault: bad_value")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"inf","name":"foo"}""", "fault: bad_value")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":null,"name":"foo"}""", "fault: bad_value")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1"}""", "fault: missing_part")]
    [InlineData("""{"value":"1","name":"foo"}""", "fault: missing_part")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","name":"foo"}""", "fault: missing_part")]
    [InlineData("""{"timestamp":"1970-01-01T00:00:10Z","value":"1","labels":"foo"}""", "fault: syntax")]
    public void A_message_reads_as(string message, string expected) => Assert.Equal(expected, Golden.Read(new PrometheusJson(), message));

    [Fact]
    public void A_time_read_before_is_not_taken_for_another()
    {
        var format = new PrometheusJson();
        foreach (var second in new[] { "10", "10", "11", "10" })
            Assert.Equal($"m{{}} 1970-01-01T00:00:{second}Z 1", Golden.Read(format, $$"""{"timestamp":"1970-01-01T00:00:{{second}}Z","value":"1","name":"m"}"""));
    }
}
