using System.Text.RegularExpressions;
using ServiMon.Predict.House;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>Recording and alert rules: that they are right, that every alert has a case, and that they count on metrics that exist.</summary>
[Collection(nameof(LiveStack))]
public sealed partial class RuleTests(LiveStack stack)
{
    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "deploy", "prometheus");

    [Fact]
    public void Promtool_accepts_the_configuration_and_the_rules()
    {
        OutsideTool.Require("promtool");
        OutsideTool.Run("promtool", null, ["check", "rules", .. Files("rules")]).Expect(0);
        var ended = OutsideTool.Run("promtool", null, ["check", "config", "--syntax-only", Path.Combine(Folder, "prometheus.yml")]);
        Assert.True(ended.Code == 0, ended.Out + ended.Error);
    }

    [Fact]
    public void Promtool_passes_the_cases_of_the_rules()
    {
        OutsideTool.Require("promtool");
        var ended = OutsideTool.Run("promtool", null, ["test", "rules", .. Files("tests")]);
        Assert.True(ended.Code == 0, ended.Out + ended.Error);
    }

    [Fact]
    public void Every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not_and_stands_in_the_documentation()
    {
        var cases = string.Concat(Files("tests").Select(File.ReadAllText));
        var documentation = SourceTree.Read("docs/deployment.md");
        foreach (var alert in Files("rules").SelectMany(f => AlertName().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value).Distinct())
        {
            Assert.Matches($@"alertname: {alert}\s*\n\s*eval_time: [^\n]+\n\s*exp_alerts:", cases);
            Assert.Contains(alert, documentation, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Recorded_series_of_the_live_service_have_values()
    {
        foreach (var record in AssetRulesApart().SelectMany(f => RecordName().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value))
            await stack.Prometheus.UntilAsync(record, series => series.Count > 0 && series.All(s => double.IsFinite(s.Value)));
    }

    [Fact]
    public async Task Rules_and_dashboards_name_metrics_that_the_service_exports()
    {
        var exported = await ServiceMetrics.ExportedAsync(stack);
        var dashboards = Directory.EnumerateFiles(Path.Combine(TestFiles.RepositoryRoot, "deploy", "grafana", "dashboards"));
        TidyTests.AssertNone("metrics that nobody exports", Files("rules").Concat(dashboards).SelectMany(f => ServiceMetrics.In(File.ReadAllText(f))).Distinct()
            .Where(m => !exported.Contains(m)));
    }

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(Path.Combine(Folder, folder), "*.yml").Order(StringComparer.Ordinal)];

    /// <summary>The rules that name exporters' metrics as profiles do need those exporters.</summary>
    private static IEnumerable<string> AssetRulesApart() => Files("rules").Where(f => Path.GetFileName(f) != "assets.yml");

    [GeneratedRegex(@"^\s*- alert: (\w+)", RegexOptions.Multiline)]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^\s*- record: (\S+)", RegexOptions.Multiline)]
    private static partial Regex RecordName();
}
