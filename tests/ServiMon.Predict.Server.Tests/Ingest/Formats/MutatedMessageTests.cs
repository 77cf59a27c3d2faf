using System.Text;
using CsCheck;
using Google.Protobuf;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.V1;

namespace ServiMon.Predict.Server.Tests.Ingest.Formats;

/// <summary>Whatever the bytes: a message is read or has a fault, and its series can be read or not; nothing is thrown.</summary>
public sealed class MutatedMessageTests
{
    private const string Telling = "{}[]\",:=\\ \n0-i";

    public static TheoryData<string, string> Seeds() => new()
    {
        { "prometheus-json", """{"timestamp":"1970-01-01T00:00:10Z","value":"1.25","name":"foo","labels":{"__name__":"foo","a":"\u0041\n"}}""" },
        { "telegraf-json", """{"metrics":[{"fields":{"u":99.1,"n":true},"name":"cpu","tags":{"host":"a"},"timestamp":1458229140}]}""" },
        { "influx", "cpu\\ x,host=a\\,b u=99.1,n=3i,up=true,t=\"a\\\"b\" 1422568543702900257\nm value=1 5" },
        { "otlp-json", """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"c","sum":{"aggregationTemporality":1,"dataPoints":[{"asInt":"5","startTimeUnixNano":"1","timeUnixNano":"9"}]}}]}]}]}""" },
        { "otlp-proto", Convert.ToBase64String(new JsonParser(JsonParser.Settings.Default).Parse<Server.Ingest.Formats.Otlp.MetricsData>(
            """{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":"b"}}]},"scopeMetrics":[{"metrics":[{"name":"h","histogram":{"dataPoints":[{"count":"3","sum":2,"bucketCounts":["1","2"],"explicitBounds":[1],"timeUnixNano":"9"}]}}]}]}]}""").ToByteArray()) },
        { "remote-write", Convert.ToBase64String(RemoteWriteTests.Message(("__name__=up,instance=aaaaaaaaaaaaaaaaaaaa", 1, 2), ("__name__=up,instance=aaaaaaaaaaaaaaaaaaab", 3, 4))) },
        { "servimon", Convert.ToBase64String(new SampleBatch
        {
            Profile = "p", Asset = "a", Metrics = { "m", "n" }, TimeOffsetNanos = { 1, 2, 3 }, MetricIndex = { 0, 1, 0 }, Value = { 1, 2, 3 },
        }.ToByteArray()) },
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_is_thrown(string name, string seed)
    {
        ISampleFormat format = name switch
        {
            "prometheus-json" => new PrometheusJson(),
            "telegraf-json" => new TelegrafJson(),
            "influx" => new InfluxLines(),
            "otlp-json" => new OtlpMetrics(isJson: true),
            "otlp-proto" => new OtlpMetrics(isJson: false),
            "remote-write" => new RemoteWrite(),
            _ => new ServimonBatch(),
        };
        var whole = name is "servimon" or "otlp-proto" or "remote-write" ? Convert.FromBase64String(seed) : Encoding.UTF8.GetBytes(seed);
        Assert.DoesNotContain("fault", Golden.Read(format, whole));
        var edit = Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 3], Gen.OneOf(Gen.Byte, Gen.Int[0, Telling.Length - 1].Select(i => (byte)Telling[i])));
        edit.Array[1, 6].Sample(edits => Golden.Read(format, Edited(whole, edits)), iter: 4000, threads: 1);
    }

    private static byte[] Edited(byte[] whole, (int At, int How, byte With)[] edits)
    {
        var bytes = whole.ToList();
        foreach (var (where, how, with) in edits)
        {
            var at = Math.Min(where, bytes.Count);
            if (how == 0) bytes.Insert(at, with);
            else if (how == 1 && at < bytes.Count) bytes[at] = with;
            else if (how == 2 && at < bytes.Count) bytes.RemoveAt(at);
            else if (with < 8) bytes.RemoveRange(at, bytes.Count - at);
        }
        return [.. bytes];
    }
}
