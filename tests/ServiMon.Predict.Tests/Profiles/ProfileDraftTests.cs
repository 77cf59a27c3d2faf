using CsCheck;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Profiles;

public sealed class ProfileDraftTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static Profile Parse(string yaml) => ProfileReader.Parse(yaml, "draft.yaml");

    [Fact]
    public void Writes_a_profile_with_reasons()
    {
        var text = ProfileDraft.Write("pump", TimeSpan.FromHours(1), ["process_open_fds", "process_max_fds", "errors_total", "event_timestamp"]);
        Assert.Contains("horizons: [15h, 30h, 60h]", text);
        Assert.Contains("process_open_fds: {kind: gauge, group: pressure, limit: process_max_fds}  # ", text);
        Assert.Contains("errors_total: {kind: counter, group: structural_state, role: error}  # _total; structural_state: failed operations", text);
        Assert.Contains("  - event_timestamp\n", text);
        Assert.Equal(3, Parse(text).Metrics.Length);
    }

    [Fact]
    public void Looks_at_the_sample()
    {
        var text = ProfileDraft.Write("pump", Minute, ["pgfault", "setting", "level"], new Dictionary<string, ColumnStatistics>
        {
            ["pgfault"] = new(1000, 0, 1e6, 990, 2), ["setting"] = new(1000, 518.67, 518.67, 0, 0), ["level"] = new(1000, 0, 10, 500, 499),
        });
        Assert.Equal([MetricKind.Counter, MetricKind.Gauge, MetricKind.Gauge], Parse(text).Metrics.Select(m => m.Kind));
        Assert.Contains("always 518.67 in the sample", text);
    }

    [Fact]
    public void Means_what_inference_would_have_meant()
    {
        var words = Gen.OneOf<string>("node", "memory", "used", "free", "max", "total", "bytes", "gc", "seconds", "errors", "probe", "up", "latency",
            "ms", "ratio", "percent", "busy", "requests", "a b", "x:y", "\"q\"", "\\", "#", "é", "null", "7", "{", "'");
        var names = words.Array[1, 4].Select(w => string.Join('_', w)).Array[0, 10];
        names.Sample(columns =>
        {
            var distinct = columns.Distinct().ToArray();
            var drafted = ProfileInference.Complete(Parse(ProfileDraft.Write("p", Minute, columns)), distinct);
            var inferred = ProfileInference.Complete(Parse("{profile: p, step: 1m, horizons: [15m, 30m, 1h]}"), distinct);
            Assert.Equal(inferred.Metrics, drafted.Metrics);
        }, iter: 1000);
    }

    [Theory]
    [InlineData("kafka", 2)]
    [InlineData("cassandra", 2)]
    public void Drafts_recorded_data(string system, int step)
    {
        var samples = TestFiles.OutsideData("servimon-recorded", system, "samples.csv");
        Assert.SkipUnless(samples is not null, TestFiles.SkipReason);
        var columns = File.ReadLines(samples).First().Split(',')[2..];
        var text = ProfileDraft.Write(system, TimeSpan.FromSeconds(step), columns);
        Assert.Equal(columns.Length, Parse(text).Metrics.Length);
        Assert.Contains("horizons: [30s, 1m, 2m]", text);
    }

    [Fact]
    public void Refuses_what_no_profile_may_hold()
    {
        Assert.Throws<ArgumentException>(() => ProfileDraft.Write("no name", Minute, []));
        Assert.Throws<ArgumentException>(() => ProfileDraft.Write("p", TimeSpan.Zero, []));
        Assert.Throws<ArgumentException>(() => ProfileDraft.Write("p", TimeSpan.FromDays(8), []));
        var problems = Assert.Throws<InputException>(() => ProfileDraft.Write("p", Minute, ["a", "", "b\nc"])).Problems;
        Assert.Equal(["column 2", "column 3"], problems.Select(p => p.Where));
    }
}
