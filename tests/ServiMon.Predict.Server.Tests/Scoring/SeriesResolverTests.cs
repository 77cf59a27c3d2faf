using ServiMon.Predict.Evidence;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Formats;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Tests.Scoring;

public sealed class SeriesResolverTests
{
    private static readonly LiveProfile[] Profiles = [Live("broker"), Live("node")];

    [Theory]
    [InlineData(null, "broker")]
    [InlineData("broker", "broker")]
    [InlineData("node", "node")]
    [InlineData("drive", null)]
    public void A_label_names_the_profile_where_several_have_the_metric(string? label, string? expected)
    {
        KeyValuePair<string, string>[] labels = label is null ? [new("asset", "a")] : [new("asset", "a"), new("servimon_profile", label)];
        var drop = new SeriesResolver(new IngestBounds()).Resolve(new SeriesIdentity("process_open_fds", labels), Profiles, null, out var profile, out var asset, out _);
        Assert.Equal((expected is null ? DropReason.UnknownSeries : DropReason.None, expected, expected is null ? "" : "a"), (drop, profile?.Name, asset));
    }

    [Fact]
    public void What_a_topic_is_bound_to_comes_before_the_label()
    {
        var series = new SeriesIdentity("process_open_fds", [new("asset", "a"), new("servimon_profile", "broker")]);
        Assert.Equal(DropReason.None, new SeriesResolver(new IngestBounds()).Resolve(series, Profiles, "node", out var profile, out _, out _));
        Assert.Equal("node", profile!.Name);
    }

    private static LiveProfile Live(string name) => new(new EvidenceModel(
        ProfileReader.Parse($"profile: {name}\nstep: 1m\nhorizons: [1h]\nmetrics:\n  process_open_fds:\n", $"{name}.yaml")), null, "");
}
