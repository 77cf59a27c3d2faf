using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Storage.Embedded;
using ServiMon.Predict.Testing;

namespace ServiMon.Predict.Cli.Stack;

/// <summary>Tests over one live service share this collection.</summary>
[CollectionDefinition(nameof(LiveStack))]
public sealed class LiveStackCollection : ICollectionFixture<LiveStack>;

/// <summary>
/// The service as a process, fed through Kafka in real time, and a real Prometheus that scrapes it with the deployed rules: four pumps, one
/// well, one running hot again and again, one stopped, and one that has fallen silent while it ran hot and so keeps that prediction. Neither starts where there is no Prometheus.
/// </summary>
public sealed partial class LiveStack : IAsyncLifetime
{
    public const string Well = "array-1/pump-1", Hot = "array-1/pump-2", Stopped = "array-1/pump-3", Silent = "array-1/pump-4";

    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-stack-").FullName;
    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _stop = new();
    private MockCluster? _cluster;
    private RunningProcess? _service;
    private RunningPrometheus? _prometheus;
    private Task _producing = Task.CompletedTask;
    private string _url = "";

    internal string ModelId { get; private set; } = "";

    /// <summary>The greatest probability since the start.</summary>
    internal static string HighestRisk(string asset) => $$"""max_over_time(servimon_predict_failure_probability_ratio{asset="{{asset}}", horizon="15s"}[10m])""";

    internal RunningPrometheus Prometheus
    {
        get
        {
            OutsideTool.Require("prometheus", "promtool");
            return _prometheus!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (OutsideTool.Find("prometheus") is null || OutsideTool.Find("promtool") is null) return;
        var profile = Path.Combine(_folder, "pump.yaml");
        await File.WriteAllTextAsync(profile, PumpFleet.ProfileText);
        using (var store = EmbeddedStore.Open(Path.Combine(_folder, "store")))
            ModelId = await PumpFleet.TrainAsync(store, _folder, TimeProvider.System.GetUtcNow().AddHours(-1), CancellationToken.None);
        _cluster = new MockCluster();
        _producing = ProduceAsync(_cluster);
        var configuration = Path.Combine(_folder, "service.json");
        await File.WriteAllTextAsync(configuration, $$"""
            {
              "store": {"path": "{{Path.Combine(_folder, "store")}}"}, "profiles": ["{{profile}}"], "http": {"port": 0}, "grpc": {"port": 0},
              "kafka": {"servers": "{{_cluster.Servers}}", "save_every": "1s", "topics": [{"topic": "metrics", "format": "prometheus-json"}]},
              "outcomes": {"resolve_every": "1s"}, "retention": {"history": "30d"}
            }
            """);
        _service = new RunningProcess("dotnet", Path.Combine(AppContext.BaseDirectory, "servimon.dll"), "serve", "--config", configuration);
        _url = await _service.UntilAsync(() => Task.FromResult(MetricsAddress().Match(_service.Said) is { Success: true } m ? m.Groups[1].Value : null), () => "the service listens");
        var prometheus = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(prometheus, $"""
            global: {"{scrape_interval: 1s, evaluation_interval: 1s}"}
            rule_files: ["{TestFiles.RepositoryRoot}/deploy/prometheus/rules/*.yml"]
            scrape_configs:
              - job_name: servimon-predict
                static_configs: [{"{"}targets: ["{new Uri(_url).Authority}"]{"}"}]
            """);
        _prometheus = new RunningPrometheus(prometheus, Path.Combine(_folder, "prometheus"));
        // Every horizon has passed for something, the hot pump is near its limit, and the rule of a stopped pump has spoken.
        await _prometheus.UntilAsync("servimon_predict_brier_score_ratio{horizon=\"15s\"}", s => s.Count == 1);
        await _prometheus.UntilAsync($"{HighestRisk(Hot)} > 0.5", s => s.Count == 1);
        await _prometheus.UntilAsync($"servimon_predict_prediction_state{{asset=\"{Stopped}\", state=\"in_incident\"}} == 1", s => s.Count == 1);
    }

    /// <summary>What the service tells on <c>/metrics</c> now.</summary>
    internal Task<string> MetricsAsync()
    {
        OutsideTool.Require("prometheus", "promtool");
        return _http.GetStringAsync($"{_url}/metrics");
    }

    /// <summary>What the service tells as JSON now.</summary>
    internal Task<JsonElement> JsonAsync(string path) => _http.GetFromJsonAsync<JsonElement>($"{_url}{path}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _producing;
        _prometheus?.Dispose();
        _service?.Dispose();
        _cluster?.Dispose();
        _http.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A minute that has been, then every second as it passes; with what live topics also hold: a value that is none, an unknown metric, no JSON.</summary>
    private async Task ProduceAsync(MockCluster cluster)
    {
        var next = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60);
        var first = next;
        var silentFrom = next.AddSeconds(40);
        cluster.Produce("metrics", 0, "{"u8.ToArray());
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            do
            {
                for (; next <= TimeProvider.System.GetUtcNow(); next = next.AddSeconds(1))
                {
                    Produce(Well, 0, true);
                    Produce(Hot, Math.Min(60, (next - first).TotalSeconds % 80), true);
                    Produce(Stopped, 0, next < silentFrom);
                    if (next < silentFrom) Produce(Silent, 15 + (next - first).TotalSeconds, true);
                    cluster.Produce("metrics", 0, PumpFleet.Message(Well, "flow", next.AddMilliseconds(500), "NaN"));
                    cluster.Produce("metrics", 0, PumpFleet.Message(Well, "unheard_of", next, "1"));
                }
                cluster.Flush();
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The tests are over.
        }

        void Produce(string asset, double heat, bool isRunning)
        {
            foreach (var message in PumpFleet.Messages(asset, next, heat, isRunning)) cluster.Produce("metrics", 0, message);
        }
    }

    [GeneratedRegex(@"metrics at (http://\S+)/metrics")]
    private static partial Regex MetricsAddress();
}
