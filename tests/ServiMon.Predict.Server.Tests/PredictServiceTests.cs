using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Tests.Ingest;
using ServiMon.Predict.Server.Tests.Telemetry;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Tests;

/// <summary>The whole service in this process: Kafka in, gauges out.</summary>
public sealed class PredictServiceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("servimon-service-").FullName;
    private readonly HttpClient _http = new();

    [Fact]
    public async Task Samples_on_a_topic_become_gauges_and_a_stop_drains()
    {
        using var cluster = new MockCluster();
        using var store = EmbeddedStore.Open(_folder);
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource<string>();
        var options = Options(cluster.Servers);
        var running = PredictService.RunAsync(options, [LiveFleets.Profile], store, TimeProvider.System, NullLoggerFactory.Instance, a => listening.SetResult(a[0]), stop.Token);
        var url = await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        for (var step = 0; step < 50; step++)
            foreach (var metric in new[] { "cpu", "requests_total", "queue" }) cluster.Produce("metrics", 0, LiveFleets.Json("a", metric, 2 * step, step));
        cluster.Flush();

        var text = await Until($"{url}/metrics", "servimon_predict_steps_scored_total 44");
        Assert.Contains("servimon_predict_samples_accepted_total 150", text);
        Assert.Contains("servimon_predict_prediction_state{profile=\"broker\",asset=\"a\",state=\"no_model\"}", text);
        Assert.Contains("servimon_predict_scoring_duration_seconds_count 44", text);
        Assert.Contains("\"serving\"", await Until($"{url}/health", "\"serving\""));
        await Until($"{url}/metrics", "servimon_predict_consumer_lag_messages{topic=\"metrics\",partition=\"0\"} 0");
        MetricsDocument.AssertIsTrueOf(await _http.GetStringAsync($"{url}/metrics", TestContext.Current.CancellationToken));

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var saved = await store.Log.FindStateAsync("live/servimon-predict", "offset/metrics/0", TestContext.Current.CancellationToken);
        Assert.Equal(150, new StateReader(saved!.Body.Span).Long());
    }

    [Fact]
    public async Task Without_a_broker_the_service_runs_and_says_that_it_is_not_serving()
    {
        using var store = EmbeddedStore.Open(_folder);
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource<string>();
        var running = PredictService.RunAsync(Options("127.0.0.1:1"), [LiveFleets.Profile], store, TimeProvider.System, NullLoggerFactory.Instance, a => listening.SetResult(a[0]), stop.Token);
        var url = await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var answer = await _http.GetAsync($"{url}/health", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("no partition is read", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("servimon_predict_ingest_up 0", await _http.GetStringAsync($"{url}/metrics", TestContext.Current.CancellationToken));
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static ServiceOptions Options(string servers) => new()
    {
        Profiles = ["broker"],
        Http = new ListenOptions("127.0.0.1", 0),
        Grpc = new ListenOptions("127.0.0.1", 0),
        LookEvery = TimeSpan.FromMilliseconds(200),
        Kafka = new KafkaOptions
        {
            Servers = servers, Topics = [new TopicOptions("metrics", "prometheus-json")], RetireAfter = TimeSpan.FromDays(3650),
            SaveEvery = TimeSpan.FromMilliseconds(500),
        },
    };

    private async Task<string> Until(string url, string part)
    {
        var text = "";
        for (var i = 0; i < 600; i++)
        {
            text = await (await _http.GetAsync(url, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (text.Contains(part, StringComparison.Ordinal)) return text;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Fail($"after 30 s not yet '{part}' but: {text}");
        return text;
    }
}
