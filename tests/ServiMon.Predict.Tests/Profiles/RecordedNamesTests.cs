using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Profiles;

/// <summary>Inference against the groups and types that people wrote down for 246 real metrics.</summary>
public sealed class RecordedNamesTests
{
    [Theory]
    [InlineData("kafka")]
    [InlineData("cassandra")]
    public void Guesses_agree_with_the_documented_groups_and_kinds(string system)
    {
        var readme = TestFiles.OutsideData("servimon-recorded", system, "README.md");
        Assert.SkipUnless(readme is not null, TestFiles.SkipReason);
        var documented = File.ReadLines(readme).Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .Select(l => l.Split('|', StringSplitOptions.TrimEntries)).ToDictionary(c => c[1].Trim('`'), c => (Group: c[2], Kind: c[3]));
        Assert.True(documented.Count > 100);
        var profile = ProfileReader.Parse("{profile: p, step: 2s, horizons: [30s]}", "p.yaml");

        var guesses = ProfileInference.Complete(profile, [.. documented.Keys]).Metrics;

        // An offset is documented as the gauge that the exporter gives; as a level it would only tell the time.
        var kinds = guesses.Where(m => !m.Name.EndsWith("_offset", StringComparison.Ordinal))
            .Where(m => (m.Kind == MetricKind.Counter) != (documented[m.Name].Kind == "counter")).Select(m => m.Name);
        Assert.Empty(kinds);
        var groups = guesses.Where(m => m.Group != documented[m.Name].Group)
            .Select(m => $"{m.Name}: {m.Group}, documented {documented[m.Name].Group}").ToList();
        Assert.True(groups.Count <= documented.Count / 10, string.Join('\n', groups));
    }
}
