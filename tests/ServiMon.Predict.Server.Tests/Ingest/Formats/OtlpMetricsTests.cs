using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Ingest.Formats.Otlp;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

public sealed class OtlpMetricsTests
{
    /// <summary>2018-12-13T14:51:00.3Z, as in OpenTelemetry's own example.</summary>
    private const string Time = "\"timeUnixNano\":\"1544712660300000000\"";

    private const string At = "2018-12-13T14:51:00.3Z";

    private static string Message(string metrics, string resource = """{"attributes":[{"key":"host.name","value":{"stringValue":"a"}}]}""") =>
        $$$"""{"resourceMetrics":[{"resource":{{{resource}}},"scopeMetrics":[{"scope":{"name":"lib"},"metrics":[{{{metrics}}}]}]}]}""".Replace("TIME", Time, StringComparison.Ordinal);

    public static TheoryData<string, string> Cases() => new()
    {
        {
            Message("""{"name":"cpu","unit":"1","gauge":{"dataPoints":[{"asDouble":1.5,TIME,"attributes":[{"key":"core","value":{"intValue":"3"}},{"key":"on","value":{"boolValue":true}}]}]}}"""),
            $"cpu{{host.name=a,core=3,on=true}} {At} 1.5"
        },
        { Message("""{"name":"n","gauge":{"dataPoints":[{"asInt":"-9007199254740993",TIME}]}}"""), $"n{{host.name=a}} {At} -9007199254740992" },
        { Message("""{"name":"n","gauge":{"dataPoints":[{"asDouble":7,TIME,"flags":1}]}}"""), $"n{{host.name=a}} {At} NaN" },
        { Message("""{"name":"n","gauge":{"dataPoints":[{ TIME,"flags":1}]}}"""), $"n{{host.name=a}} {At} NaN" },
        { Message("""{"name":"c","sum":{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"asInt":5,TIME}]}}"""), $"c{{host.name=a}} {At} 5" },
        {
            Message("""{"name":"c","sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true,"dataPoints":[{"asInt":"30",TIME,"startTimeUnixNano":"1544712650300000000"}]}}"""),
            $"c_rate{{host.name=a}} {At} 3"
        },
        { Message("""{"name":"c","sum":{"aggregationTemporality":1,"dataPoints":[{"asInt":"30",TIME}]}}"""), $"c_rate{{host.name=a}} {At} NaN" },
        {
            Message("""{"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":"6","sum":4.5,"bucketCounts":["1","2","3"],"explicitBounds":[0.5,2],TIME}]}}"""),
            $"h_count{{host.name=a}} {At} 6\nh_sum{{host.name=a}} {At} 4.5\nh_bucket{{host.name=a,le=0.5}} {At} 1\nh_bucket{{host.name=a,le=2}} {At} 3\nh_bucket{{host.name=a,le=+Inf}} {At} 6"
        },
        {
            Message("""{"name":"e","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[{"count":"20","startTimeUnixNano":"1544712650300000000",TIME}]}}"""),
            $"e_count_rate{{host.name=a}} {At} 2"
        },
        {
            Message("""{"name":"s","summary":{"dataPoints":[{"count":"2","sum":3,"quantileValues":[{"quantile":0.99,"value":2}],TIME}]}}"""),
            $"s_count{{host.name=a}} {At} 2\ns_sum{{host.name=a}} {At} 3\ns{{host.name=a,quantile=0.99}} {At} 2"
        },
        {
            Message("""{"name":"n","gauge":{"dataPoints":[{"asDouble":1,TIME}]}}""",
                """{"attributes":[{"key":"service.name","value":{"stringValue":"kafka"}},{"key":"service.instance.id","value":{"stringValue":"b-1"}},{"key":"args","value":{"arrayValue":{"values":[]}}}]}"""),
            $"n{{service.name=kafka,service.instance.id=b-1,instance=b-1,job=kafka}} {At} 1"
        },
        { Message("""{"name":"n","gauge":{"dataPoints":[{"asDouble":1,"timeUnixNano":"0"}]}}"""), "fault: bad_time" },
        { Message("""{"name":"n","gauge":{"dataPoints":[{"asDouble":1,"timeUnixNano":"18446744073709551615"}]}}"""), "fault: bad_time" },
        { Message("""{"name":"n","gauge":{"dataPoints":[{ TIME }]}}"""), "fault: missing_part" },
        { Message("""{"name":"","gauge":{"dataPoints":[{"asDouble":1,TIME}]}}"""), "fault: missing_part" },
        { Message("""{"name":"h","histogram":{"dataPoints":[{"bucketCounts":["1"],"explicitBounds":[1,2],TIME}]}}"""), "fault: missing_part" },
        { Message("""{"name":"n","gauge":{"dataPoints":[]}}"""), "fault: empty" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Json_and_protobuf_read_alike(string json, string expected)
    {
        Assert.Equal(expected, Golden.Read(new OtlpMetrics(isJson: true), json));
        var message = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true)).Parse<MetricsData>(json);
        Assert.Equal(expected, Golden.Read(new OtlpMetrics(isJson: false), message.ToByteArray()));
    }

    [Fact]
    public void What_is_something_else_is_a_fault()
    {
        Assert.Equal("fault: syntax", Golden.Read(new OtlpMetrics(isJson: true), "cpu value=1 1"));
        Assert.Equal("fault: syntax", Golden.Read(new OtlpMetrics(isJson: true), """{"resourceMetrics":7}"""));
        Assert.Equal("fault: syntax", Golden.Read(new OtlpMetrics(isJson: false), "{}"));
        Assert.Equal("fault: empty", Golden.Read(new OtlpMetrics(isJson: true), "{}"));
    }

    /// <summary>Bytes written by hand from OpenTelemetry's field numbers: resource attribute a=b, gauge m, as_double 2 at 1 s.</summary>
    [Fact]
    public void The_field_numbers_are_opentelemetrys()
    {
        var bytes = Convert.FromHexString(
            "0A2B" + "0A0A" + "0A08" + "0A0161" + "1203" + "0A0162" + "121D" + "121B" + "0A016D" + "2A16" + "0A14" + "1900CA9A3B00000000" + "210000000000000040" + "4000");
        Assert.Equal("m{a=b} 1970-01-01T00:00:01Z 2", Golden.Read(new OtlpMetrics(isJson: false), bytes));
    }
}
