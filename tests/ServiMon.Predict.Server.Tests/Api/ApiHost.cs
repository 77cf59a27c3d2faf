using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiMon.Predict.Profiles;
using ServiMon.Predict.Server.Scheduling;
using ServiMon.Predict.Server.Scoring;
using ServiMon.Predict.Storage.Embedded;

namespace ServiMon.Predict.Server.Api;

/// <summary>The API over an embedded store, on loopback sockets of this process: one for gRPC, one for JSON.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly WebApplication _app;
    private readonly TrainingCoordinator _training;

    private ApiHost(Func<ApiHost, ITrainingWork> work, ApiOptions options, IReadOnlyDictionary<string, Profile> profiles)
    {
        Store = EmbeddedStore.Open(_folder.Path);
        _training = new TrainingCoordinator(Store.Models, work(this), new TrainingRuns(), TimeProvider.System, NullLogger<TrainingCoordinator>.Instance, "test");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddPredictApi(_ => new ApiParts
        {
            Board = Board, History = Store.History, Incidents = Store.Incidents, Models = Store.Models, Log = Store.Log, Profiles = profiles,
            Training = _training, Intake = (request, ct) => Intake(request, ct),
            InputDistances = id =>
            {
                AskedInputs.Add(id);
                return [new InputDistance(profiles.Values.First().Metrics[0].Name, 500, 0.25)];
            },
        }, options);
        _app = builder.Build();
        _app.MapPredictApi();
    }

    public PredictionBoard Board { get; } = new(maxWatches: 3);

    /// <summary>The models for which it was asked how far live values are from theirs.</summary>
    public List<string> AskedInputs { get; } = [];

    public EmbeddedStore Store { get; }

    public GrpcChannel Channel { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>What becomes of pushed samples: by default they all count.</summary>
    public SampleIntake Intake { get; set; } = (request, _) => Task.FromResult(new SampleReceipt(request.Batches.Sum(b => (long)b.Value.Count), new Dictionary<string, long>()));

    public V1.PredictionService.PredictionServiceClient Predictions => new(Channel);

    public V1.ModelService.ModelServiceClient Models => new(Channel);

    public V1.IncidentService.IncidentServiceClient Incidents => new(Channel);

    public V1.ForecastService.ForecastServiceClient Forecasts => new(Channel);

    public V1.SampleService.SampleServiceClient Samples => new(Channel);

    public static async Task<ApiHost> StartAsync(
        Func<ApiHost, ITrainingWork>? work = null, ApiOptions? options = null, IReadOnlyDictionary<string, Profile>? profiles = null)
    {
        var host = new ApiHost(work ?? (_ => new HandWork()), options ?? new ApiOptions(), profiles ?? RampFleet.Profiles);
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        var addresses = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        host.Channel = GrpcChannel.ForAddress(addresses[0]);
        host.Http = new HttpClient { BaseAddress = new Uri(addresses[1]) };
        return host;
    }

    /// <summary>Stops listening as a service does that is told to end.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _training.DisposeAsync();
        using (var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1))) await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        Store.Dispose();
        _folder.Dispose();
    }

    /// <summary>The failure of a call: its code, the reason of its ErrorInfo, and the whole status.</summary>
    public static async Task<(StatusCode Code, string Reason, Google.Rpc.Status Status)> FailureOf(Func<Task> call)
    {
        var thrown = await Assert.ThrowsAsync<RpcException>(call);
        var status = thrown.GetRpcStatus();
        Assert.True(status is not null, $"no details: {thrown.Status}");
        var info = status.GetDetail<Google.Rpc.ErrorInfo>();
        Assert.Equal("servimon.predict", info.Domain);
        return (thrown.StatusCode, info.Reason, status);
    }

    /// <summary>The fields that a call was refused for.</summary>
    public static async Task<string[]> FieldsOf(Func<Task> call)
    {
        var (code, reason, status) = await FailureOf(call);
        Assert.Equal((StatusCode.InvalidArgument, "INVALID_FIELD"), (code, reason));
        var violations = status.GetDetail<Google.Rpc.BadRequest>().FieldViolations;
        Assert.All(violations, v => Assert.NotEmpty(v.Description));
        return [.. violations.Select(v => v.Field)];
    }
}
