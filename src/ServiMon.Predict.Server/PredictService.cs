using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Scoring;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Ingest.Rekeying;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Server.Telemetry;
using ServiMon.Predict.Storage;

namespace ServiMon.Predict.Server;

/// <summary>The live service: Kafka in, predictions out.</summary>
public static class PredictService
{
    /// <summary>How often it is asked whether retention is due: a sixth of the shortest interval that it may have.</summary>
    private static readonly TimeSpan RetentionLook = TimeSpan.FromSeconds(10);

    /// <summary>How often the lease of a stopped training is looked at: short against the two minutes that it lasts.</summary>
    private static readonly TimeSpan StoppedLook = TimeSpan.FromSeconds(10);

    /// <summary>Tells before anything is opened which addresses cannot be listened on.</summary>
    /// <exception cref="InputException">With each of them.</exception>
    public static void CheckPorts(ServiceOptions options) => ServiceWeb.CheckPorts(options);

    /// <summary>Runs until stopped, then drains: state and offsets are saved, partitions given back.</summary>
    /// <param name="profiles">Those that the options name, read.</param>
    /// <param name="started">Told the addresses that are listened on: that of HTTP, then that of gRPC.</param>
    /// <exception cref="InputException">When an address cannot be listened on, or a schedule cannot be kept.</exception>
    /// <exception cref="StoreException">When the store does not answer at the start.</exception>
    public static async Task RunAsync(
        ServiceOptions options, IReadOnlyList<Profile> profiles, IStore store, TimeProvider time, ILoggerFactory loggers,
        Action<IReadOnlyList<string>> started, CancellationToken stop)
    {
        options = options.OfItsRole();
        if (options.Retention.Check(profiles) is { Count: > 0 } wrong) throw new InputException(wrong);
        var instance = FormattableString.Invariant($"{Environment.MachineName}-{Environment.ProcessId}");
        var board = new PredictionBoard();
        var watch = new ChampionWatch(store.Models, store.Incidents, profiles, loggers.CreateLogger("servimon.models"));
        async Task<IReadOnlyList<LiveProfile>> LookAsync(CancellationToken ct) => [.. (await watch.LookAsync(ct))
            .Select(p => options.Role.Scores() ? p : p with { Model = null, ModelId = "" })];
        var known = (await LookAsync(stop)).ToDictionary(p => p.Name);
        var fleet = new LiveFleet(known.Values, options.Bounds, board, time) { LogFrom = options.LogFrom };
        using var outcomes = new OutcomeResolver(
            store.Log, profiles, name => Volatile.Read(ref known).TryGetValue(name, out var p) ? p.Timelines : new Dictionary<string, Timeline>(), time);
        var status = new IngestStatus();
        var registry = Metrics.NewCustomRegistry();
        DotNetStats.Register(registry);
        var gauged = new GaugedAssets(board, options.ExportedAssets);
        if (options.Role.Scores()) _ = new AssetGauges(registry, board, gauged, name => Volatile.Read(ref known).TryGetValue(name, out var p) ? p.Profile.Horizons : []);
        _ = new ServiceMetrics(registry, fleet.Counts, options.Kafka is null ? null : status);
        using var storeMeters = new StoreMeters(registry);
        _ = new ModelGauges(registry, () => watch.Champions, () => outcomes.Scores);
        var breaches = new BreachWatch(board, name => Volatile.Read(ref known).GetValueOrDefault(name), store.History, options.Breaches, time);
        var runs = new TrainingRuns();
        _ = new ReliabilityGauges(registry, () => outcomes.Scores);
        _ = new DriftGauges(registry, () => watch.Champions, () => outcomes.Scores);
        IEnumerable<InputDistance> InputsOf(LiveProfile profile) => InputDistance.Of(profile.Model, fleet.RecentOf(profile.Name));
        _ = new InputGauges(registry, () => Volatile.Read(ref known).Values.Select(p => (p.Name, InputsOf(p))));
        _ = new TrainingMetrics(registry, runs, [.. profiles.Select(p => p.Name)]);
        var retention = !options.Retention.Limits.IsAny ? null
            : new RetentionWatch(store, options.Retention, [.. profiles.Select(p => p.Name)], time, loggers.CreateLogger("servimon.retention"), instance);
        _ = new RetentionMetrics(registry, retention);
        _ = new BreachGauges(registry, board, breaches, gauged);
        using var ingest = options.Kafka is null ? null
            : new KafkaIngest(options.Kafka, options.Bounds, fleet, new ScoringStates(store.Log, store.History, store.Incidents, options.Kafka.Group, outcomes.ResolveLateAsync),
                status, time, loggers.CreateLogger("servimon.ingest"));

        using var push = options.Kafka?.Push is { } topic ? new SamplePush(options.Kafka, topic, options.Bounds, () => Volatile.Read(ref known).Values, time) : null;
        PushMetrics.Add(registry, push);
        RekeyRelay[] relays = options.Kafka is not { } kafka ? [] : [.. kafka.Rekeyed.Select(t => new RekeyRelay(
            kafka, t, [.. known.Values], options.Bounds, store.Models, status, new RekeyStatus(t.Topic), time, loggers.CreateLogger("servimon.rekey"), instance))];
        RekeyMetrics.Add(registry, [.. relays.Select(r => r.Status)]);
        var retraining = new Retraining(store.History, store.Incidents, store.Models, profiles.ToDictionary(p => p.Name), options.Checkpoints);
        await using var training = new TrainingCoordinator(store.Models, retraining, runs, time, loggers.CreateLogger<TrainingCoordinator>(), instance);
        var stopped = new StoppedRuns(retraining, training, store.Models, options.Schedules.Select(s => s.Order));
        IEnumerable<InputDistance> InputsOfModel(string id) => Volatile.Read(ref known).Values.Where(p => p.ModelId == id).SelectMany(InputsOf);
        await using var web = ServiceWeb.Build(
            options, profiles, store, board, InputsOfModel, training, registry, status, push is null ? null : push.TakeAsync, time, loggers);
        await StartAsync(web, options, stop);
        started([.. web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses]);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var looking = EveryAsync(options.LookEvery, time, loggers.CreateLogger("servimon.models"), async () =>
        {
            var changed = await LookAsync(ending.Token);
            if (changed.Count == 0) return;
            Volatile.Write(ref known, known.Values.Where(k => changed.All(c => c.Name != k.Name)).Concat(changed).ToDictionary(p => p.Name));
            foreach (var profile in changed) ingest?.Use(profile);
        }, ending.Token);
        var isRestored = false;
        var resolving = !options.Role.Scores() ? Task.CompletedTask : EveryAsync(options.ResolveEvery, time, loggers.CreateLogger("servimon.outcomes"), async () =>
        {
            if (!isRestored) await outcomes.RestoreAsync(options.LookBack, ending.Token);
            isRestored = true;
            await outcomes.ResolveAsync(ending.Token);
        }, ending.Token);
        var breaching = options.Breaches.PerSecond == 0 || !options.Role.Scores() ? Task.CompletedTask
            : EveryAsync(TimeSpan.FromSeconds(1), time, loggers.CreateLogger("servimon.breaches"), () => breaches.RoundAsync(ending.Token), ending.Token);
        var retaining = retention is null ? Task.CompletedTask
            : EveryAsync(RetentionLook, time, loggers.CreateLogger("servimon.retention"), () => retention.RoundAsync(ending.Token), ending.Token);
        var rekeying = Task.WhenAll(relays.Select(r => r.RunAsync(ending.Token)));
        var restarting = options.Schedules.Length == 0 ? Task.CompletedTask
            : EveryAsync(StoppedLook, time, loggers.CreateLogger("servimon.training"), () => stopped.RoundAsync(ending.Token), ending.Token);
        try
        {
            // Ends when stopped; earlier only by a failure, which then ends the service.
            await (ingest?.RunAsync(stop) ?? Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(_ => { }, CancellationToken.None));
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(looking, resolving, breaching, retaining, restarting, rekeying);
            await web.StopAsync(CancellationToken.None);
        }
    }

    private static async Task StartAsync(WebApplication web, ServiceOptions options, CancellationToken stop)
    {
        try
        {
            await web.StartAsync(stop);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The address that is taken stands in the message, before a colon.
            var isGrpc = e.Message.Contains(FormattableString.Invariant($":{options.Grpc.Port}:"), StringComparison.Ordinal);
            var listen = isGrpc ? options.Grpc : options.Http;
            throw new InputException(isGrpc ? "grpc.port" : "http.port", $"cannot listen on {listen.Address}:{listen.Port}: {e.InnerException?.Message ?? e.Message}");
        }
    }

    /// <summary>Does something over and over; a store that does not answer is asked again the next time.</summary>
    private static async Task EveryAsync(TimeSpan pause, TimeProvider time, ILogger logger, Func<Task> work, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(pause, time);
        var isFailing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
                try
                {
                    await work();
                    isFailing = false;
                }
                catch (StoreException e)
                {
                    if (!isFailing) logger.StoreRefuses(e.Message);
                    isFailing = true;
                }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }
}

/// <summary>What the service as a whole says. Event ids 1200 to 1299.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(1200, LogLevel.Warning, "the store does not answer ({Reason}); asking again")]
    public static partial void StoreRefuses(this ILogger logger, string reason);
}
