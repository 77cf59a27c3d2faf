using System.Text.RegularExpressions;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Server.Tests.Telemetry;

/// <summary>The table of docs/formats/metrics.md against an exposition.</summary>
internal static partial class MetricsDocument
{
    /// <summary>Fails when a name, a type or the labels of one are not the same in both.</summary>
    /// <param name="exposition">What <c>/metrics</c> answered; labels are compared for what has samples.</param>
    public static void AssertIsTrueOf(string exposition)
    {
        var documented = Row().Matches(File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "formats", "metrics.md")))
            .ToDictionary(m => m.Groups["name"].Value, m => (Type: m.Groups["type"].Value, Labels: m.Groups["labels"].Value.Trim()));
        var live = Type().Matches(exposition).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["type"].Value);
        Assert.Equal(live.OrderBy(l => l.Key, StringComparer.Ordinal), documented.ToDictionary(d => d.Key, d => d.Value.Type).OrderBy(d => d.Key, StringComparer.Ordinal));
        foreach (Match sample in Sample().Matches(exposition))
        {
            var name = sample.Groups["name"].Value;
            var histogram = documented.Keys.FirstOrDefault(d => documented[d].Type == "histogram" && name.StartsWith(d, StringComparison.Ordinal));
            var labels = Label().Matches(sample.Groups["labels"].Value).Select(l => l.Groups["name"].Value).Where(l => histogram is null || l != "le");
            Assert.Equal($"{name}: {documented[histogram ?? name].Labels}", $"{name}: {string.Join(", ", labels)}");
        }
    }

    [GeneratedRegex(@"^\| `(?<name>servimon_predict_\w+)` \| (?<type>\w+) \|(?<labels>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^# TYPE (?<name>servimon_predict_\w+) (?<type>\w+)", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^(?<name>servimon_predict_\w+)(\{(?<labels>.*)\})? \S+", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("(?<name>\\w+)=\"")]
    private static partial Regex Label();
}
