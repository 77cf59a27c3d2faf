using System.Text.Json;
using System.Text.RegularExpressions;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>The Grafana dashboards: every query runs on a real Prometheus that scrapes the live service, and has to return something.</summary>
[Collection(nameof(LiveStack))]
public sealed partial class DashboardTests(LiveStack stack)
{
    private static readonly string Folder = Path.Combine(TestFiles.RepositoryRoot, "deploy", "grafana");

    /// <summary>What variables stand for; every asset-specific panel looks at the pump that runs hot.</summary>
    private static readonly (string Variable, string Value)[] Values =
    [
        ("$__rate_interval", "10s"), ("$__range", "1m"), ("$profile", "pump"), ("$asset", LiveStack.Hot), ("$horizon", "5s"), ("$instance", ".+"),
    ];

    public static TheoryData<string> Dashboards => [.. Directory.EnumerateFiles(Path.Combine(Folder, "dashboards"), "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Dashboards))]
    public async Task Every_query_of_every_panel_returns_data(string file)
    {
        using var dashboard = Read(file);
        var asked = 0;
        foreach (var panel in Panels(dashboard))
            foreach (var target in panel.GetProperty("targets").EnumerateArray())
            {
                var expression = Substitute(target.GetProperty("expr").GetString()!);
                await stack.Prometheus.UntilAsync(expression, series => series.Any(s => double.IsFinite(s.Value)));
                asked++;
            }
        Assert.True(asked > 0, $"{file} asks nothing");
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public async Task Variables_and_annotations_find_something(string file)
    {
        using var dashboard = Read(file);
        foreach (var variable in dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Where(v => v.GetProperty("type").GetString() == "query"))
        {
            var match = LabelValues().Match(Substitute(variable.GetProperty("definition").GetString()!));
            Assert.True(match.Success, $"{variable.GetProperty("definition")} is not of the form label_values(series, label)");
            var found = await stack.Prometheus.QueryAsync($"count by ({match.Groups["label"].Value}) ({match.Groups["series"].Value})");
            Assert.NotEmpty(found);
            Assert.All(found, s => Assert.NotEmpty(s.Labels[match.Groups["label"].Value]));
        }
        foreach (var annotation in dashboard.RootElement.GetProperty("annotations").GetProperty("list").EnumerateArray())
        {
            var expression = annotation.GetProperty("expr").GetString()!.Replace("$profile", "pump", StringComparison.Ordinal);
            var found = await stack.Prometheus.QueryAsync(expression.Replace("$asset", LiveStack.Stopped, StringComparison.Ordinal));
            // Nothing is down on purpose here.
            Assert.Equal(annotation.GetProperty("name").GetString() == "Incident" ? 1 : 0, found.Count);
        }
    }

    [Fact]
    public void Dashboards_can_be_moved_and_linked_to()
    {
        var uids = new HashSet<string>();
        foreach (var file in Dashboards.Select(row => row.Data))
        {
            using var dashboard = Read(file);
            var root = dashboard.RootElement;
            Assert.True(uids.Add(root.GetProperty("uid").GetString()!), $"{file}: a uid twice");
            Assert.False(root.TryGetProperty("id", out _), $"{file}: an id belongs to one instance of Grafana");
            Assert.Equal("datasource", root.GetProperty("templating").GetProperty("list")[0].GetProperty("type").GetString());
            Assert.All(DataSourceUid().Matches(root.GetRawText()), m => Assert.Equal("${datasource}", m.Groups[1].Value));
            Assert.DoesNotContain("://", root.GetRawText(), StringComparison.Ordinal);
            foreach (Match link in DashboardLink().Matches(root.GetRawText()))
                Assert.True(File.ReadAllText(Path.Combine(Folder, "dashboards", "asset.json")).Contains($"\"uid\": \"{link.Groups[1].Value}\"", StringComparison.Ordinal), link.Value);
            var ids = Panels(dashboard).Select(p => p.GetProperty("id").GetInt32()).ToList();
            Assert.Equal(ids.Count, ids.Distinct().Count());
            Assert.All(Panels(dashboard), p => Assert.NotEmpty(p.GetProperty("description").GetString()!));
        }
        Assert.Equal(["servimon-asset", "servimon-fleet-risk", "servimon-model-quality", "servimon-service"], uids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_provisioned_fits_together()
    {
        string Provisioned(params string[] parts) => File.ReadAllText(Path.Combine([Folder, "provisioning", .. parts]));
        var uid = Regex.Match(Provisioned("datasources", "prometheus.yml"), @"uid: (\S+)").Groups[1].Value;
        var alerting = Provisioned("alerting", "servimon.yml");
        Assert.All(Regex.Matches(alerting, @"datasourceUid: (\S+)"), m => Assert.Contains(m.Groups[1].Value, new[] { uid, "__expr__" }));
        var receivers = Regex.Matches(alerting, @"(?:receiver|name): (servimon)\n").Count;
        Assert.Equal(2, receivers);
    }

    [Fact]
    public async Task The_alert_rule_of_Grafana_is_understood() =>
        await stack.Prometheus.QueryAsync(Regex.Match(File.ReadAllText(Path.Combine(Folder, "provisioning", "alerting", "servimon.yml")), "expr: '(.*)'").Groups[1].Value);

    private static JsonDocument Read(string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "dashboards", file)));

    private static IEnumerable<JsonElement> Panels(JsonDocument dashboard) => dashboard.RootElement.GetProperty("panels").EnumerateArray();

    private static string Substitute(string text) => Values.Aggregate(text, (t, v) => t.Replace(v.Variable, v.Value, StringComparison.Ordinal));

    [GeneratedRegex(@"^label_values\((?<series>.+), (?<label>\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex("\"type\": \"prometheus\",\\s*\"uid\": \"([^\"]+)\"")]
    private static partial Regex DataSourceUid();

    [GeneratedRegex(@"/d/([\w-]+)")]
    private static partial Regex DashboardLink();
}
