using System.Net;
using System.Net.Sockets;
using Google.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Prometheus;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Configuration;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage;
using ListenOptions = ServiMon.Predict.Server.Configuration.ListenOptions;

namespace ServiMon.Predict.Server;

/// <summary>What the live service listens with: metrics, health and the API as JSON on one port, gRPC on another.</summary>
internal static class ServiceWeb
{
    /// <exception cref="InputException">When a schedule cannot be kept.</exception>
    public static WebApplication Build(
        ServiceOptions options, IReadOnlyList<Profile> profiles, IStore store, PredictionBoard board,
        Func<string, IEnumerable<InputDistance>> inputs, TrainingCoordinator training, CollectorRegistry registry, IngestStatus status,
        SampleIntake? intake, TimeProvider time, ILoggerFactory loggers)
    {
        // The service has read its options; else every folder below the one that it was started in would be watched for settings that change.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory, Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(training);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Listen(kestrel, options.Http, HttpProtocols.Http1);
            Listen(kestrel, options.Grpc, HttpProtocols.Http2);
        });
        var byName = profiles.ToDictionary(p => p.Name);
        builder.Services.AddPredictApi(_ => new ApiParts
        {
            Board = board, InputDistances = inputs, History = store.History, Incidents = store.Incidents, Models = store.Models, Log = store.Log,
            Profiles = byName, Training = training, Intake = intake ?? RefusePush, Time = time,
        }, options.Api);
        builder.Services.AddRole(options.Role);
        var reads = options.Kafka is not null;
        builder.Services.AddHealthChecks()
            .AddCheck("partitions", () => Result(ReadTrouble(reads, status)), tags: [PredictApi.IngestTag, PredictApi.ScoringTag])
            .AddCheck("state", () => Result(SaveTrouble(status)), tags: [PredictApi.IngestTag, PredictApi.ScoringTag])
            .AddCheck("push", () => Result(intake is null ? NoPush : null), tags: [PredictApi.IngestTag]);
        if (options.Schedules.Length > 0) builder.Services.AddRetraining(options.Schedules, byName.Keys, time);
        var web = builder.Build();
        web.MapPredictApi();
        web.MapMetrics("/metrics", registry);
        web.MapGet("/health", () =>
        {
            string[] troubles = [.. new[] { ReadTrouble(reads, status), SaveTrouble(status) }.OfType<string>()];
            return Results.Json(new { status = troubles.Length == 0 ? "serving" : "not_serving", role = options.Role.Text(), troubles },
                statusCode: troubles.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        return web;
    }

    /// <summary>Tries every port that is given, before anything is opened or written.</summary>
    /// <exception cref="InputException">With each that cannot be listened on.</exception>
    public static void CheckPorts(ServiceOptions options)
    {
        var problems = new List<Problem>();
        foreach (var (key, listen) in new[] { ("http.port", options.Http), ("grpc.port", options.Grpc) })
            try
            {
                if (listen.Port == 0) continue;
                using var listener = new TcpListener(listen.Address == "localhost" ? IPAddress.Loopback : IPAddress.Parse(listen.Address), listen.Port);
                listener.Start();
            }
            catch (SocketException e)
            {
                problems.Add(new Problem(key, FormattableString.Invariant($"cannot listen on {listen.Address}:{listen.Port}: {e.Message}")));
            }
        if (problems.Count > 0) throw new InputException(problems);
    }

    private const string NoPush = "pushed samples need a topic of format servimon: name one under kafka.topics, or produce to the topics that are read";

    private static string? ReadTrouble(bool reads, IngestStatus status) => reads && !status.IsConnected ? "no partition is read: no broker answers, or none is assigned" : null;

    private static string? SaveTrouble(IngestStatus status) => status.CanSave ? null : "state cannot be saved";

    private static HealthCheckResult Result(string? trouble) => trouble is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(trouble);

    /// <summary>Pushed samples would have to be as safe as those from Kafka, whose offsets are saved with the state that they made.</summary>
    private static Task<SampleReceipt> RefusePush(V1.PushSamplesRequest request, CancellationToken ct) =>
        throw ApiFailure.Failure(Code.FailedPrecondition, "PUSH_NOT_CONFIGURED", NoPush);

    private static void Listen(KestrelServerOptions kestrel, ListenOptions listen, HttpProtocols protocols)
    {
        // "localhost" is both loopback addresses, which cannot share a port that is taken as it comes.
        if (listen.Address == "localhost" && listen.Port != 0) kestrel.ListenLocalhost(listen.Port, o => o.Protocols = protocols);
        else kestrel.Listen(listen.Address == "localhost" ? IPAddress.Loopback : IPAddress.Parse(listen.Address), listen.Port, o => o.Protocols = protocols);
    }
}
