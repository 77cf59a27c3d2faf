using System.Collections.Immutable;
using ServiMon.Predict.Server.Api;
using ServiMon.Predict.Server.Ingest;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;

namespace ServiMon.Predict.Server.Configuration;

/// <summary>Where a server listens.</summary>
/// <param name="Address">An IP address, or <c>localhost</c>.</param>
/// <param name="Port">0 to 65535; 0 for one that is free.</param>
public sealed record ListenOptions(string Address, int Port);

/// <summary>What the live service is told. Read by <see cref="ServiceOptionsReader"/>; keys in docs/formats/service-configuration.md.</summary>
public sealed record ServiceOptions
{
    /// <summary>The profiles that are served: paths, or names of files in models/. At least one.</summary>
    public ImmutableArray<string> Profiles { get; init; } = [];

    /// <summary>What this instance does. Default all.</summary>
    public ServiceRole Role { get; init; }

    /// <summary>Where samples come from; null: only what is pushed.</summary>
    public KafkaOptions? Kafka { get; init; }

    public IngestBounds Bounds { get; init; } = new();

    /// <summary>Metrics, health and the API as JSON, over HTTP/1.1. Default 127.0.0.1:5080.</summary>
    public ListenOptions Http { get; init; } = new("127.0.0.1", 5080);

    /// <summary>gRPC, over HTTP/2 without TLS. Default 127.0.0.1:5081.</summary>
    public ListenOptions Grpc { get; init; } = new("127.0.0.1", 5081);

    /// <summary>How the API behaves under load.</summary>
    public ApiOptions Api { get; init; } = new();

    /// <summary>How far back resolved predictions are looked at for the live scores when the service starts. Default 7 d, range 0 s to 3650 d.</summary>
    public TimeSpan LookBack { get; init; } = TimeSpan.FromDays(7);

    /// <summary>When profiles are trained anew. Default never; at most one for each profile.</summary>
    public ImmutableArray<RetrainingSchedule> Schedules { get; init; } = [];

    /// <summary>Folder in which training keeps how far it has read. Default null: nowhere, and a run that is stopped starts from the beginning.</summary>
    public string? Checkpoints { get; init; }

    /// <summary>Most assets that get gauges. Default 10,000, range 0 to 1,000,000.</summary>
    public int ExportedAssets { get; init; } = 10_000;

    /// <summary>What estimating when metrics pass their limits may cost. Default 4 metrics a second, 3 told of each asset.</summary>
    public BreachOptions Breaches { get; init; } = new();

    /// <summary>How long what is stored is kept, and how often what is older is removed. Default: all of it, for ever.</summary>
    public RetentionOptions Retention { get; init; } = RetentionOptions.None;

    /// <summary>Predictions for steps before this time are not logged: of a past that the model was trained on. No key; default: all are.</summary>
    public DateTimeOffset LogFrom { get; init; } = DateTimeOffset.MinValue;

    /// <summary>How often champions and incidents are looked at. Default 5 s, range 100 ms to 1 h.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often predictions whose horizon has passed are resolved. Default 1 min, range 1 s to 1 d.</summary>
    public TimeSpan ResolveEvery { get; init; } = TimeSpan.FromMinutes(1);
}
