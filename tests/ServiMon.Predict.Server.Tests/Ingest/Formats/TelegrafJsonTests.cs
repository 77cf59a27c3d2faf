using ServiMon.Predict.Server.Ingest.Formats;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class TelegrafJsonTests
{
    [Theory]
    [InlineData("""{"fields":{"usage_idle":99.1,"n":660},"name":"cpu","tags":{"host":"a"},"timestamp":1458229140}""",
        "cpu_usage_idle{host=a} 2016-03-17T15:39:00Z 99.1\ncpu_n{host=a} 2016-03-17T15:39:00Z 660")]
    [InlineData("""{"metrics":[{"fields":{"value":1},"name":"a","tags":{},"timestamp":1},{"timestamp":2,"tags":{"t":"x"},"name":"b","fields":{"up":true,"text":"no","none":null,"down":false}}]}""",
        "a{} 1970-01-01T00:00:01Z 1\nb_up{t=x} 1970-01-01T00:00:02Z 1\nb_down{t=x} 1970-01-01T00:00:02Z 0")]
    [InlineData("""{"fields":{"\u0061":1},"name":"m","timestamp":1}""", "m_a{} 1970-01-01T00:00:01Z 1")]
    [InlineData("""{"fields":{"a":"text"},"name":"m","timestamp":1}""", "fault: empty")]
    [InlineData("""{"metrics":[]}""", "fault: empty")]
    [InlineData("""{"metrics":[1]}""", "fault: syntax")]
    [InlineData("""{"metrics":[{"metrics":[]}]}""", "fault: missing_part")]
    [InlineData("""{"fields":{"a":{}},"name":"m","timestamp":1}""", "fault: bad_value")]
    [InlineData("""{"fields":{"a":1},"name":"m","timestamp":1.5}""", "fault: bad_time")]
    [InlineData("""{"fields":{"a":1},"name":"m","timestamp":9223372036854775807}""", "fault: bad_time")]
    [InlineData("""{"fields":{"a":1},"name":"m"}""", "fault: missing_part")]
    [InlineData("""{"fields":{"a":1},"timestamp":1}""", "fault: missing_part")]
    [InlineData("""{"fields":[1],"name":"m","timestamp":1}""", "fault: syntax")]
    [InlineData("cpu,host=a n=1 1", "fault: syntax")]
    public void A_message_reads_as(string message, string expected) => Assert.Equal(expected, Golden.Read(new TelegrafJson(), message));

    [Fact]
    public void The_unit_of_time_is_as_configured() => Assert.Equal("m{} 1970-01-01T00:00:01.5Z 7",
        Golden.Read(new TelegrafJson(TimeUnit.Milliseconds), """{"fields":{"value":7},"name":"m","timestamp":1500}"""));

    [Fact]
    public void Long_labels_repeated_for_many_fields_take_no_memory()
    {
        var fields = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"f{i}\":{i}"));
        string Message(int length) => $$"""{"tags":{"t":"{{new string('x', length)}}"},"name":"m","timestamp":1,"fields":{ {{fields}} } }""";

        Assert.Equal("fault: labels_too_long", Golden.Read(new TelegrafJson(), Message(9000)));
        Assert.Equal("fault: too_many_samples", Golden.Read(new TelegrafJson(), System.Text.Encoding.UTF8.GetBytes(Message(8000)), 1_000_000));
    }
}
