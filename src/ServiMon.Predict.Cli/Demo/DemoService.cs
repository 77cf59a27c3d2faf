using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ServiMon.Predict.Cli.Feed;
using ServiMon.Predict.Server;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Cli.Demo;

/// <summary>The service as <c>serve</c> runs it, in this process, on the demo's clock and broker.</summary>
internal sealed class DemoService : IAsyncDisposable
{

    /// <summary>The world goes fast: what takes a service seconds elsewhere would be days here.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new();
    private readonly Task _running;
    private readonly EmbeddedStore _store;
    private readonly string _group;

    private DemoService(DemoScript script, EmbeddedStore store, string servers, DemoClock clock, ILoggerFactory loggers, ServiceOptions ports, Action<IReadOnlyList<string>> started)
    {
        _store = store;
        // A name of its own: what an earlier demo has saved belongs to a broker that is gone.
        _group = string.Create(CultureInfo.InvariantCulture, $"demo-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss}-{Environment.ProcessId}");
        var profiles = script.Fleets.Select(f => f.Profile).ToList();
        var options = ports with
        {
            Profiles = [.. profiles.Select(p => p.Name)],
            LookEvery = LookEvery,
            LogFrom = script.Origin,
            ResolveEvery = TimeSpan.FromSeconds(1),
            Kafka = new KafkaOptions
            {
                Servers = servers,
                Group = _group,
                Topics = [.. profiles.Select(p => new TopicOptions(TargetOf(p.Name).Topic, TargetOf(p.Name).Format, p.Name))],
                SaveEvery = TimeSpan.FromSeconds(2),
                RetireAfter = TimeSpan.FromDays(365),
                // The mock of a cluster lets a fetch that finds nothing wait its whole time, whatever comes meanwhile.
                Settings = ImmutableDictionary<string, string>.Empty.Add("fetch.wait.max.ms", "20"),
            },
        };
        _running = PredictService.RunAsync(options, profiles, store, clock, loggers, started, _stop.Token);
    }

    /// <summary>Samples come as Prometheus' own adapter writes them, which names no profile: each has a topic.</summary>
    public static FeedTarget TargetOf(string profile) => new($"telemetry.{profile}", FeedFormat.PrometheusJson);

    /// <summary>Where metrics, health and JSON are answered, without a slash at the end.</summary>
    public string HttpUrl { get; private set; } = "";

    /// <summary>Where gRPC is answered.</summary>
    public string GrpcUrl { get; private set; } = "";

    /// <summary>Starts it and waits until it listens. Ports that are taken are told, and others are used.</summary>
    public static async Task<DemoService> StartAsync(
        DemoScript script, EmbeddedStore store, MockBroker broker, DemoClock clock, ILoggerFactory loggers, Action<string> note, CancellationToken stop)
    {
        foreach (var fleet in script.Fleets) broker.MakeTopic(TargetOf(fleet.Profile.Name).Topic);
        var defaults = new ServiceOptions();
        var ports = new ServiceOptions { Http = FreeOr(defaults.Http, "metrics and JSON", note), Grpc = FreeOr(defaults.Grpc, "gRPC", note) };
        var listening = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = new DemoService(script, store, broker.Servers, clock, loggers, ports, listening.SetResult);
        await Task.WhenAny(listening.Task, service._running).WaitAsync(stop);
        if (service._running.IsFaulted) await service._running;
        (service.HttpUrl, service.GrpcUrl) = ((await listening.Task)[0], (await listening.Task)[1]);
        return service;
    }

    /// <summary>Does work for as long as the service runs; should it fail, the work is stopped and the failure told.</summary>
    public async Task DuringAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var working = work(end.Token);
        await Task.WhenAny(working, _running);
        if (!working.IsCompleted)
        {
            await end.CancelAsync();
            await working.ContinueWith(_ => { }, CancellationToken.None);
            await _running;
        }
        await working;
    }

    /// <summary>Waits until every message is read.</summary>
    public Task ReadAsync(long messages, CancellationToken stop) => UntilAsync(
        text => text.Split('\n').FirstOrDefault(l => l.StartsWith("servimon_predict_messages_total ", StringComparison.Ordinal)) is { } line
            && double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture) >= messages, stop);

    /// <summary>Waits until all of these models are what is scored with.</summary>
    public Task ScoresWithAsync(IEnumerable<string> models, CancellationToken stop) =>
        UntilAsync(text => models.All(m => text.Contains($"\"{m}\"", StringComparison.Ordinal)), stop);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
            // Nobody will go on from here: the broker goes with the demo.
            var scope = $"live/{_group}";
            var keys = await _store.Log.ReadStatesAsync(scope, CancellationToken.None).Select(s => s.Key).ToListAsync();
            await _store.Log.DeleteStatesAsync(scope, keys, CancellationToken.None);
        }
        catch (Exception) when (_running.IsFaulted)
        {
            // Told by whoever waited for it.
        }
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task UntilAsync(Func<string, bool> isSo, CancellationToken stop)
    {
        while (!isSo(await _http.GetStringAsync($"{HttpUrl}/metrics", stop))) await Task.Delay(AskEvery, stop);
    }

    private static ListenOptions FreeOr(ListenOptions wanted, string what, Action<string> note)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Parse(wanted.Address), wanted.Port);
            probe.Start();
            return wanted;
        }
        catch (SocketException)
        {
            note(string.Create(CultureInfo.InvariantCulture, $"port {wanted.Port} is taken, perhaps by another servimon: {what} will be answered on another port, see below"));
            return wanted with { Port = 0 };
        }
    }
}
